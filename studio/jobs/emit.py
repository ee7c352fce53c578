"""What a computation tells the studio on its way: numbered events, each kept until home has it.

An event has a key that says what it is, "check 40" say, whoever computes it again: a key told once
is told the same afterwards, with the number and the figures of the first time. So a computation
that was cut off and goes on tells nothing twice. Home applies events once each, by job and number.
"""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from studio.errors import StudioError

Answer = Literal["go on", "stop", "prune"]
JOURNAL = "events.jsonl"


@dataclass(frozen=True)
class Event:
    """An event of a job, numbered from 1. `kind` is what home does with it; `body` is plain JSON,
    files in it by their path in the computation's folder and their SHA-256."""

    number: int
    kind: str
    key: str
    body: dict[str, Any]


class Emit:
    """Handed to a computation. `send` takes an event home and answers; `line` is told words for
    people, `context.Progress` among them; `stepped` each step of a drawing, of 0 steps where there
    is nothing to tell, and raises where the job was cancelled."""

    def __init__(
        self,
        workdir: Path,
        send: Callable[[Event], Answer],
        line: Callable[[str], None],
        stepped: Callable[[int, int], None] = lambda step, steps: None,
    ) -> None:
        self.file, self.send = workdir / JOURNAL, send
        self.say, self.step = line, stepped
        self.told = {event.key: event for event in read(workdir)}

    def __call__(self, kind: str, key: str, body: Mapping[str, Any]) -> Answer:
        """Tell an event, and whether to go on. It is on the disk before it is sent."""
        event = self.told.get(key)
        if event is None:
            event = Event(len(self.told) + 1, kind, key, dict(body))
            self._append(event)
            self.told[key] = event
        return self.send(event)

    def heard(self, event: Event) -> Answer:
        """An event of this computation that another machine told: kept here as one that was told
        here, and sent. StudioError where one before it is missing."""
        known = self.told.get(event.key)
        if known is None:
            if event.number != len(self.told) + 1:
                raise StudioError(
                    f"Event {event.number} came after {len(self.told)} others.",
                    "The other machine tells another story than before: ask for it anew.",
                )
            self._append(event)
            self.told[event.key] = known = event
        return self.send(known)

    def again(self) -> None:
        """Send all that was told before: home leaves alone what it has."""
        for event in list(self.told.values()):
            self.send(event)

    def of(self, kind: str) -> list[Event]:
        """The events of a kind so far, in their order."""
        return [event for event in self.told.values() if event.kind == kind]

    def _append(self, event: Event) -> None:
        line = json.dumps(asdict(event), allow_nan=True).encode() + b"\n"
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            with self.file.open("ab", buffering=0) as file:
                whole = file.tell()
                try:
                    if file.write(line) < len(line):
                        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
                    os.fsync(file.fileno())
                except OSError:
                    file.truncate(whole)  # what came behind a half would be lost with it
                    raise
        except OSError as error:
            raise StudioError(
                f"{self.file} could not be written: {error}", "Make room on the disk, then go on."
            ) from error


def read(workdir: Path) -> list[Event]:
    """The events that were told from a folder; what a kill tore is cut off."""
    file, found = workdir / JOURNAL, list[Event]()
    try:
        data = file.read_bytes()
    except FileNotFoundError:
        return found
    whole = 0
    for line in data.splitlines(keepends=True):
        try:
            event = Event(**json.loads(line))
        except (ValueError, TypeError):
            break
        if not line.endswith(b"\n") or event.number != len(found) + 1:
            break
        found.append(event)
        whole += len(line)
    if whole < len(data):
        os.truncate(file, whole)
    return found

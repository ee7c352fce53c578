"""What a run's process tells home, and hears: frames that are on the disk until home has them."""

from __future__ import annotations

import time
from dataclasses import asdict
from pathlib import Path
from typing import Any, cast

from studio.context import Progress
from studio.jobs.emit import Answer, Event
from studio.masking import masked
from studio.worker.machine import folders
from studio.worker.machine.results import Results

LOOK_S = 0.1  # between two looks whether home cancelled the run
STEP_S = 0.2  # between two steps that are told
QUIET_S = 60.0  # without a word from home, after which no answer is waited for
SOON_S, LATER_S = 0.002, 0.05  # between two looks for an answer
LONGEST = 2_000  # characters of a line for people


class Cancelled(BaseException):
    """Home wants no more of the run."""


class Telling:
    """The frames of one run. `answers` are what home said to events, by number: what it answered
    before is not told again."""

    def __init__(self, folder: Path, results: Results, answers: dict[int, str]) -> None:
        self.folder, self.results = folder, results
        self.answers, self.late = answers, set[int]()
        self.after = 0
        self.looked = self.stepped = 0.0
        folders.mend(folder / folders.FRAMES)
        self._hear()

    def say(self, line: str) -> None:
        """A line for people; a `Progress` says how far the work is."""
        self.look()
        frame: dict[str, Any] = {"say": masked(line)[:LONGEST]}
        if isinstance(line, Progress):
            frame["at"] = [line.done, line.total, line.unit, line.phase]
        self._tell(frame)

    def step(self, step: int, steps: int) -> None:
        """A step of a drawing. Raises Cancelled."""
        self.look()
        if steps and (time.monotonic() - self.stepped > STEP_S or step == steps):
            self.stepped = time.monotonic()
            self._tell({"step": [step, steps]})

    def event(self, event: Event) -> Answer:
        """Tell an event, with all files that are there by then, and wait for what home says to it;
        without a word from home for QUIET_S the work goes on, and hears it later."""
        if (known := self.answers.get(event.number)) is not None:
            return cast(Answer, known)
        self.look()
        self._tell({"event": asdict(event), "files": self.results.changes()})
        pause = SOON_S
        while event.number not in self.answers:
            if folders.heard_ago(self.folder, time.time()) > QUIET_S:
                self.late.add(event.number)
                return self._told_late()
            time.sleep(pause)
            pause = min(pause * 1.5, LATER_S)
            self.look()
            self._hear()
        return cast(Answer, self.answers[event.number])

    def end(self) -> dict[str, list[Any]]:
        """The last frame; every file of the folder, with its hash and size."""
        self._tell({"files": self.results.changes()})
        return self.results.all()

    def look(self) -> None:
        """Raises Cancelled once home wants no more."""
        if time.monotonic() - self.looked > LOOK_S:
            self.looked = time.monotonic()
            if (self.folder / folders.CANCEL).exists():
                raise Cancelled

    def _told_late(self) -> Answer:
        """What home said, after its time, to an event that was not waited for."""
        self._hear()
        for number in sorted(self.late & self.answers.keys()):
            self.late.discard(number)
            if self.answers[number] != "go on":
                return cast(Answer, self.answers[number])
        return "go on"

    def _hear(self) -> None:
        found, self.after = folders.answers(self.folder, self.after)
        self.answers |= found

    def _tell(self, frame: dict[str, Any]) -> None:
        folders.append(self.folder / folders.FRAMES, frame)

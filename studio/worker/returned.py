"""What a run tells home, as frames, and its files: fetched before anything that speaks of them is
applied, each with the hash that it was said to have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from studio.context import Progress
from studio.errors import StudioError
from studio.jobs.emit import JOURNAL, Emit, Event
from studio.remote import client, protocol
from studio.remote.connection import Connection
from studio.worker.kind import Outcome
from studio.worker.steps import COMPUTED, digest

HIDDEN = ".part"  # the end of what is still being written
OWN = (JOURNAL, COMPUTED)  # which home alone writes


class Returned:
    """The folder `workdir` at home, brought up to what the machine's is."""

    def __init__(self, workdir: Path, machine: Connection) -> None:
        self.workdir, self.machine = workdir, machine
        self.there: dict[str, tuple[str, int] | None] = {}  # as told, and not looked at here yet
        self.here: dict[str, str] = {}

    def frame(self, frame: dict[str, Any], emit: Emit) -> tuple[int, str] | None:
        """Apply a frame. Of an event its number, and what is said to it."""
        try:
            self._told(frame.get("files", {}))
            step = tuple(map(int, frame["step"])) if "step" in frame else ()
            line = _line(frame) if "say" in frame else None
            event = Event(**frame["event"]) if "event" in frame else None
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise protocol.unclear("what it does", error) from error
        if len(step) == 2:
            emit.step(*step)
        if line is not None:
            emit.say(line)
        if event is None:
            return None
        if event.key not in emit.told:  # else its files came before it was noted
            self.bring()
        return event.number, emit.heard(event)

    def _told(self, files: Mapping[str, Any]) -> None:
        for path, kept in files.items():
            if path not in OWN:
                self.there[protocol.checked_path(path)] = _file(kept)

    def bring(self) -> None:
        """Fetch what is other than here, and take away what is gone there."""
        for path, told in list(self.there.items()):
            file = self.workdir / path
            if told is None:
                file.unlink(missing_ok=True)
                self.here.pop(path, None)
            else:
                hash, size = told
                if self.here.get(path) != hash and digest(file) != hash:
                    client.fetch(self.machine, hash, size, file)
                self.here[path] = hash
            del self.there[path]

    def outcome(self, hash: str) -> Outcome:
        """What came of the run, all of its files here. StudioError where the machine says one thing
        of a file and gives another."""
        told = client.document(self.machine, hash)
        try:
            self._told(told["folder"])
            outcome = Outcome(dict(told["figures"]), dict(told["files"]))
            wrong = [p for p, one in outcome.files.items() if told["folder"].get(p, [""])[0] != one]
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise protocol.unclear("what came of it", error) from error
        if wrong:
            raise StudioError(
                f"{self.machine.address.name} says of {wrong[0][:80]} that it has one SHA-256, and "
                "gives another.",
                "Nothing of it was kept. Look at that machine before it is used again.",
            )
        self.bring()
        return outcome


def files_of(workdir: Path) -> dict[str, str]:
    """What is in a computation's folder, by its path, each with its SHA-256: a computation that was
    cut off goes on from it."""
    return {
        file.relative_to(workdir).as_posix(): digest(file)
        for file in _below(workdir)
        if file != workdir / COMPUTED
    }


def _below(workdir: Path) -> Iterator[Path]:
    for file in sorted(workdir.rglob("*")):
        hidden = file.name.startswith(".") and file.name.endswith(HIDDEN)
        if file.is_file() and not file.is_symlink() and not hidden:
            yield file


def _file(told: Any) -> tuple[str, int] | None:
    if told is None:
        return None
    hash, size = told
    if int(size) < 0:
        raise ValueError(size)
    return protocol.checked_hash(hash), int(size)


def _line(frame: dict[str, Any]) -> str:
    line = str(frame["say"])
    if "at" not in frame:
        return line
    done, total, unit, phase = frame["at"]
    return Progress(line, int(done), int(total), str(unit), str(phase))

"""A run's folder on its machine: what was asked, how it stands, what it told and was answered.

The server writes how it stands and what was answered, the run's own process what it tells and its
end; each file has one writer, and a reader sees whole lines.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from studio.errors import StudioError
from studio.jobs.processes import Group
from studio.remote import protocol
from studio.remote.protocol import Asked, State, Status
from studio.store.publish import publish

HOME = "machine"  # where all of it lies, in the machine's folder
STATE, ASKED, END = "state.json", "asked.json", "end.json"
FRAMES, ANSWERS, LOG = "frames.jsonl", "answers.jsonl", "log.txt"
CANCEL, HEARD = "cancel", "heard"  # files whose being there, and whose time, says it
LOG_BYTES = 256 * 1024  # of the log in one answer


@dataclass(frozen=True)
class Kept:
    """How a run stands. Moments are seconds since 1970; `spent` are seconds that it computed,
    `seconds` those that it may; `waits` how long it may wait to begin. `lost` counts how often its
    process ended without a word; `group` is that process."""

    id: str
    kind: str
    lane: str
    asked: str
    asked_at: float
    seconds: float
    waits: float
    state: State = "IN_QUEUE"
    began_at: float = 0.0
    ended_at: float = 0.0
    spent: float = 0.0
    lost: int = 0
    group: Group | None = None
    cancelled: bool = False
    late: bool = False  # it computed for longer than it may
    outcome: str = ""
    error: str = ""
    remedy: str = ""

    @property
    def ended(self) -> bool:
        return self.state in protocol.ENDED

    def status(self, now: float) -> Status:
        """As home is told it."""
        waited = (self.began_at or self.ended_at or now) - self.asked_at
        return Status(
            self.id,
            self.state,
            max(0, round(waited * 1_000)),
            max(0, round(self.spent * 1_000)),
            self.outcome,
            self.error,
            self.remedy,
        )


@dataclass(frozen=True)
class End:
    """How a run's own process ended it: COMPLETED with what came of it, FAILED, or CANCELLED."""

    state: State
    outcome: str = ""
    error: str = ""
    remedy: str = ""


def write(folder: Path, kept: Kept) -> None:
    """Keep how the run in this folder stands."""
    publish(folder / STATE, json.dumps(asdict(kept)), flush=False)


def read(folder: Path) -> Kept | None:
    """How the run in this folder stands; None where nothing was kept."""
    try:
        told = json.loads((folder / STATE).read_text("utf-8"))
        group = told.pop("group")
        return Kept(**told, group=Group(**group) if group else None)
    except (OSError, ValueError, TypeError, KeyError):
        return None


def all_of(root: Path) -> list[Kept]:
    """Every run whose folder is below `root`, the oldest first."""
    found = [read(folder) for folder in root.glob("*") if protocol.ID.fullmatch(folder.name)]
    return sorted((one for one in found if one), key=lambda one: (one.asked_at, one.id))


def asked(folder: Path) -> Asked:
    """What the run is to compute. StudioError where that is none of this program's."""
    try:
        found = Asked(**json.loads((folder / ASKED).read_text("utf-8")))
        for hash in (*(one for one, _, _ in found.inputs.values()), *found.files.values()):
            protocol.checked_hash(hash)
        names = [found.folder, *(name for _, _, name in found.inputs.values())]
        for path in (*found.files, *names):
            protocol.checked_path(path)
        if any("/" in name for name in names):
            raise ValueError("a name with a folder in it")
        return found
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise StudioError(
            f"What is asked can't be read ({type(error).__name__}).",
            "Bring both machines to the same version of the studio.",
        ) from error


def work(folder: Path, asked: Asked) -> Path:
    """Where it computes: the folder has the name that it has at home."""
    return folder / "in" / asked.folder


def end(folder: Path) -> End | None:
    """How its process ended it; None where it did not yet."""
    try:
        return End(**json.loads((folder / END).read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def note_end(folder: Path, end: End) -> None:
    """As the run's own process does at last."""
    publish(folder / END, json.dumps(asdict(end)), flush=False)


def requeued(kept: Kept) -> Kept:
    """The same to be begun once more."""
    return replace(kept, state="IN_QUEUE", group=None)


def append(file: Path, told: Any) -> None:
    """A line more, in one write."""
    line = json.dumps(told, allow_nan=True).encode() + b"\n"
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    try:
        written = os.write(handle, line)
        if written < len(line):
            os.ftruncate(handle, os.fstat(handle).st_size - written)
            raise OSError(28, os.strerror(28))
    finally:
        os.close(handle)


def mend(file: Path) -> None:
    """Cut off the half of a line that a kill left."""
    with suppress(FileNotFoundError):
        data = file.read_bytes()
        whole = data.rfind(b"\n") + 1
        if whole < len(data):
            os.truncate(file, whole)


def lines(file: Path, after: int = 0, most: int = protocol.FRAMES) -> tuple[list[Any], int]:
    """The whole lines from a place on, of about `most` bytes and at least one where there is one;
    and the place behind them."""
    try:
        with file.open("rb") as opened:
            opened.seek(after)
            data = opened.read(most)
            while data and b"\n" not in data and (more := opened.read(most)):
                data += more
    except FileNotFoundError:
        return [], after
    whole = data.rfind(b"\n") + 1
    found = [json.loads(line) for line in data[:whole].splitlines()]
    return found, after + whole


def answers(folder: Path, after: int = 0) -> tuple[dict[int, str], int]:
    """What home said to events, by their number, from a place on; and the place behind."""
    found, after = lines(folder / ANSWERS, after)
    return {int(one["number"]): str(one["answer"]) for one in found}, after


def log(folder: Path, after: int) -> tuple[str, int]:
    """What the run's process said from a place on, in whole lines; and the place behind."""
    try:
        with (folder / LOG).open("rb") as opened:
            opened.seek(after)
            data = opened.read(LOG_BYTES)
    except FileNotFoundError:
        return "", after
    whole = len(data) if len(data) == LOG_BYTES else data.rfind(b"\n") + 1
    return data[:whole].decode("utf-8", "replace"), after + whole


def heard_ago(folder: Path, now: float) -> float:
    """Seconds since home asked for this run last."""
    try:
        return now - (folder / HEARD).stat().st_mtime
    except OSError:
        return 0.0

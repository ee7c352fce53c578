"""Files that nobody noted: found where they lie, so that whatever wrote them, they go up too.

What the studio writes is renamed into its place, which changes its folder's time; so only folders
whose time changed are listed again.
"""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine

from studio.database.engine import writing
from studio.outbox import files
from studio.store.contents import FOLDER as STORE

# Of the studio's folder: what runs, or can be made again. Previews of trainings do go up
# (PREVIEWS); MLflow's files go by the paths that its records name (`studio.tracking`).
LEFT_OUT = (
    *("cache", "jobs", "logs", "machine", "mlruns", "runs", "sweeps", "uploads"),
    "machines.seal",  # opens the keys that the database has, and is in no copy of it
)
ASIDE = ("before-restore-", "studio.db", "mlflow.db")
PREVIEWS = "previews"  # runs/STYLE/RUN/previews
BACKUPS = "backups"  # there by their names, so that they are found where nothing else is left
COPIES = (".tar", ".db", ".rows.zip")  # of those, what is whole once it has its name
PASSING = (".part", ".lock", ".log", ".db", "-wal", "-shm", "-journal")
SETTLED_S = 2.0  # a folder that changed as lately may change again within the same tick
AT_ONCE = 200  # files that are read for one transaction
LARGE = 256 * 1024**2  # bytes that take long to read

Take = Callable[[Path, datetime], None]


@dataclass
class Seen:
    """Folders as they were when they were listed: time and number of each, and those in it."""

    folders: dict[str, tuple[int, int, list[str]]] = field(default_factory=dict)


def take_up(
    engine: Engine,
    home: Path,
    seen: Seen,
    now: datetime,
    go_on: Callable[[], bool],
    aside: Take | None = None,
) -> int:
    """Note the files that are new since `seen` or hold other bytes than was noted; how many.

    Stops where `go_on` says no, and looks for the rest the next time. `aside` takes large files,
    with `now`, to `note` them later; without it they are read here.
    """
    noted, batch, whole = 0, list[Path](), False
    try:
        for file in _new(home, seen):
            batch.append(file)
            if len(batch) == AT_ONCE:
                noted += note(engine, home, batch, now, aside)
                batch = []
                if not go_on():
                    return noted
        noted += note(engine, home, batch, now, aside)
        whole = True
    finally:
        if not whole:
            seen.folders.clear()
    return noted


def kept_files(home: Path) -> Iterator[Path]:
    """Every file of the studio's folder that belongs in the bucket."""
    yield from _new(home, Seen())


def belongs(path: str) -> bool:
    """Whether a file at this path within the studio's folder goes into the bucket."""
    parts = path.split("/")
    if parts[0] == "runs":
        return len(parts) > 4 and parts[3] == PREVIEWS and not _passing(parts[-1])
    if parts[0] == BACKUPS:
        return len(parts) == 2 and not parts[1].startswith(".") and parts[1].endswith(COPIES)
    return not _stays(parts[0]) and not any(map(_passing, parts))


def _new(home: Path, seen: Seen) -> Iterator[Path]:
    waiting = [""]
    while waiting:
        name = waiting.pop()
        folder = home / name
        try:
            about = folder.stat()
        except OSError:
            seen.folders.pop(name, None)
            continue
        mark, known = (about.st_mtime_ns, about.st_ino), seen.folders.get(name)
        if known is not None and known[:2] == mark:
            waiting += known[2]
            continue
        inside: list[str] = []
        found: list[Path] = []
        _list(folder, name, inside, found)
        if time.time() - about.st_mtime > SETTLED_S:
            seen.folders[name] = (*mark, inside)
        yield from found
        waiting += inside


def _list(folder: Path, name: str, inside: list[str], found: list[Path]) -> None:
    """The folders in one that may hold such files, and the files themselves."""
    try:
        entries = list(os.scandir(folder))
    except OSError:
        return
    for entry in entries:
        path = f"{name}/{entry.name}" if name else entry.name
        # The store may be a link to a larger disk; no other folder's link is followed.
        if entry.is_dir(follow_symlinks=path == STORE):
            if _leads_on(path):
                inside.append(path)
        elif entry.is_file(follow_symlinks=False) and belongs(path):
            found.append(folder / entry.name)


def _leads_on(path: str) -> bool:
    parts = path.split("/")
    if parts[0] == "runs":
        return len(parts) < 4 or parts[3] == PREVIEWS
    return not _stays(parts[0]) and not _passing(parts[-1])


def _stays(top: str) -> bool:
    return top in LEFT_OUT or top.startswith(ASIDE)


def _passing(name: str) -> bool:
    return name.startswith(".") or name.endswith(PASSING)


def note(
    engine: Engine, home: Path, batch: list[Path], now: datetime, aside: Take | None = None
) -> int:
    """Note those of these files that are new, or hold other bytes than was noted; how many. Large
    ones are given to `aside` where there is one."""
    paths = {file.relative_to(home).as_posix(): file for file in batch}
    known = files.of_paths(engine, list(paths))
    fresh = []
    for path, file in paths.items():
        try:
            about = file.lstat()
            row = known.get(path)
            if row and row.bytes == about.st_size and about.st_mtime <= _second(row.at):
                continue
            if not stat.S_ISREG(about.st_mode):
                continue
            if aside is not None and about.st_size > LARGE:
                aside(file, now)
                continue
            found = files.read(home, path, _key(path))
        except OSError:
            continue  # gone meanwhile
        if row is None or row.hash != found.hash:
            fresh.append(found)
    if fresh:
        with writing(engine) as connection:
            files.add(connection, fresh, now)
    return len(fresh)


def _key(path: str) -> str:
    return path if path.startswith(f"{BACKUPS}/") else ""


def _second(at: str) -> float:
    return datetime.fromisoformat(at).timestamp()

"""The files of a move between folder and bucket: noted, compared, brought, taken away, counted."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import TypeVar

from sqlalchemy import Engine

from studio.database.engine import writing
from studio.errors import StudioError
from studio.outbox import eviction, files
from studio.outbox.files import New, Stored
from studio.outbox.tables import UP, WAITING
from studio.store.at_once import at_once
from studio.store.bucket import MARK, Bucket
from studio.store.bucket_errors import Absent, Changed
from studio.tracking import bucket_files
from studio.tracking.bucket_files import KEYS
from studio.tracking.client import Tracking

BATCH = 200  # files between two notes of how far it is
TOLD = 1_000  # files between two lines of how far it is
BROUGHT = "brought"
PASSING = (".part", ".lock")
OURS = ("README.md",)  # of MLflow's folder in a checkout

Report = Callable[[str], None]
T = TypeVar("T")


@dataclass(frozen=True)
class Flaw:
    """A file that can't be moved, and why."""

    path: str
    key: str
    says: str


@dataclass(frozen=True)
class Brought:
    """How many files were brought into the folder; which can't be had, and which the studio deleted
    since they were sent: those are not brought."""

    count: int
    flaws: list[Flaw]
    deleted: list[Stored]


class Compared:
    """What was read back from the bucket and is as it was noted, kept in a file so that a kill
    loses none of it; a line that was torn off counts for nothing."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.lines = set(file.read_text("utf-8").split("\n")) if file.exists() else set[str]()

    def has(self, one: Stored) -> bool:
        """Whether this was read back, with these bytes."""
        return f"{one.hash} {one.key}" in self.lines

    def add(self, found: Sequence[Stored]) -> None:
        """These were."""
        lines = [f"{one.hash} {one.key}" for one in found]
        self.lines.update(lines)
        self.file.parent.mkdir(parents=True, exist_ok=True)
        with self.file.open("a", encoding="utf-8") as kept:
            kept.write("".join(f"\n{line}\n" for line in lines))

    def forget(self) -> None:
        """The move is done."""
        self.file.unlink(missing_ok=True)


def note(engine: Engine, t: Tracking, now: datetime) -> int:
    """Note the files of MLflow's folder that the outbox does not know as they are; how many."""
    count = 0
    for batch in _batches(_mlflow_files(Path(t.artifacts))):
        known = files.of_paths(engine, [bucket_files.path_of(t, name) for name in batch])
        read = [bucket_files.new(t, name) for name in batch if not _is_as_noted(t, name, known)]
        fresh = [one for one in read if one.path not in known or known[one.path].hash != one.hash]
        with writing(engine) as connection:
            files.add(connection, fresh, now)
        count += len(fresh)
    return count


def note_strangers(engine: Engine, t: Tracking, bucket: Bucket, now: datetime) -> int:
    """Note what other programs wrote among MLflow's files in the bucket, as it is there; how many.
    Keys that would lead out of the folder are passed over."""
    known = {one.key for one in files.under(engine, KEYS.rstrip("/"))}
    there = [one for one in bucket.listing(KEYS) if one[0] not in known and name_of(one[0])]
    hashes = at_once(bucket.digest, [key for key, _ in there])
    found = [
        New(bucket_files.path_of(t, name_of(key)), digest, size, key)
        for (key, size), digest in zip(there, hashes, strict=True)
    ]
    with writing(engine) as connection:
        files.add(connection, found, now)
    return len(found)


def name_of(key: str) -> str:
    """What one of MLflow's files is called in its folder; "" for a key that can be no such name."""
    path = PurePosixPath(key.removeprefix(KEYS))
    plain = path.as_posix() == key.removeprefix(KEYS) and ".." not in path.parts
    return path.as_posix() if plain and path.parts and not path.is_absolute() else ""


def read_back(
    engine: Engine, home: Path, bucket: Bucket, read: Compared, report: Report
) -> list[Flaw]:
    """Read every file from the bucket that was not yet, and compare it with what was noted; those
    that are not there as they should be, nor were when they had been sent once more."""
    rows = list(files.every(engine))
    waiting = [one for one in rows if one.state == WAITING]
    flaws = [Flaw(one.path, one.key, _why(one)) for one in waiting]
    left = [one for one in rows if one.state == UP and not read.has(one)]
    objects, bad, done = list({one.key: one for one in left}.values()), set[str](), 0
    for batch in _batches(objects):
        whole = at_once(lambda one: _is_there(home, bucket, one), batch)
        read.add([one for one, is_whole in zip(batch, whole, strict=True) if is_whole])
        bad.update(one.key for one, is_whole in zip(batch, whole, strict=True) if not is_whole)
        done += len(batch)
        if done % TOLD == 0 or done == len(objects):
            report(f"{done:,} of {len(objects):,} objects are read back and compared.")
    return flaws + [Flaw(one.path, one.key, _unread(one)) for one in left if one.key in bad]


def bring(engine: Engine, home: Path, bucket: Bucket, report: Report) -> Brought:
    """Have every file in the folder, those that are not there as they were noted from the bucket.
    Each was compared, and is on the disk.

    StudioError where the disk is full; Away and Refused as the bucket says.
    """
    rows = list(files.every(engine))
    gone = {o.path for o in rows if not may_be_away(o) and not (home / o.path).exists()}
    wanted = [one for one in rows if one.path not in gone]
    brought, flaws, done = 0, list[Flaw](), 0
    for batch in _batches(wanted):
        for one, told in zip(batch, at_once(lambda o: _here(home, bucket, o), batch), strict=True):
            brought += told == BROUGHT
            if told and told != BROUGHT:
                flaws.append(Flaw(one.path, one.key, told))
        done += len(batch)
        if done % TOLD == 0 or done == len(wanted):
            report(f"{done:,} of {len(wanted):,} files are in the folder.")
    os.sync()  # what is deleted elsewhere from now on outlives a power cut here
    return Brought(brought, flaws, [one for one in rows if one.path in gone])


def empty(bucket: Bucket, keys: Collection[str], report: Report) -> tuple[int, int]:
    """Take these objects out of the bucket; how many there were, and how many others stay."""
    there = [key for key, _ in bucket.listing() if key != MARK]
    mine = [key for key in there if key in keys]
    for number, batch in enumerate(_batches(mine), 1):
        at_once(bucket.remove, batch)
        if number * BATCH % TOLD == 0:
            report(f"{number * BATCH:,} of {len(mine):,} objects are taken out of the bucket.")
    return len(mine), len(there) - len(mine)


def take_mlflow_away(engine: Engine, t: Tracking) -> int:
    """Take MLflow's files away from the folder that are in the bucket as they are here; how many.
    The caller has read them back."""
    top, gone = Path(t.artifacts), 0
    for one in files.under(engine, KEYS.rstrip("/")):
        file = top / one.key.removeprefix(KEYS)
        if one.state == UP and _hash_of(file) == one.hash:
            file.unlink()
            gone += 1
    for folder in sorted((path for path in top.rglob("*") if path.is_dir()), reverse=True):
        if not any(folder.iterdir()):
            folder.rmdir()
    return gone


def may_be_away(one: Stored) -> bool:
    """Whether a file that is in the bucket need not be in the folder: what is read through it."""
    picture = one.path.startswith(eviction.MAY_GO) and one.path.endswith(eviction.PICTURES)
    return picture or one.key.startswith(KEYS)


def _here(home: Path, bucket: Bucket, one: Stored) -> str:
    """Empty for a file that is in the folder, BROUGHT for one that is by now, else why not."""
    target = home / one.path  # which may be whole
    if _hash_of(target) == one.hash:
        return ""
    try:
        bucket.bring(one.key, target, one.hash)
    except Absent:
        return f"{one.path} is neither in the folder as it was noted nor in the bucket."
    except Changed:
        return f"{one.path} was changed in the bucket ({one.key}), where it stays."
    if _hash_of(target) != one.hash:
        raise StudioError(
            f"What was written as {target} reads back as something else.",
            "The disk fails, perhaps: nothing was taken out of the bucket.",
        )
    noted = datetime.fromisoformat(one.at).timestamp()
    os.utime(target, (time.time(), noted))  # so that it passes for no newer one
    return BROUGHT


def _is_there(home: Path, bucket: Bucket, one: Stored) -> bool:
    """Whether a file is in the bucket as it was noted, if need be sent once more."""
    for sent in (False, True):
        with suppress(Absent):
            if bucket.digest(one.key) == one.hash:
                return True
        file = home / one.path
        if not sent and _hash_of(file) == one.hash:
            bucket.send(one.key, file, one.hash)
    return False


def _why(one: Stored) -> str:
    return f"{one.path} could not be sent. {one.said}".rstrip()


def _unread(one: Stored) -> str:
    return f"{one.path} reads back from the bucket as something else, or not ({one.key})."


def _is_as_noted(t: Tracking, name: str, known: dict[str, Stored]) -> bool:
    row, about = known.get(bucket_files.path_of(t, name)), (Path(t.artifacts) / name).stat()
    if row is None or row.key != f"{KEYS}{name}" or row.bytes != about.st_size:
        return False
    return about.st_mtime <= datetime.fromisoformat(row.at).timestamp()


def _mlflow_files(top: Path) -> Iterator[str]:
    for here, folders, names in os.walk(top):
        folders.sort()
        for name in sorted(names):
            file = Path(here, name)
            ours = file.parent == top and name in OURS
            if not ours and not name.endswith(PASSING) and file.is_file() and not file.is_symlink():
                yield file.relative_to(top).as_posix()


def _hash_of(file: Path) -> str:
    """The SHA-256 of a file, "" where there is none."""
    try:
        with file.open("rb") as opened:
            return hashlib.file_digest(opened, "sha256").hexdigest()
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return ""


def _batches(things: Iterator[T] | Sequence[T]) -> Iterator[list[T]]:
    left = iter(things)
    while batch := list(islice(left, BATCH)):
        yield batch

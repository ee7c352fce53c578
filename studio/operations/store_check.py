"""Database and bucket, compared both ways: what rows name is there, and rows name what is there."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import sqlalchemy as sa

from studio import context
from studio.assets.tables import asset_files
from studio.context import Progress, Report, Studio
from studio.errors import StudioError
from studio.outbox import files, looking, place
from studio.outbox.files import Stored
from studio.outbox.tables import GONE, UP, WAITING
from studio.store import local
from studio.store.at_once import at_once
from studio.store.bucket import OBJECTS, Bucket
from studio.store.bucket_errors import Absent

OF_JOBS = 200  # objects between two words of progress


@dataclass
class Found:
    """What differs, as paths in the studio's folder or, of `nobodys`, keys in the bucket.

    `there`: files that are up, and their `bytes`. `waiting` go up by themselves. `lacking` should
    be up and are not, though the folder has them still; `lost` are in neither. `changed` hold
    something else than was put, `unnoted` lie in the folder and no row tells of them, `unnamed` are
    named by assets alone and are nowhere. Objects that are `nobodys` no row names.
    """

    there: int = 0
    bytes: int = 0
    waiting: int = 0
    lacking: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    unnoted: list[str] = field(default_factory=list)
    unnamed: list[str] = field(default_factory=list)
    nobodys: list[str] = field(default_factory=list)

    @property
    def whole(self) -> bool:
        """Whether nothing has to be done; what waits, and what is nobody's, harms nothing."""
        return not (self.lacking or self.lost or self.changed or self.unnoted or self.unnamed)


def check(studio: Studio, report: Report, *, read: bool = False, fix: bool = False) -> Found:
    """Compare them; with `read` every object's bytes too, by their hash.

    With `fix` what the folder has still is noted to be sent again; nothing is ever deleted. Away or
    Refused where the bucket can't be asked, StudioError where there is none.
    """
    bucket = bucket_of(studio)
    held = dict(bucket.listing())
    report(f"{len(held):,} objects in {bucket.place.shown}.")
    found, named, up = Found(), set[str](), list[Stored]()
    for one in files.every(studio.engine):
        named.add(one.key)
        if one.state == WAITING:
            found.waiting += 1
        elif one.state == UP and held.get(one.key) == one.bytes:
            found.there += 1
            found.bytes += one.bytes
            up.append(one)
        elif _is_here(studio.home, one):
            found.lacking.append(one.path)
        elif _is_missed(studio, one):
            found.lost.append(one.path)
    found.nobodys = [key for key in held if key.startswith(OBJECTS) and key not in named]
    found.unnoted = _unnoted(studio)
    found.unnamed = _unnamed(studio)
    if read:
        found.changed = _changed(bucket, up, report)
    if fix:
        _mend(studio, bucket, found)
    return found


def bucket_of(studio: Studio) -> Bucket:
    """The studio's bucket, which is its own; StudioError where it has none or it is another's."""
    bucket, noted = local.bucket_of(studio.home), place.noted(studio.engine)
    if bucket is None or noted is None:
        raise StudioError(
            "This studio's files are in its folder alone.", "Set STUDIO_STORE=s3: docs/storage.md."
        )
    bucket.claim(noted.id)
    return bucket


def _is_here(home: Path, one: Stored) -> bool:
    try:
        return (home / one.path).stat().st_size == one.bytes
    except OSError:
        return False


def _is_missed(studio: Studio, one: Stored) -> bool:
    """Whether a file that is in neither was to be kept: older backups go by a lifecycle, and what
    went before it was sent is missed where an asset has it."""
    if one.path.startswith(f"{looking.BACKUPS}/"):
        return False
    if one.state != GONE:
        return True
    query = sa.select(asset_files.c.asset).where(asset_files.c.path == one.path).limit(1)
    with studio.engine.connect() as connection:
        return connection.execute(query).first() is not None


def _unnoted(studio: Studio) -> list[str]:
    """Files of the folder that belong in the bucket and are in no row."""
    names = [file.relative_to(studio.home).as_posix() for file in looking.kept_files(studio.home)]
    known = files.of_paths(studio.engine, names)
    return sorted(name for name in names if name not in known)


def _unnamed(studio: Studio) -> list[str]:
    """Files that assets name, which are neither in the folder nor in a row."""
    with studio.engine.connect() as connection:
        paths = list(connection.scalars(sa.select(asset_files.c.path)))
    gone = [path for path in paths if not (studio.home / path).exists()]
    known = files.of_paths(studio.engine, gone)
    return sorted(path for path in gone if path not in known)


def _changed(bucket: Bucket, up: list[Stored], report: Report) -> list[str]:
    """Those whose bytes in the bucket aren't what was put; each object is read once."""
    keys = list(dict.fromkeys(one.key for one in up))
    held = dict[str, str]()
    for begin in range(0, len(keys), OF_JOBS):
        batch = keys[begin : begin + OF_JOBS]
        held |= zip(batch, at_once(lambda key: _hash_of(bucket, key), batch), strict=True)
        line = f"{len(held):,} of {len(keys):,} objects read."
        report(Progress(line, len(held), len(keys), "objects", "reading"))
    return [one.path for one in up if held[one.key] != one.hash]


def _hash_of(bucket: Bucket, key: str) -> str:
    """The SHA-256 of what is there, "" where it was taken away meanwhile."""
    try:
        return bucket.digest(key)
    except Absent:
        return ""


def _mend(studio: Studio, bucket: Bucket, found: Found) -> None:
    """What the folder has still goes up again, in the place of what was changed, and so does what
    nobody noted."""
    looking.take_up(studio.engine, studio.home, looking.Seen(), context.now(), lambda: True)
    files.send_again(studio.engine, found.lacking, context.now())
    for one in files.of_paths(studio.engine, found.changed).values():
        if one.state == UP and _is_here(studio.home, one):  # else it goes up as it is here now
            bucket.send(one.key, studio.home / one.path, one.hash)

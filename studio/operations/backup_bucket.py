"""What a backup takes from the bucket: the files of a studio that its folder has no more."""

from __future__ import annotations

from collections.abc import Collection, Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from string import ascii_lowercase

from sqlalchemy import Connection, Engine

from studio.database import engine as db
from studio.operations.moved_files import may_be_away, name_of
from studio.outbox import files, place
from studio.outbox.tables import UP, store_place
from studio.settings import Settings
from studio.store.at_once import CALLS, at_once
from studio.store.bucket import Bucket
from studio.store.bucket_errors import Absent, Changed
from studio.tracking import addresses
from studio.tracking.bucket_files import KEYS

HOME, MLFLOW = "home/", "mlruns/"  # tops of a backup's members
AHEAD = 256 * 1024**2  # bytes that are fetched at once, unless one file is larger


@dataclass(frozen=True)
class Away:
    """A file that is in the bucket under `key`; its member's name in a backup, its SHA-256 ("": not
    known yet) and its bytes."""

    member: str
    key: str
    hash: str
    bytes: int


def opened(settings: Settings, now: datetime) -> Bucket | None:
    """The studio's bucket; None where its files are in the folder alone, as those of a studio of
    before are. StudioError where it is another than the settings name."""
    home = settings.home
    where = db.address(home, settings.database_url)
    if where.get_backend_name() == "sqlite" and not (home / "studio.db").exists():
        return None  # no studio; looking would make one
    with _engine(settings) as engine:
        with engine.connect() as connection:
            if not connection.dialect.has_table(connection, store_place.name):
                return None
        if place.noted(engine) is None:
            return None
        place.note(engine, settings.store, now)
        return Bucket(settings.store)


def address(bucket: Bucket) -> str:
    """What MLflow's records call the place of its files in the bucket."""
    return f"s3://{bucket.place.bucket}/{bucket.place.prefix}{KEYS.rstrip('/')}"


def away(settings: Settings, bucket: Bucket, have: Collection[str]) -> list[Away]:
    """What is only there, beside the members that a backup has by now. MLflow's files are listed in
    the bucket, since other programs may write there, too."""
    with _engine(settings) as engine:
        rows = list(files.every(engine, UP))
    found = [
        Away(f"{HOME}{one.path}", one.key, one.hash, one.bytes)
        for one in rows
        if may_be_away(one) and not one.key.startswith(KEYS)
    ]
    known = {one.key: one.hash for one in rows}
    for key, size in bucket.listing(KEYS):
        if name := name_of(key):
            found.append(Away(f"{MLFLOW}{name}", key, known.get(key, ""), size))
    return [one for one in found if one.member not in have]


def brought(
    bucket: Bucket, wanted: Sequence[Away], beside: Path
) -> Generator[tuple[Away, Path, str], None, None]:
    """Each of these, with a copy beside that path and what is wrong with it: empty, or that it is
    not there or was changed. Several are fetched at once; a copy is there until the next is asked
    for.

    Away and Refused as the bucket says, StudioError where the disk is full.
    """
    for batch in _batches(wanted):
        names = [f"{beside.name}.copy{letter}.part" for letter in ascii_lowercase]
        copies = [(one, beside.with_name(name)) for one, name in zip(batch, names, strict=False)]
        try:
            told = at_once(lambda pair: _fetch(bucket, *pair), copies)
            for (one, copy), said in zip(copies, told, strict=True):
                yield one, copy, said
        finally:
            for _, copy in copies:
                copy.unlink(missing_ok=True)


def _fetch(bucket: Bucket, one: Away, target: Path) -> str:
    try:
        bucket.bring(one.key, target, one.hash or bucket.digest(one.key))
    except Absent:
        return f"{one.member} is not in the bucket ({one.key})"
    except Changed as error:
        return f"{one.member}: {error.message.rstrip('.')}"
    return ""


def _batches(wanted: Sequence[Away]) -> Iterator[list[Away]]:
    batch = list[Away]()
    for one in wanted:
        if batch and (len(batch) == CALLS or sum(o.bytes for o in batch) + one.bytes > AHEAD):
            yield batch
            batch = []
        batch.append(one)
    if batch:
        yield batch


def described(records: Connection, place: str) -> dict[str, str]:
    """The members that no version in the bucket is whole without, with what to say of it."""
    found = {}
    for style, number, address in addresses.of_versions(records):
        if name := addresses.below(address, place):
            gone = f"{style} version {number}: {address} is not in the bucket"
            found[f"{MLFLOW}{name}/MLmodel"] = gone
    return found


def size(settings: Settings) -> int:
    """Bytes of all files that are in the bucket alone, by the rows."""
    with _engine(settings) as engine:
        rows = [one for one in files.every(engine, UP) if may_be_away(one)]
    return sum(one.bytes for one in rows if not (settings.home / one.path).exists())


@contextmanager
def _engine(settings: Settings) -> Iterator[Engine]:
    engine = db.make_engine(settings.home, settings.database_url)
    try:
        yield engine
    finally:
        engine.dispose()

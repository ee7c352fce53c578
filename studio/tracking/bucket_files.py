"""MLflow's files in the studio's bucket: written into the folder first, then sent by the outbox.

s3://BUCKET/PREFIXmlflow/items/m-1/artifacts/MLmodel   as MLflow's records name a file
mlflow/items/m-1/artifacts/MLmodel                     its key in the bucket, without the prefix
items/m-1/artifacts/MLmodel                            its name here, below both `mlflow/` and the
                                                       folder of MLflow's files
"""

from __future__ import annotations

import hashlib
import shutil
import time
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine

from studio.database.engine import file_lock, writing
from studio.errors import StudioError
from studio.outbox import files, place, sending
from studio.outbox.files import New, Stored
from studio.outbox.tables import UP
from studio.store import local
from studio.store.bucket import Bucket
from studio.store.publish import publishing
from studio.tracking import addresses
from studio.tracking.client import FOLDER, Tracking
from studio.tracking.version_files import DESCRIPTION

KEYS = f"{FOLDER}/"
PATIENCE_S = 60.0  # until whoever waits for files to be in the bucket is to come again
LOOK_S = 0.2
LOCK = "outbox.lock"  # of the studio's folder: one process sends at a time


class OnTheWay(StudioError):
    """Files are on their way into the bucket: what needs them there is to be done again later."""


def bucket_of(t: Tracking) -> Bucket:
    """The studio's bucket, by the client that the process has already."""
    return local.bucket_of(t.home) or Bucket(t.store)


def path_of(t: Tracking, name: str) -> str:
    """The file as the outbox has it: relative to the studio's folder, whole where it lies outside
    of it."""
    file, home = Path(t.artifacts) / name, t.home.resolve()
    return file.relative_to(home).as_posix() if file.is_relative_to(home) else str(file)


def new(t: Tracking, name: str) -> New:
    """What the outbox needs to know of a file that lies in the folder; OSError where it does not.
    It is read to its end."""
    return files.read(t.home.resolve(), path_of(t, name), f"{KEYS}{name}")


def keep(engine: Engine, t: Tracking, given: Mapping[str, Path], now: datetime) -> None:
    """Copy files into the folder, each under its name there, and note them to be sent.

    StudioError where there is no room for them; what was copied by then is in nobody's way.
    """
    for name, source in given.items():
        with publishing(Path(t.artifacts) / name) as aside:
            shutil.copyfile(source, aside)
    found = [new(t, name) for name in given]
    with writing(engine) as connection:
        files.add(connection, found, now)


def below(engine: Engine, name: str) -> dict[str, Stored]:
    """The files noted below a name, and the one of that name itself, by theirs."""
    found = files.under(engine, f"{KEYS}{name}".rstrip("/"))
    return {one.key.removeprefix(KEYS): one for one in found}


def fetch(bucket: Bucket, t: Tracking, one: Stored, target: Path) -> None:
    """Put a file at `target`, compared with what was noted: the one in the folder where that is as
    it was, else the bucket's. StudioError where neither can be had."""
    here = Path(t.artifacts) / one.key.removeprefix(KEYS)
    try:
        shutil.copyfile(here, target)
        with target.open("rb") as copied:
            if hashlib.file_digest(copied, "sha256").hexdigest() == one.hash:
                return
    except FileNotFoundError:
        pass  # only in the bucket by now
    bucket.bring(one.key, target, one.hash)


def is_own(engine: Engine, address: str) -> bool:
    """Whether an address of the records lies in the studio's own place in a bucket."""
    return _name(engine, address) is not None


def flaw(engine: Engine, address: str) -> str:
    """What a version's files in the studio's bucket lack by the outbox, in words; empty where all
    are there, and for an address that is none of the studio's. The bucket is not asked."""
    name = _name(engine, address)
    if name is None:
        return ""
    found = below(engine, name)
    described = found.pop(f"{name}/{DESCRIPTION}", None)
    if described is None or not any(one.bytes for one in found.values()):
        return f"{address if described else f'{address}/{DESCRIPTION}'} was never put there"
    left = next((one for one in (described, *found.values()) if one.state != UP), None)
    return f"{left.key} is not there. {left.said}".rstrip(" .") if left else ""


def await_up(
    engine: Engine,
    t: Tracking,
    address: str,
    patience: float = PATIENCE_S,
) -> None:
    """Return once all files below an address of the records are in the bucket; at once where that
    is no address of the studio's place there. OnTheWay after `patience` seconds.

    Where no other process of this machine sends them meanwhile, this one does.
    """
    name = addresses.below(address, t.bucket)
    if name is None:
        return
    if not below(engine, name):
        raise StudioError(f"Nothing was written that {address} could name.", "Do it again.")
    bucket, end = bucket_of(t), time.monotonic() + patience
    while waiting := [one for one in below(engine, name).values() if one.state != UP]:
        if time.monotonic() > end:
            said = [place.noted(engine), *waiting]
            why = next((one.said for one in said if one and one.said), "")
            raise OnTheWay(
                f"{len(waiting)} files are not in {t.store.shown} yet. {why}".rstrip(),
                "They go up by themselves, and nothing is lost: a job looks again every minute, a "
                "command is to be called again. Admin says how the bucket does.",
            )
        with suppress(StudioError), file_lock(t.home / LOCK, 0.0):
            local.claim(t.home)
            for one in waiting:
                sending.send(t.home, bucket, one)
                with writing(engine) as connection:
                    files.note_up(connection, [one], _now())
        time.sleep(LOOK_S)


def _name(engine: Engine, address: str) -> str | None:
    known = place.noted(engine)
    if known is None:
        return None
    return addresses.below(address, f"s3://{known.bucket}/{known.prefix}{FOLDER}")


def _now() -> datetime:
    return datetime.now(UTC)

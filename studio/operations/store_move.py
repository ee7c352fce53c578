"""A studio's files moved from its folder into a bucket of S3, and from there back.

Both ways can be cut off anywhere, kill -9 included, and the same command goes on with them. What is
taken away was read back before and is what was noted. MLflow's records follow in one transaction,
once all of its files are on the other side.

into the bucket   noted, sent, each read back; the records follow; then as much stays in the folder
                  as STUDIO_STORE_LOCAL says
into the folder   each brought and compared; the records follow, and no row says any more that a
                  file is in the bucket; then it is taken away there, and the place forgotten
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy import Engine

from studio import context
from studio.database import engine as db
from studio.database import ledger
from studio.errors import StudioError
from studio.operations import moved_files
from studio.operations.in_use import refuse_at_work
from studio.outbox import eviction, files, looking, place, sending
from studio.outbox.tables import UP, WAITING, stored_files
from studio.settings import Settings
from studio.store.at_once import patiently
from studio.store.bucket import MARK, Bucket
from studio.tracking import addresses, bucket_files, tables
from studio.tracking.addresses import Place
from studio.tracking.client import Tracking

ACTION = "move store"
READ = "cache/store-move.txt"  # of the studio's folder: what was read back by now

Report = Callable[[str], None]


@dataclass(frozen=True)
class Moved:
    """What there is on the other side now: files and their bytes, each compared. `carried` were
    sent or brought by this call. `taken` were taken away where they had been, `left` objects in the
    bucket are nobody's the studio knows. `flaws` say which files could not be moved, and why."""

    files: int
    bytes: int
    carried: int
    taken: int
    left: int
    flaws: list[str]


def into_bucket(
    settings: Settings, now: datetime, report: Report, *, stopped: bool = False
) -> Moved:
    """Move the files of a studio that is stopped into the bucket of its settings. That it is, is
    looked at unless the caller knows it.

    StudioError where there is none, or another's; Away and Refused where it takes nothing.
    """
    with _alone(settings, stopped) as (engine, t, bucket):
        home = settings.home
        _claim(engine, bucket, now)
        noted = looking.take_up(engine, home, looking.Seen(), now, lambda: True)
        noted += moved_files.note(engine, t, now)
        report(f"{noted:,} files were noted.")
        sent = _send(engine, home, bucket, report)
        read = moved_files.Compared(home / READ)
        flaws = moved_files.read_back(engine, home, bucket, read, report)
        there = list(files.every(engine, UP))
        if not any(flaw.key.startswith(bucket_files.KEYS) for flaw in flaws):
            told = f"into {t.store.shown}: {len(there):,} files"
            _follow(engine, t, Path(t.artifacts), t.bucket, settings.user, told, now)
        taken = 0
        if settings.store.local and not flaws:
            taken = moved_files.take_mlflow_away(engine, t)
            taken += eviction.bound(engine, home, bucket, settings.store.local)
        if not flaws:
            read.forget()
        size = sum(one.bytes for one in there)
        return Moved(len(there), size, sent, taken, 0, [flaw.says for flaw in flaws])


def into_folder(settings: Settings, now: datetime, report: Report) -> Moved:
    """Move the files of a studio that is stopped back into its folder; its settings name the
    bucket until then. Errors as `into_bucket`."""
    with _alone(settings, False) as (engine, t, bucket):
        home = settings.home
        _claim(engine, bucket, now)
        looking.take_up(engine, home, looking.Seen(), now, lambda: True)
        moved_files.note(engine, t, now)
        moved_files.note_strangers(engine, t, bucket, now)
        found = moved_files.bring(engine, home, bucket, report)
        away = {one.path for one in found.deleted} | {flaw.path for flaw in found.flaws}
        there = [one for one in files.every(engine) if one.path not in away]
        told = f"into the folder: {len(there):,} files from {t.store.shown}"
        _leave(engine, t, settings.user, told if there else "", now)
        keys = {one.key for one in there} - {flaw.key for flaw in found.flaws}
        taken, left = moved_files.empty(bucket, keys, report)
        bucket.remove(MARK)
        with db.writing(engine) as connection:
            connection.execute(stored_files.delete())
            place.forget(connection)
            db.bump(connection)
        size, flaws = sum(one.bytes for one in there), [flaw.says for flaw in found.flaws]
        return Moved(len(there), size, found.count, taken, left, flaws)


@contextmanager
def _alone(settings: Settings, stopped: bool) -> Iterator[tuple[Engine, Tracking, Bucket]]:
    """The studio's records and its bucket, while nobody else works with them."""
    if not settings.store.in_s3:
        raise StudioError(
            "STUDIO_STORE is folder, so there is no bucket to move to or from.",
            "Set STUDIO_STORE=s3 with STUDIO_STORE_BUCKET, both ways: it names the other side.",
        )
    if not settings.home.is_dir():
        raise StudioError(f"There is no studio in {settings.home}.", "Look at STUDIO_HOME.")
    if not stopped:
        refuse_at_work(settings)
    with (
        db.file_lock(settings.home / "store-move.lock", 1),
        db.file_lock(settings.home / bucket_files.LOCK, 30),
    ):
        engine, t = context.open_records(settings)
        try:
            if not t.own:
                raise StudioError(
                    f"MLflow's records are at {t.shown}, and those of a server can't be changed "
                    "from here.",
                    "Where `python -m studio mlflow-server` is that server, stop it, then call "
                    "this where it runs, without MLFLOW_TRACKING_URI.",
                )
            yield engine, t, Bucket(settings.store)
        finally:
            engine.dispose()


def _claim(engine: Engine, bucket: Bucket, now: datetime) -> None:
    known = place.note(engine, bucket.place, now)
    assert known is not None  # the settings name a bucket
    bucket.claim(known.id)


def _send(engine: Engine, home: Path, bucket: Bucket, report: Report) -> int:
    """Send all that waits, what was put off too; how many files."""
    waiting = [one.path for one in files.every(engine) if one.state != UP]
    files.send_again(engine, waiting, context.now())
    sent, said = 0, 0
    while files.due(engine, context.now(), 1):  # what can't be sent is due later
        sent += patiently(partial(sending.send_due, engine, home, bucket, context.now))
        if sent - said >= moved_files.TOLD:
            said = sent
            report(f"{sent:,} of {len(waiting):,} files are sent.")
    sent = len(waiting) - sum(one.state != UP for one in files.every(engine))
    report(f"{sent:,} of {len(waiting):,} files are sent.")
    return sent


def _follow(
    engine: Engine, t: Tracking, old: Place, new: Place, by: str, told: str, now: datetime
) -> None:
    """Let MLflow's records name its files on the other side, and write the move down, once."""
    records = tables.make_engine(sa.make_url(t.uri))
    try:
        with db.writing(engine) as connection:
            with tables.changing(records) as inner:
                addresses.readdress(inner, old, new)
            rows = [row.reason for row in ledger.rows(connection) if row.action == ACTION]
            if told and rows[-1:] != [told]:  # else this was cut off right behind it
                ledger.record(connection, at=now, actor=by, action=ACTION, reason=told)
            db.bump(connection)
    finally:
        records.dispose()


def _leave(engine: Engine, t: Tracking, by: str, told: str, now: datetime) -> None:
    """Nothing counts on the bucket from here on: a studio that is started now sends all anew."""
    with db.writing(engine) as connection:
        connection.execute(stored_files.update().values(state=WAITING, up_at=None))
    _follow(engine, t, t.bucket, Path(t.artifacts), by, told, now)
    with suppress(FileNotFoundError):
        (t.home / READ).unlink()

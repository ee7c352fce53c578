"""A studio's folder that was moved, mounted elsewhere or copied: MLflow's records follow it.

MLflow keeps whole paths, so a new training would be written where the folder once was, and no
version's files would be found. The studio's database therefore notes where MLflow's files lie;
whoever opens the studio elsewhere brings the records there first. A copy's records are its own and
follow the copy, so that it never writes into the studio that it is a copy of.
"""

from __future__ import annotations

import shlex
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy import Connection, Engine

from studio.database import engine as db
from studio.database import ledger
from studio.errors import StudioError
from studio.jobs import at_work
from studio.outbox import place
from studio.outbox.place import Noted
from studio.outbox.tables import UP, stored_files
from studio.tracking import addresses, tables
from studio.tracking.client import FOLDER, Tracking

ACTOR, ACTION = "the studio", "follow folder"

artifact_folder = sa.Table(
    "artifact_folder",
    db.metadata,
    sa.Column("path", sa.String, primary_key=True),  # one row: where MLflow's files lie
)


def follow(engine: Engine, t: Tracking, now: datetime) -> list[Path]:
    """Bring MLflow's records to where its files lie; the folders that they named before.

    Killed at any point, the next call ends it; of two at once one does it. StudioError where
    somebody is at work in the studio as it was, where another folder uses the same records, and
    where the records are a server's, which nobody can change from here.
    """
    here = Path(t.artifacts)
    known = noted(engine)
    if known is not None and _is_same(known, here):
        return []
    records = tables.make_engine(sa.make_url(t.uri)) if t.own else None
    try:
        with db.writing(engine) as connection:
            known = _noted(connection)
            if known is not None and _is_same(known, here):
                return []
            if records is None:
                left = [] if known is None else [known]
                _refuse_server(t, left)
            else:
                with tables.changing(records) as inner:
                    left = [known] if known else []
                    left += [p for p in addresses.places(inner, here) if not _is_same(p, here)]
                    left = sorted(set(left))
                    _refuse(engine, t, left, now)
                    for old in left:
                        addresses.readdress(inner, old, here, stay=True)
            for old in left:
                ledger.record(
                    connection, at=now, actor=ACTOR, action=ACTION, reason=_reason(old, here)
                )
                _rename_noted(connection, old, here)
            note(connection, here)
    finally:
        if records is not None:
            records.dispose()
    return left


def noted(engine: Engine) -> Path | None:
    """Where MLflow's files lie by the studio's database; None: nobody has noted it yet."""
    with engine.connect() as connection:
        return _noted(connection)


def note(connection: Connection, folder: Path) -> None:
    """Write down where MLflow's files lie."""
    connection.execute(artifact_folder.delete())
    connection.execute(artifact_folder.insert().values(path=str(folder)))


def _noted(connection: Connection) -> Path | None:
    found = connection.execute(sa.select(artifact_folder.c.path)).scalar()
    return None if found is None else Path(found)


def _rename_noted(connection: Connection, old: Path, here: Path) -> None:
    """Let the outbox have the files where they are by now that it has by whole path: those of a
    folder outside of the studio's."""
    path = stored_files.c.path
    moved = sa.literal(str(here)) + sa.func.substr(path, len(str(old)) + 1)
    mine = path.startswith(f"{old}/", autoescape=True)
    connection.execute(stored_files.update().where(mine).values(path=moved))


def _is_same(one: Path, other: Path) -> bool:
    """Whether both lead to the same folder, be it by a link or a second mount."""
    with suppress(OSError):
        return one == other or one.samefile(other)
    return False


def _refuse(engine: Engine, t: Tracking, left: list[Path], now: datetime) -> None:
    """StudioError where what the records name now may still be somebody's."""
    if not left:
        return
    here, old = Path(t.artifacts), left[0]
    if busy := at_work.found(engine, now):
        raise StudioError(
            f"MLflow's files are in {here} by now, in {old} by its records, and a {busy[0]} is at "
            f"work in this studio: {busy[1]}.",
            f"Open the studio under the same path as before, or stop it first; {at_work.KILLED}",
        )
    if t.file != (t.home / tables.FILE).resolve() and old.is_dir():
        raise StudioError(
            f"The records of MLflow at {t.shown} are those of the files in {old}, which are still "
            f"there: this folder, with {here}, is a copy on the same database.",
            "Give the copy a database of its own: restore a backup into it. If it is the one to "
            f"keep, move {old} away first.",
        )
    other = _studio_of(old)
    if other and not _is_same(other, t.home) and (known := place.noted(engine)):
        raise StudioError(
            f"This folder is a copy of the studio with {old}, and the files of both would be in "
            f"s3://{known.bucket}/{known.prefix}.",
            "Give the copy a place of its own: restore a backup into it, with another "
            f"STUDIO_STORE_PREFIX. If it is the one to keep, move {other} away first.",
        )


def _refuse_server(t: Tracking, left: list[Path]) -> None:
    if left:
        old, new = shlex.quote(str(left[0])), shlex.quote(t.artifacts)
        above = shlex.quote(str(left[0].parent))
        raise StudioError(
            f"The studio's folder was moved: MLflow's files are in {t.artifacts}, but in {left[0]} "
            f"by the records at {t.shown}, and those of a server can't be changed from here.",
            f"Let the old path lead to the new one: mkdir -p {above} && ln -s {new} {old}. Or move "
            "the folder back. Where `python -m studio mlflow-server` is that server, start it anew "
            "on the folder first: it lets its records follow.",
        )


def _studio_of(artifacts: Path) -> Path | None:
    """The folder of the studio whose files of MLflow's are in this one, where it is still there."""
    folders = (artifacts.parent, artifacts.parent / "var")
    return next((folder for folder in folders if (folder / "studio.db").is_file()), None)


def _reason(old: Path, here: Path) -> str:
    said = "is a copy of the one with" if _studio_of(old) else "was moved; before, they were in"
    return f"MLflow's files are in {here}: the folder {said} {old}"


def leave_unused(engine: Engine, t: Tracking) -> None:
    """Forget a bucket in which no file of the studio ever arrived, where the settings name another
    by now, or none: it was mistaken. MLflow's records follow, and what waits goes to the other."""
    known = place.noted(engine)
    if known is None or t.store.in_s3 and _names(known, t):
        return
    records = tables.make_engine(sa.make_url(t.uri)) if t.own else None
    try:
        with db.writing(engine) as connection:
            arrived = sa.select(stored_files.c.path).where(stored_files.c.state == UP).limit(1)
            if connection.execute(arrived).first() is not None:
                return  # whoever opens the studio refuses the settings
            if records is not None:
                with tables.changing(records) as inner:
                    there = f"s3://{known.bucket}/{known.prefix}{FOLDER}"
                    addresses.readdress(inner, there, t.bucket or Path(t.artifacts))
            place.forget(connection)
            if not t.store.in_s3:
                connection.execute(stored_files.delete())
    finally:
        if records is not None:
            records.dispose()


def _names(known: Noted, t: Tracking) -> bool:
    return (known.bucket, known.prefix) == (t.store.bucket, t.store.prefix)

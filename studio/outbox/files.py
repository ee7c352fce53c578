"""The outbox's rows: which files there are, whether each is in the bucket, and what hinders it.

A file is noted in the transaction that names it, or found where it lies
(`studio.outbox.looking`); it lies in the studio's folder by then. Sent it is `up`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Engine, Row

from studio.database.engine import writing
from studio.database.ledger import stamp
from studio.outbox.tables import GONE, UP, WAITING, store_place, stored_files
from studio.store.bucket import key_of

AT_A_TIME = 500  # names in one statement
LONGEST = timedelta(hours=1)  # until a file that can't be read is tried again


@dataclass(frozen=True)
class New:
    """A file to be sent: `path` relative to the studio's folder, or whole where it lies outside;
    the SHA-256 of its bytes, and how many. `key` is where it goes, "" by its hash."""

    path: str
    hash: str
    bytes: int
    key: str = ""


@dataclass(frozen=True)
class Stored:
    """A file that is in the bucket under `key`, or is to go there. `said` is what hinders it."""

    path: str
    key: str
    hash: str
    bytes: int
    state: str
    tries: int
    said: str
    at: str
    up_at: str | None


@dataclass(frozen=True)
class Tally:
    """How many files are in the bucket, wait, or are gone before they were sent; the bytes that
    wait, and since when the oldest does (ISO UTC, "" for none)."""

    up: int
    waiting: int
    gone: int
    bytes: int
    oldest: str


def add(connection: Connection, files: Sequence[New], now: datetime) -> None:
    """Note files to be sent, within the caller's transaction; nothing where there is no bucket.

    What is noted as it is stays as it is; one of other bytes is to be sent anew.
    """
    if not files or connection.execute(sa.select(store_place.c.id)).first() is None:
        return
    given = {one.path: one for one in files}
    for names in _parted(list(given)):
        query = sa.select(stored_files.c.path, stored_files.c.hash, stored_files.c.key)
        there = {r.path: r for r in connection.execute(query.where(stored_files.c.path.in_(names)))}
        rows = [_row(given[name], now) for name in names if name not in there]
        if rows:
            connection.execute(stored_files.insert(), rows)
        for name, row in there.items():
            fresh = _row(given[name], now)
            if (row.hash, row.key) != (fresh["hash"], fresh["key"]):
                mine = stored_files.c.path == name
                connection.execute(stored_files.update().where(mine).values(**fresh))


def read(home: Path, path: str, key: str = "") -> New:
    """A file of the studio's folder, to be noted as it is now; it is read to its end. OSError where
    it can't be."""
    with (home / path).open("rb") as opened:
        digest = hashlib.file_digest(opened, "sha256").hexdigest()
        return New(path, digest, opened.tell(), key)


def find(engine: Engine, path: str) -> Stored | None:
    """The file at this path, or None."""
    with engine.connect() as connection:
        query = sa.select(stored_files).where(stored_files.c.path == path)
        row = connection.execute(query).first()
    return None if row is None else _stored(row)


def is_up(engine: Engine, path: str) -> bool:
    """Whether the file at this path is in the bucket, so that it need not be in the folder."""
    one = find(engine, path)
    return one is not None and one.state == UP


def paths_of(engine: Engine, digest: str) -> list[str]:
    """Every path that a file with this SHA-256 has, of those that are in the bucket."""
    c = stored_files.c
    query = sa.select(c.path).where(c.key == key_of(digest), c.state == UP).order_by(c.path)
    with engine.connect() as connection:
        return list(connection.scalars(query))


def of_paths(engine: Engine, paths: Sequence[str]) -> dict[str, Stored]:
    """Those of these files that are noted, by path."""
    found = dict[str, Stored]()
    with engine.connect() as connection:
        for names in _parted(paths):
            query = sa.select(stored_files).where(stored_files.c.path.in_(names))
            found |= {row.path: _stored(row) for row in connection.execute(query)}
    return found


def every(engine: Engine, state: str = "") -> Iterator[Stored]:
    """All files in the order of their paths, or those in one state."""
    query = sa.select(stored_files).order_by(stored_files.c.path)
    if state:
        query = query.where(stored_files.c.state == state)
    with engine.connect() as connection:
        for row in connection.execute(query, execution_options={"yield_per": 1_000}):
            yield _stored(row)


def under(engine: Engine, key: str) -> list[Stored]:
    """The file of this key, and all whose keys lie below it as a folder's do, in order."""
    c = stored_files.c
    query = sa.select(stored_files).where(
        (c.key == key) | c.key.startswith(f"{key}/", autoescape=True)
    )
    with engine.connect() as connection:
        return [_stored(row) for row in connection.execute(query.order_by(c.key))]


def due(engine: Engine, now: datetime, most: int) -> list[Stored]:
    """Files to be sent now, those that wait longest first."""
    c = stored_files.c
    query = sa.select(stored_files).where(c.state == WAITING, c.due_at <= stamp(now))
    with engine.connect() as connection:
        rows = connection.execute(query.order_by(c.due_at, c.path).limit(most))
        return [_stored(row) for row in rows]


def note_up(connection: Connection, files: Sequence[Stored], now: datetime) -> None:
    """These are in the bucket, unless they were changed since they were read from the rows."""
    for one in files:
        values = {"state": UP, "up_at": stamp(now), "said": "", "tries": 0}
        connection.execute(stored_files.update().where(*_same(one)).values(**values))


def put_off(
    connection: Connection, one: Stored, said: str, now: datetime, gone: bool = False
) -> None:
    """This one can't be sent by a fault of its own: it is tried again later, seldomer each time,
    unless its file is gone."""
    later = min(timedelta(seconds=2 ** min(one.tries + 1, 12)), LONGEST)
    values = {"tries": one.tries + 1, "said": said, "due_at": stamp(now + later)}
    state = GONE if gone else WAITING
    connection.execute(stored_files.update().where(*_same(one)).values(state=state, **values))


def send_again(engine: Engine, paths: Sequence[str], now: datetime) -> None:
    """Let these wait to be sent, whatever was known of them."""
    with writing(engine) as connection:
        for names in _parted(paths):
            mine = stored_files.c.path.in_(names)
            values = {"state": WAITING, "due_at": stamp(now), "tries": 0, "said": "", "up_at": None}
            connection.execute(stored_files.update().where(mine).values(**values))


def forget(engine: Engine, paths: Sequence[str]) -> None:
    """Take rows away; what is in the bucket stays there."""
    with writing(engine) as connection:
        for names in _parted(paths):
            connection.execute(stored_files.delete().where(stored_files.c.path.in_(names)))


def tally(engine: Engine) -> Tally:
    """How many files there are in each state. Of those that are up, mostly all, no row is read."""
    c = stored_files.c
    count = sa.func.count()
    up, gone = (
        sa.select(count)
        .select_from(stored_files)
        .where(c.state == one)
        .correlate(None)
        .scalar_subquery()
        for one in (UP, GONE)
    )
    query = sa.select(up, count, gone, sa.func.sum(c.bytes), sa.func.min(c.at))
    with engine.connect() as connection:
        row = connection.execute(query.where(c.state == WAITING)).one()
    return Tally(row[0], row[1], row[2], int(row[3] or 0), row[4] or "")


def as_stored(one: New, now: datetime) -> Stored:
    """The file as its row will have it."""
    row = _row(one, now)
    return Stored(**{name: row[name] for name in Stored.__dataclass_fields__})


def _row(one: New, now: datetime) -> dict[str, Any]:
    return {
        "path": one.path,
        "key": one.key or key_of(one.hash),
        "hash": one.hash,
        "bytes": one.bytes,
        "state": WAITING,
        "tries": 0,
        "due_at": stamp(now),
        "said": "",
        "at": stamp(now),
        "up_at": None,
    }


def _same(one: Stored) -> tuple[sa.ColumnElement[bool], ...]:
    c = stored_files.c
    return c.path == one.path, c.hash == one.hash, c.key == one.key


def _stored(row: Row[Any]) -> Stored:
    return Stored(**{name: row._mapping[name] for name in Stored.__dataclass_fields__})


def _parted(names: Sequence[str]) -> Iterator[Sequence[str]]:
    for begin in range(0, len(names), AT_A_TIME):
        yield names[begin : begin + AT_A_TIME]

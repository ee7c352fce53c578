"""What was exported: which asset became which file, when, by which revision of a profile."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Engine

from studio.database.engine import bump
from studio.database.ledger import stamp
from studio.export.tables import export_files, exports

HAD = ("new", "changed", "same", "kept")  # states of a file that is there


@dataclass(frozen=True)
class Record:
    """One file of an export: `hash` is the SHA-256 of what was written (of "kept", which was
    somebody's own, of what would have been), `fields` what it is named by, `more` what an
    engine's files refer to; `at` is ISO UTC."""

    path: str
    asset: str
    role: str
    hash: str
    state: str
    fields: dict[str, str]
    more: dict[str, Any]
    profile: str = ""
    revision: int = 0
    destination: str = ""
    at: str = ""


@dataclass(frozen=True)
class Export:
    """One export: to "zip", "store" or a folder's name; `asset` is the export as an asset, ""
    where it went into a folder. `files` counts those that were new or changed."""

    id: int
    profile: str
    revision: int
    destination: str
    asset: str
    job: int | None
    by: str
    at: str
    files: int = 0


def add(
    connection: Connection,
    found: Sequence[Record],
    *,
    profile: str,
    revision: int,
    destination: str,
    asset: str,
    job: int | None,
    by: str,
    now: datetime,
) -> int:
    """Note an export within the caller's transaction; its number. A job notes one alone."""
    if job is not None:
        there = connection.execute(sa.select(exports.c.id).where(exports.c.job == job)).scalar()
        if there is not None:
            return int(there)
    shared = {"profile": profile, "revision": revision, "destination": destination}
    row = {**shared, "asset": asset, "job": job, "by": str(by), "at": stamp(now)}
    made = connection.execute(exports.insert().values(**row))
    assert made.inserted_primary_key is not None
    number = int(made.inserted_primary_key[0])
    if found:
        own = {**shared, "export": number, "at": stamp(now)}
        connection.execute(export_files.insert(), [{**vars(one), **own} for one in found])
    bump(connection)
    return number


def there(engine: Engine, destination: str) -> dict[str, Record]:
    """Each file as the last export to a destination that named it left it, by its path, without
    those that were deleted."""
    c = export_files.c
    mine = c.destination == destination
    newest = sa.select(c.path, sa.func.max(c.export).label("export")).where(mine)
    last = newest.group_by(c.path).subquery()
    query = sa.select(export_files).join(
        last, (c.path == last.c.path) & (c.export == last.c.export)
    )
    with engine.connect() as connection:
        rows = connection.execute(query.where(mine)).all()
    found = [_record(row) for row in rows]
    return {one.path: one for one in found if one.state in HAD}


def fields_of(engine: Engine, profile: str, assets: Collection[str]) -> dict[str, dict[str, str]]:
    """What each of these assets' files are named by, as the last export by a profile had it."""
    c = export_files.c
    mine = (c.profile == profile) & c.asset.in_(assets) & (c.state != "deleted")
    query = sa.select(c.asset, c.fields).where(mine).order_by(c.export)
    with engine.connect() as connection:
        return {asset: {**fields, "frame": ""} for asset, fields in connection.execute(query)}


def of_asset(engine: Engine, asset: str) -> list[Record]:
    """All files that an asset became, the newest first."""
    c = export_files.c
    query = sa.select(export_files).where(c.asset == asset).order_by(c.export.desc(), c.path)
    with engine.connect() as connection:
        return [_record(row) for row in connection.execute(query)]


def people(engine: Engine, destination: str) -> dict[str, str]:
    """Who exported each asset to a destination last, by the assets' ids."""
    c = export_files.c
    both = export_files.join(exports, exports.c.id == c.export)
    query = sa.select(c.asset, exports.c.by).select_from(both)
    query = query.where(c.destination == destination, c.asset != "").order_by(c.export)
    with engine.connect() as connection:
        return {asset: by for asset, by in connection.execute(query)}


def newest(engine: Engine, most: int = 50) -> list[Export]:
    """The newest exports, the newest first."""
    c, f = exports.c, export_files.c
    written = (f.export == c.id) & f.state.in_(("new", "changed"))
    count = sa.select(sa.func.count()).select_from(export_files).where(written)
    query = sa.select(exports, count.correlate(exports).scalar_subquery().label("files"))
    with engine.connect() as connection:
        rows = connection.execute(query.order_by(c.id.desc()).limit(most))
        return [Export(**row._mapping) for row in rows]


def _record(row: sa.Row[Any]) -> Record:
    return Record(**{name: row._mapping[name] for name in Record.__dataclass_fields__})

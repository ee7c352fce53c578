"""Assets as records: put in once, read by id."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Engine, Row

from studio.assets import files
from studio.assets.files import Content
from studio.assets.tables import asset_files, asset_parents, assets, board_assets, uses, verdicts
from studio.database.engine import bump, home_of, writing
from studio.database.ledger import stamp
from studio.errors import StudioError
from studio.outbox import files as outbox
from studio.outbox import landing


@dataclass(frozen=True)
class New:
    """Something that was just made.

    `key` is its own for ever: what is put in with a key that is there already is that asset.
    `files` has a path within the studio's folder for each role; `parents` are the ids of what it
    was made of. `name`, `variant` and `category` are those of a list's line, and `text` is what it
    is found by besides its name and category.
    """

    kind: str
    key: str
    files: dict[str, tuple[Path, Content]] = field(default_factory=dict)
    parents: tuple[str, ...] = ()
    style: str = ""
    version: int = 0
    seed: int | None = None
    name: str = ""
    variant: int = 1
    category: str = ""
    text: str = ""
    recipe: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Asset:
    """One row: who made what, when (ISO UTC), how (`recipe`), and what is thought of it."""

    number: int
    id: str
    key: str
    kind: str
    style: str
    version: int
    by: str
    at: str
    seed: int | None
    job: int | None
    name: str
    variant: int
    category: str
    verdict: str | None
    text: str
    recipe: dict[str, Any]


def put(
    engine: Engine, new: Sequence[New], *, by: str, now: datetime, job: int | None = None
) -> list[str]:
    """Put assets in and give their ids in this order; one that is there stays as it is.

    StudioError where a parent is not there.
    """
    home = home_of(engine)
    up = landing.landed(home, [kept for one in new for kept in _kept(one, home)])
    with writing(engine) as connection:
        ids = _known(connection, [one.key for one in new])
        fresh = {one.key: one for one in new if one.key not in ids}
        if fresh:
            rows = [_row(one, by, now, job) for one in fresh.values()]
            connection.execute(assets.insert(), rows)
            ids |= {row["key"]: row["id"] for row in rows}
            _put_beside(connection, home, fresh, ids, by, now)
            kept = [kept for one in fresh.values() for kept in _kept(one, home)]
            landing.note(connection, kept, now, up)
            bump(connection)
    return [ids[one.key] for one in new]


def take_back(engine: Engine, ids: Collection[str]) -> list[str]:
    """Take away again what was just put in; the ids of what went, whose files stay on the disk.

    What somebody has judged, put on a board, made something of or used stays.
    """
    c = assets.c
    with writing(engine) as connection:
        used = (
            sa.select(verdicts.c.asset),
            sa.select(board_assets.c.asset),
            sa.select(asset_parents.c.parent),
            sa.select(uses.c.asset),
        )
        query = sa.select(c.number, c.id).where(c.id.in_(ids), *(c.number.not_in(u) for u in used))
        gone = {number: id for number, id in connection.execute(query)}
        if gone:
            for table in (asset_files, asset_parents):
                connection.execute(table.delete().where(table.c.asset.in_(gone)))
            connection.execute(assets.delete().where(c.number.in_(gone)))
            bump(connection)
    return [id for id in ids if id in gone.values()]


def get(engine: Engine, id: str) -> Asset:
    """The asset `id`, or StudioError."""
    with engine.connect() as connection:
        row = connection.execute(sa.select(assets).where(assets.c.id == id)).first()
    if row is None:
        raise StudioError(f"There is no asset {id[:40]!r}.", "Choose one in the gallery.")
    return as_asset(row)


def of_ids(engine: Engine, ids: Sequence[str]) -> list[Asset]:
    """The assets with these ids, in this order; those that are not there are left out."""
    with engine.connect() as connection:
        rows = connection.execute(sa.select(assets).where(assets.c.id.in_(ids)))
        found = {row.id: as_asset(row) for row in rows}
    return [found[id] for id in ids if id in found]


def known(engine: Engine, keys: Collection[str]) -> dict[str, str]:
    """The ids of those keys that are there."""
    with engine.connect() as connection:
        return _known(connection, keys)


def keys_of(engine: Engine, kind: str) -> set[str]:
    """The keys of all assets of a kind."""
    with engine.connect() as connection:
        return set(connection.scalars(sa.select(assets.c.key).where(assets.c.kind == kind)))


def as_asset(row: Row[Any]) -> Asset:
    """A row of the table as a record."""
    return Asset(**row._mapping)


def _known(connection: Connection, keys: Collection[str]) -> dict[str, str]:
    query = sa.select(assets.c.key, assets.c.id).where(assets.c.key.in_(keys))
    return {key: id for key, id in connection.execute(query)}


def _row(one: New, by: str, now: datetime, job: int | None) -> dict[str, Any]:
    return {
        "id": secrets.token_hex(8),
        "key": one.key,
        "kind": one.kind,
        "style": one.style,
        "version": one.version,
        "by": by,
        "at": stamp(now),
        "seed": one.seed,
        "job": job,
        "name": one.name,
        "variant": one.variant,
        "category": one.category,
        "text": f"{one.text}\n{' '.join(filter(None, (one.name, one.category)))}".casefold(),
        "recipe": one.recipe,
    }


def _kept(one: New, home: Path) -> Iterator[outbox.New]:
    for path, content in one.files.values():
        yield outbox.New(path.relative_to(home).as_posix(), content.hash, content.bytes)


def _put_beside(
    connection: Connection,
    home: Path,
    fresh: dict[str, New],
    ids: dict[str, str],
    by: str,
    now: datetime,
) -> None:
    """The files and parents of assets whose rows are there."""
    parents = {id for one in fresh.values() for id in one.parents}
    wanted = parents | {ids[key] for key in fresh}
    query = sa.select(assets.c.id, assets.c.number).where(assets.c.id.in_(wanted))
    numbers = {id: number for id, number in connection.execute(query)}
    if missing := sorted(parents - numbers.keys()):
        raise StudioError(f"There is no asset {missing[0][:40]!r} to be made of.", "Look it up.")
    rows, above = [], []
    for key, one in fresh.items():
        number = numbers[ids[key]]
        rows += [
            files.values(number, role, path, home, content, by=by, now=now)
            for role, (path, content) in one.files.items()
        ]
        above += [{"asset": number, "parent": numbers[id]} for id in dict.fromkeys(one.parents)]
    if rows:
        connection.execute(asset_files.insert(), rows)
    if above:
        connection.execute(asset_parents.insert(), above)

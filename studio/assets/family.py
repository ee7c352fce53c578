"""What an asset was made of, and what was made of it: one tree, whatever the kinds."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy import Connection, Engine

from studio.assets.records import Asset, as_asset
from studio.assets.tables import asset_parents, assets


@dataclass(frozen=True)
class Family:
    """All that an asset comes from (`before`) and all that came of it (`after`), by age, and
    the pairs of ids (child, parent) among these and itself."""

    before: tuple[Asset, ...]
    after: tuple[Asset, ...]
    links: tuple[tuple[str, str], ...]


def parents(engine: Engine, id: str) -> list[Asset]:
    """What asset `id` was made of, the oldest first."""
    return _beside(engine, id, asset_parents.c.asset, asset_parents.c.parent)


def children(engine: Engine, id: str) -> list[Asset]:
    """What was made of asset `id`, the oldest first."""
    return _beside(engine, id, asset_parents.c.parent, asset_parents.c.asset)


def parents_of_kind(engine: Engine, ids: Collection[str], kind: str) -> dict[str, str]:
    """The first parent of a kind that each of these assets has, both by id."""
    child, parent, link = assets.alias(), assets.alias(), asset_parents.c
    query = (
        sa.select(child.c.id, parent.c.id)
        .join(asset_parents, link.asset == child.c.number)
        .join(parent, link.parent == parent.c.number)
        .where(child.c.id.in_(ids), parent.c.kind == kind)
        .order_by(parent.c.number.desc())
    )
    with engine.connect() as connection:
        return {id: above for id, above in connection.execute(query)}


def family(engine: Engine, id: str) -> Family:
    """The tree that asset `id` stands in; siblings are not in it."""
    p = asset_parents.c
    with engine.connect() as connection:
        before = _reached(connection, id, p.asset, p.parent)
        after = _reached(connection, id, p.parent, p.asset)
        ids = {one.number: one.id for one in (*before, *after)}
        query = sa.select(assets.c.number, assets.c.id).where(assets.c.id == id)
        ids |= {number: own for number, own in connection.execute(query)}
        both = p.asset.in_(ids) & p.parent.in_(ids)
        found = connection.execute(sa.select(p.asset, p.parent).where(both).order_by(*p))
        links = tuple((ids[child], ids[parent]) for child, parent in found)
    return Family(before, after, links)


def _beside(
    engine: Engine, id: str, here: sa.ColumnElement[int], there: sa.ColumnElement[int]
) -> list[Asset]:
    mine = sa.select(there).join(assets, assets.c.number == here).where(assets.c.id == id)
    query = sa.select(assets).where(assets.c.number.in_(mine)).order_by(assets.c.number)
    with engine.connect() as connection:
        return [as_asset(row) for row in connection.execute(query)]


def _reached(
    connection: Connection, id: str, here: sa.ColumnElement[int], there: sa.ColumnElement[int]
) -> tuple[Asset, ...]:
    """All that links lead to from asset `id`, however far."""
    first = sa.select(there.label("number")).join(assets, assets.c.number == here)
    seen = first.where(assets.c.id == id).cte("seen", recursive=True)
    seen = seen.union(sa.select(there).join(seen, seen.c.number == here))
    query = sa.select(assets).where(assets.c.number.in_(sa.select(seen.c.number)))
    rows = connection.execute(query.order_by(assets.c.number))
    return tuple(as_asset(row) for row in rows)

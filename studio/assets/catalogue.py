"""Assets as programs want them: each with the file to use, and when anything about it changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy import Engine

from studio.assets import files, search
from studio.assets.files import File
from studio.assets.records import Asset
from studio.assets.search import Wanted
from studio.assets.tables import asset_files, assets, verdicts


@dataclass(frozen=True)
class Entry:
    """One asset. `turn` counts what people said of it; `changed_at` (ISO UTC) is when it was made,
    judged or painted over, whichever was last; `file` shows it, the painted-over one where there is
    one, None where it has no picture."""

    asset: Asset
    turn: int
    changed_at: str
    file: File | None


def after(engine: Engine, wanted: Wanted, size: int, place: tuple[str, int] | None) -> list[Entry]:
    """Up to `size` of what is wanted beyond a `place`, as `search.after` has them."""
    numbers = search.after(engine, "", wanted, size, place)
    found = {one.asset.number: one for one in _entries(engine, assets.c.number.in_(numbers))}
    return [found[number] for number in numbers if number in found]


def of_ids(engine: Engine, ids: Sequence[str]) -> list[Entry]:
    """The assets with these ids, in this order; those that are not there are left out."""
    found = {one.asset.id: one for one in _entries(engine, assets.c.id.in_(ids))}
    return [found[id] for id in ids if id in found]


def _entries(engine: Engine, where: sa.ColumnElement[bool]) -> list[Entry]:
    last = sa.select(sa.func.max(asset_files.c.at)).where(asset_files.c.asset == assets.c.number)
    put = last.correlate(assets).scalar_subquery()
    query = sa.select(assets, verdicts.c.turn, verdicts.c.at.label("judged"), put.label("put"))
    query = query.select_from(assets.outerjoin(verdicts)).where(where)
    with engine.connect() as connection:
        rows = connection.execute(query).all()
    used = files.to_use(engine, [row.id for row in rows])
    names = Asset.__dataclass_fields__
    return [
        Entry(
            Asset(**{name: row._mapping[name] for name in names}),
            row.turn or 0,
            max(filter(None, (row.at, row.judged, row.put))),
            used.get(row.id),
        )
        for row in rows
    ]

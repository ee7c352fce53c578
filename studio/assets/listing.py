"""Assets of every kind as a page of the gallery shows them: what each is, and its picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Engine

from studio.assets import search
from studio.assets.search import Wanted
from studio.assets.tables import asset_files, assets, verdicts
from studio.assets.verdicts import Verdict
from studio.errors import StudioError

PICTURE = "picture"  # the role of the file that shows an asset; else
POSTER = "poster"  # of what is no picture; else its first that is one


@dataclass(frozen=True)
class Listed:
    """One asset. `said` is its prompt, else its name; width and height are those of the picture
    that shows it, 0 where it has none. `turn` counts what people said of it."""

    number: int
    id: str
    kind: str
    style: str
    version: int
    by: str
    at: str
    seed: int | None
    name: str
    variant: int
    verdict: Verdict | None
    turn: int
    said: str
    width: int
    height: int


def page(engine: Engine, wanted: Wanted, number: int, size: int) -> list[Listed]:
    """Page `number`, counted from 1, of what is wanted; one too far is empty."""
    skip = (number - 1) * size
    total = sum(search.tally(engine, "", wanted).values())
    if skip >= total:
        return []
    # No more than there are: with all of them found nobody looks through the rest for another.
    numbers = search.numbers(engine, "", wanted, min(size, total - skip), skip)
    return _listed(engine, assets.c.number.in_(numbers), numbers, "number")


def of_ids(engine: Engine, ids: Sequence[str]) -> list[Listed]:
    """The assets with these ids, in this order; those that are not there are left out."""
    return _listed(engine, assets.c.id.in_(ids), ids, "id")


def picture_path(engine: Engine, id: str) -> str:
    """Where the picture that shows an asset lies, relative to the studio's folder; StudioError
    where it has none."""
    with engine.connect() as connection:
        query = sa.select(assets.c.number).where(assets.c.id == id)
        shown = _pictures(connection, list(connection.scalars(query)))
    if not shown:
        raise StudioError(f"There is no picture of asset {id[:40]!r}.", "Load the page again.")
    return str(next(iter(shown.values()))[0])


def _listed(
    engine: Engine, where: sa.ColumnElement[bool], order: Sequence[object], key: str
) -> list[Listed]:
    names = [name for name in Listed.__dataclass_fields__ if name in assets.c]
    query = sa.select(*(assets.c[name] for name in names), assets.c.recipe, verdicts.c.turn)
    with engine.connect() as connection:
        rows = connection.execute(query.select_from(assets.outerjoin(verdicts)).where(where)).all()
        shown = _pictures(connection, [row.number for row in rows])
    found: dict[object, Listed] = {}
    for row in rows:
        _, width, height = shown.get(row.number, ("", None, None))
        told = {name: row._mapping[name] for name in names}
        said = str(row.recipe.get("prompt") or row.name or row.kind)
        found[told[key]] = Listed(
            **told, turn=row.turn or 0, said=said, width=width or 0, height=height or 0
        )
    return [found[one] for one in order if one in found]


def _pictures(connection: Connection, numbers: Sequence[int]) -> dict[int, tuple[Any, ...]]:
    """Path, width and height of the picture that shows each asset, where it has one."""
    c = asset_files.c
    query = sa.select(c.asset, c.path, c.width, c.height).where(c.asset.in_(numbers))
    query = query.where((c.role == PICTURE) | c.width.is_not(None))
    first = (c.role != PICTURE, c.role != POSTER, c.role)
    rows = connection.execute(query.order_by(c.asset, *first))
    shown: dict[int, tuple[Any, ...]] = {}
    for asset, *rest in rows:
        shown.setdefault(asset, tuple(rest))
    return shown

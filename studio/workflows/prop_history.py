"""The history of props: everything that was made, found by what it is, by whom, how, and what it
cost; each with what a page shows of it. Read from the database alone: a file is nowhere opened.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy import Connection, Engine

from studio.assets import search
from studio.assets.search import Wanted
from studio.assets.tables import asset_files, assets, verdicts
from studio.assets.verdicts import Verdict
from studio.charges.charge import NOTHING, counted
from studio.charges.money import Money
from studio.charges.tables import charges
from studio.context import now
from studio.database.engine import revision
from studio.database.ledger import stamp
from studio.errors import StudioError
from studio.workflows import prop_files

PAGE = 60  # assets of one page, unless another number is asked for
MOST = 200  # of one page
COSTS = ("", "paid", "free")
# Within a recipe's JSON; quotes within texts are escaped, so no prompt says this.
PAID, NOTHING_PAID = '%"cost": {"micros": %', '%"cost": {"micros": 0,%'


@dataclass(frozen=True)
class Filters:
    """Which assets: "" asks for all. `method` is a prop's; `verdict` may also be "open", not judged
    yet; `cost` is "paid" for what money was spent on, "free" for all else; every word of `text`
    must stand in what an asset is found by."""

    style: str = ""
    kind: str = ""
    by: str = ""
    method: str = ""
    verdict: str = ""
    cost: Literal["", "paid", "free"] = ""
    text: str = ""


@dataclass(frozen=True)
class Item:
    """One asset. `said` is its prompt, else its name; `method`, `triangles`, `closed` and
    `height_m` are a prop's, "" and None for all else. `poster` is the SHA-256 of the picture that
    shows it, "" for none, with its width and height in pixels. `cost` was paid for it, or, with
    `of_job`, for all that its job made; None: nothing. `turn` counts what people said of it."""

    id: str
    kind: str
    style: str
    version: int
    by: str
    at: str
    job: int | None
    name: str
    verdict: Verdict | None
    turn: int
    said: str
    method: str
    triangles: int | None
    closed: bool | None
    height_m: float | None
    poster: str
    width: int
    height: int
    cost: Money | None
    of_job: bool


@dataclass(frozen=True)
class Found:
    """A page of what was found, the newest first, and how many there are on all pages."""

    items: tuple[Item, ...]
    total: int
    page: int
    pages: int


@dataclass(frozen=True)
class Choices:
    """What the filters can offer: kinds of assets, styles, people, and methods of props."""

    kinds: tuple[str, ...]
    styles: tuple[str, ...]
    people: tuple[str, ...]
    methods: tuple[str, ...]


def found(engine: Engine, filters: Filters, page: int = 1, size: int = PAGE) -> Found:
    """Page `page`, from 1, of what is wanted; one too far is the last. StudioError for a cost or a
    size that there is not."""
    if filters.cost not in COSTS:
        raise StudioError(f"There is no cost {filters.cost!r}.", "Use paid, free, or nothing.")
    if not 1 <= size <= MOST:
        raise StudioError(f"The size of a page is {size}.", f"Give 1 to {MOST}.")
    query, c = _query(engine, filters), assets.c
    with engine.connect() as connection:
        counting = sa.select(sa.func.count()).select_from(query.subquery())
        total = int(connection.execute(counting).scalar_one())
        pages = max(1, -(-total // size))
        page = min(max(1, page), pages)
        newest = query.order_by(c.at.desc(), c.number).limit(size).offset((page - 1) * size)
        items = _items(connection, list(connection.scalars(newest))) if total else ()
    return Found(items, total, page, pages)


def of_ids(engine: Engine, ids: Sequence[str]) -> tuple[Item, ...]:
    """These assets, in this order; those that are not there are left out."""
    query = sa.select(assets.c.number, assets.c.id).where(assets.c.id.in_(ids))
    with engine.connect() as connection:
        numbers = {id: number for number, id in connection.execute(query)}
        return _items(connection, [numbers[id] for id in ids if id in numbers])


def choices(engine: Engine) -> Choices:
    """What the filters can offer; kept until the database's revision moves."""
    return _choices(engine, revision(engine))


def _query(engine: Engine, filters: Filters) -> sa.Select[tuple[int]]:
    """What selects the numbers of all that is wanted."""
    c = assets.c
    kind = filters.kind or (prop_files.KIND if filters.method else "")
    wanted = Wanted(
        style=filters.style,
        verdict=filters.verdict,
        by=filters.by,
        text=filters.text,
        category=filters.method,
    )
    query = search.query(engine, kind, wanted)
    if filters.method and kind != prop_files.KIND:  # others have no method
        query = query.where(sa.false())
    if filters.cost:
        spent = sa.select(charges.c.job).where(
            charges.c.job.is_not(None), charges.c.source == "call", _counted() > 0
        )
        # A job that is not there is of no charge: NULL is in no list.
        by_job = sa.func.coalesce(c.job, -1).in_(spent)
        recipe = sa.cast(c.recipe, sa.Text)
        paid = by_job | (recipe.like(PAID) & recipe.not_like(NOTHING_PAID))
        query = query.where(paid if filters.cost == "paid" else sa.not_(paid))
    return query


def _counted() -> sa.ColumnElement[int]:
    return counted(stamp(now()))


@lru_cache(maxsize=4)
def _choices(engine: Engine, revision: int) -> Choices:
    styles, people = search.choices(engine, "")
    c = assets.c
    methods = sa.select(c.category).where(c.kind == prop_files.KIND, c.category != "").distinct()
    with engine.connect() as connection:
        known = tuple(sorted(connection.scalars(methods)))
    named = tuple(name for name in styles if name)
    return Choices(tuple(search.kinds(engine)), named, tuple(people), known)


def _items(connection: Connection, numbers: Sequence[int]) -> tuple[Item, ...]:
    """Assets by their numbers, in this order."""
    if not numbers:
        return ()
    query = sa.select(assets, verdicts.c.turn).select_from(assets.outerjoin(verdicts))
    rows = connection.execute(query.where(assets.c.number.in_(numbers))).all()
    shown = _posters(connection, numbers)
    spent = _spent(connection, {row.job for row in rows if row.job is not None})
    made = {row.number: _item(row, shown.get(row.number), spent) for row in rows}
    return tuple(made[number] for number in numbers)


def _item(row: Any, shown: tuple[str, int, int] | None, spent: dict[int, Money]) -> Item:
    recipe = row.recipe
    figures = recipe.get("figures") if row.kind == prop_files.KIND else None
    figures = figures if isinstance(figures, dict) else {}
    hash, width, height = shown or ("", 0, 0)
    own = _own_cost(recipe.get("cost"))
    names = ("id", "kind", "style", "version", "by", "at", "job", "name", "verdict")
    return Item(
        **{name: row._mapping[name] for name in names},
        turn=row.turn or 0,
        said=str(recipe.get("prompt") or row.name or row.kind),
        method=row.category if row.kind == prop_files.KIND else "",
        triangles=figures.get("triangles"),
        closed=figures.get("closed"),
        height_m=figures.get("height_m"),
        poster=hash,
        width=width,
        height=height,
        cost=own or spent.get(row.job),
        of_job=own is None and row.job in spent,
    )


def _own_cost(told: object) -> Money | None:
    if not isinstance(told, dict) or not told.get("micros"):
        return None
    return Money(int(told["micros"]), str(told.get("currency") or ""))


def _posters(connection: Connection, numbers: Sequence[int]) -> dict[int, tuple[str, int, int]]:
    """Hash, width and height of the picture that shows each asset, where it has one."""
    c = asset_files.c
    query = sa.select(c.asset, c.role, c.hash, c.width, c.height)
    rows = connection.execute(query.where(c.asset.in_(numbers), c.width.is_not(None)))
    first = {"picture": 0, prop_files.POSTER: 1}
    best: dict[int, tuple[str, int, int]] = {}
    for row in sorted(rows, key=lambda row: (row.asset, first.get(row.role, 2), row.role)):
        best.setdefault(row.asset, (row.hash or "", row.width, row.height or 0))
    return best


def _spent(connection: Connection, jobs: set[int]) -> dict[int, Money]:
    """What the paid calls of each of these jobs cost, as far as it is known; of several currencies
    the first by its code."""
    if not jobs:
        return {}
    c, amount = charges.c, sa.func.sum(_counted())
    query = (
        sa.select(c.job, c.currency, amount)
        .where(c.job.in_(jobs), c.source == "call", c.state.not_in(NOTHING))
        .group_by(c.job, c.currency)
        .order_by(c.job, c.currency)
    )
    told: dict[int, Money] = {}
    for job, currency, micros in connection.execute(query):
        if micros:
            told.setdefault(job, Money(int(micros), currency))
    return told

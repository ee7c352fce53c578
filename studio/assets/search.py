"""Assets found by filters, a page at a time, however many there are.

Counts and choices are kept until the database's revision moves: somebody who pages through the
gallery asks for the same again and again. A kind of "" stands for all of them; each index begins
with the kind, so several are asked for one by one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Engine

from studio.assets.tables import asset_files, assets, board_assets, boards, verdicts
from studio.database.engine import revision

WORDS = 20  # of a search
BEHIND = ("raw",)  # kinds that no wall shows: seen from what was made of them alone


@dataclass(frozen=True)
class Wanted:
    """Which assets: "" and None ask for all. `verdict` may also be "open": not judged yet;
    every word of `text` must stand in what the asset is found by or in its name; `board` is a
    board's id; `seam` "cut" asks for pictures of which an edge was found cut; `since` (ISO UTC)
    for what was made, judged or painted over since then."""

    style: str = ""
    version: int | None = None
    verdict: str = ""
    by: str = ""
    text: str = ""
    job: int | None = None
    kind: str = ""
    board: str = ""
    seam: str = ""
    category: str = ""
    since: str = ""


@dataclass(frozen=True)
class Neighbours:
    """What stands before and after an asset among those wanted, "" at the ends; `place` counts
    from 1 among `total`, 0 where the asset itself is not wanted."""

    before: str
    after: str
    place: int
    total: int


def numbers(
    engine: Engine, kind: str, wanted: Wanted, size: int | None = None, skip: int = 0
) -> list[int]:
    """The rows' numbers of what is wanted: a job's as made, all others from the newest."""
    return _found(engine, assets.c.number, kind, wanted, size, skip)


def ids(engine: Engine, kind: str, wanted: Wanted, most: int) -> list[str]:
    """The ids of what is wanted, in the order of `numbers`."""
    return _found(engine, assets.c.id, kind, wanted, most)


def after(
    engine: Engine, kind: str, wanted: Wanted, size: int, place: tuple[str, int] | None
) -> list[int]:
    """The rows' numbers of what is wanted in the order of `numbers`, beyond the asset that was made
    at a moment and has a number: its `place`, whether it is there or not; None: from the first."""
    c, where = assets.c, list[sa.ColumnElement[bool]]()
    if place is not None:
        at, number = place
        later = (c.at < at) | ((c.at == at) & (c.number > number))
        where.append(c.number > number if wanted.job else later)
    return _found(engine, c.number, kind, wanted, size, where=tuple(where))


def neighbours(engine: Engine, kind: str, wanted: Wanted, id: str) -> Neighbours:
    """What stands beside asset `id` in the order of `numbers`, also where it is not wanted itself:
    it was judged meanwhile, say. None where there is no such asset."""
    c = assets.c
    with engine.connect() as connection:
        own = connection.execute(sa.select(c.number, c.at).where(c.id == id)).first()
    if own is None:
        return Neighbours("", "", 0, 0)
    if wanted.job:
        earlier: sa.ColumnElement[bool] = c.number < own.number
        later: sa.ColumnElement[bool] = c.number > own.number
    else:
        earlier = (c.at > own.at) | ((c.at == own.at) & (c.number < own.number))
        later = (c.at < own.at) | ((c.at == own.at) & (c.number > own.number))
    before = _found(engine, c.id, kind, wanted, 1, where=(earlier,), turned=True)
    after = _found(engine, c.id, kind, wanted, 1, where=(later,))
    counted = sa.select(sa.func.count()).select_from(assets)
    with engine.connect() as connection:
        where = _where(engine, kind, wanted)
        there = connection.execute(counted.where(*where, c.id == id)).scalar_one()
        place = connection.execute(counted.where(*where, earlier)).scalar_one() + 1
    total = sum(tally(engine, kind, wanted).values())
    first, next = (found[0] if found else "" for found in (before, after))
    return Neighbours(first, next, place if there else 0, total)


def query(engine: Engine, kind: str, wanted: Wanted) -> sa.Select[tuple[int]]:
    """What selects the numbers of all that is wanted, to be asked for within a larger query."""
    return sa.select(assets.c.number).where(*_where(engine, kind, wanted))


def tally(engine: Engine, kind: str, wanted: Wanted) -> dict[str, int]:
    """How many of what is wanted have each verdict; "open" for those without one."""
    return dict(_tally(engine, revision(engine), kind, wanted))


def choices(engine: Engine, kind: str) -> tuple[dict[str, list[int]], list[str]]:
    """What filters can offer: the versions of each style, newest first, and the people."""
    styles, people = _choices(engine, revision(engine), kind)
    return {style: list(versions) for style, versions in styles.items()}, list(people)


def kinds(engine: Engine) -> list[str]:
    """The kinds of assets that there are, without those of BEHIND."""
    return list(_kinds(engine, revision(engine)))


def _found(
    engine: Engine,
    column: sa.Column[Any],
    kind: str,
    wanted: Wanted,
    size: int | None,
    skip: int = 0,
    where: tuple[sa.ColumnElement[bool], ...] = (),
    turned: bool = False,
) -> list[Any]:
    """A column of what is wanted, in its order or `turned` round."""
    c = assets.c
    most = None if size is None else size + skip
    shown = dict.fromkeys((column, c.number, *(() if wanted.job else (c.at,))))
    # Each comes in its index's order, and brings no more than is wanted of all together.
    parts = [
        sa.select(*shown)
        .where(*_where(engine, one, wanted), *where)
        .order_by(*_order(c, wanted, turned))
        .limit(most)
        for one in _named(engine, kind or wanted.kind)
    ]
    if not parts:
        return []
    if len(parts) == 1:
        found: Any = parts[0].limit(size).offset(skip)
    else:
        all = sa.union_all(*(sa.select(part.subquery()) for part in parts)).subquery()
        found = sa.select(all).order_by(*_order(all.c, wanted, turned)).limit(size).offset(skip)
    with engine.connect() as connection:
        return list(connection.scalars(found))


def _order(c: Any, wanted: Wanted, turned: bool) -> tuple[sa.ColumnElement[Any], ...]:
    if wanted.job:
        return (c.number.desc() if turned else c.number,)
    return (c.at, c.number.desc()) if turned else (c.at.desc(), c.number)


def _named(engine: Engine, kind: str) -> Sequence[str]:
    return (kind,) if kind else kinds(engine)


@lru_cache(maxsize=8)
def _kinds(engine: Engine, revision: int) -> tuple[str, ...]:
    with engine.connect() as connection:
        found = _distinct(connection, assets.c.kind)
    return tuple(kind for kind in found if kind not in BEHIND)


@lru_cache(maxsize=64)
def _tally(engine: Engine, revision: int, kind: str, wanted: Wanted) -> tuple[tuple[str, int], ...]:
    verdict: sa.ColumnElement[Any] = assets.c.verdict
    if wanted.text:
        # Grouped by the column SQLite would go through an index in its order, not through the one
        # that holds the text, and fetch every row.
        verdict = sa.func.coalesce(verdict, "open")
    where = _where(engine, kind, wanted)
    query = sa.select(verdict, sa.func.count()).where(*where).group_by(verdict)
    with engine.connect() as connection:
        return tuple((said or "open", int(count)) for said, count in connection.execute(query))


@lru_cache(maxsize=8)
def _choices(engine: Engine, revision: int, kind: str) -> tuple[dict[str, list[int]], list[str]]:
    c = assets.c
    styles: dict[str, set[int]] = {}
    people: set[str] = set()
    with engine.connect() as connection:
        for one in _named(engine, kind):
            for name in _distinct(connection, c.style, c.kind == one):
                found = _distinct(connection, c.version, c.kind == one, c.style == name)
                styles.setdefault(name, set()).update(found)
            people.update(_distinct(connection, c.by, c.kind == one))
    return {name: sorted(styles[name])[::-1] for name in sorted(styles)}, sorted(people)


def _distinct(
    connection: Connection, column: sa.Column[Any], *where: sa.ColumnElement[bool]
) -> list[Any]:
    """A column's values in their order. The index is searched once for each value: DISTINCT would
    read all of it."""
    least = sa.func.min(column)
    found = sa.select(least.label("value")).where(*where).cte("found", recursive=True)
    larger = sa.select(least).where(*where, column > found.c.value).scalar_subquery()
    found = found.union_all(sa.select(larger).where(found.c.value.is_not(None)))
    value = found.c.value
    return list(connection.scalars(sa.select(value).where(value.is_not(None)).order_by(value)))


def _where(engine: Engine, kind: str, wanted: Wanted) -> list[sa.ColumnElement[bool]]:
    c = assets.c
    named = _named(engine, kind or wanted.kind)
    found: list[sa.ColumnElement[bool]] = [
        c.kind == named[0] if len(named) == 1 else c.kind.in_(named)
    ]
    equal: tuple[tuple[sa.Column[Any], Any], ...] = (
        (c.style, wanted.style),
        (c.version, wanted.version),
        (c.by, wanted.by),
        (c.job, wanted.job),
        (c.category, wanted.category),
    )
    found += [column == value for column, value in equal if value]
    if wanted.verdict:
        open = wanted.verdict == "open"
        found.append(c.verdict.is_(None) if open else c.verdict == wanted.verdict)
    if wanted.board:
        on = sa.select(board_assets.c.asset).join(boards, boards.c.number == board_assets.c.board)
        found.append(c.number.in_(on.where(boards.c.id == wanted.board)))
    if wanted.since:
        told = sa.select(verdicts.c.asset).where(verdicts.c.at >= wanted.since)
        painted = sa.select(asset_files.c.asset).where(asset_files.c.at >= wanted.since)
        found.append((c.at >= wanted.since) | c.number.in_(told) | c.number.in_(painted))
    if wanted.seam:
        # Quotes within texts are escaped, so no prompt says this.
        found.append(sa.cast(c.recipe, sa.Text).like(f'%"verdict": "{wanted.seam}"%'))
    words = wanted.text.casefold().split()[:WORDS]
    return found + [c.text.contains(word, autoescape=True) for word in words]

"""Assets found by filters, a page at a time, however many there are.

Counts and choices are kept until the database's revision moves: somebody who pages through the
gallery asks for the same again and again.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Engine

from studio.assets.tables import assets
from studio.database.engine import revision

WORDS = 20  # of a search


@dataclass(frozen=True)
class Wanted:
    """Which assets: "" and None ask for all. `verdict` may also be "open": not judged yet;
    every word of `text` must stand in what the asset is found by or in its name."""

    style: str = ""
    version: int | None = None
    verdict: str = ""
    by: str = ""
    text: str = ""
    job: int | None = None


def numbers(
    engine: Engine, kind: str, wanted: Wanted, size: int | None = None, skip: int = 0
) -> list[int]:
    """The rows' numbers of what is wanted: a job's as made, all others from the newest."""
    found = query(kind, wanted).order_by(*_order(wanted)).limit(size).offset(skip)
    with engine.connect() as connection:
        return list(connection.scalars(found))


def ids(engine: Engine, kind: str, wanted: Wanted, most: int) -> list[str]:
    """The ids of what is wanted, in the order of `numbers`."""
    found = sa.select(assets.c.id).where(*_where(kind, wanted)).order_by(*_order(wanted))
    with engine.connect() as connection:
        return list(connection.scalars(found.limit(most)))


def query(kind: str, wanted: Wanted) -> sa.Select[tuple[int]]:
    """What selects the numbers of all that is wanted, to be asked for within a larger query."""
    return sa.select(assets.c.number).where(*_where(kind, wanted))


def tally(engine: Engine, kind: str, wanted: Wanted) -> dict[str, int]:
    """How many of what is wanted have each verdict; "open" for those without one."""
    return dict(_tally(engine, revision(engine), kind, wanted))


def choices(engine: Engine, kind: str) -> tuple[dict[str, list[int]], list[str]]:
    """What filters can offer: the versions of each style, newest first, and the people."""
    styles, people = _choices(engine, revision(engine), kind)
    return {style: list(versions) for style, versions in styles.items()}, list(people)


@lru_cache(maxsize=64)
def _tally(engine: Engine, revision: int, kind: str, wanted: Wanted) -> tuple[tuple[str, int], ...]:
    verdict: sa.ColumnElement[Any] = assets.c.verdict
    if wanted.text:
        # Grouped by the column SQLite would go through an index in its order, not through the one
        # that holds the text, and fetch every row.
        verdict = sa.func.coalesce(verdict, "open")
    query = sa.select(verdict, sa.func.count()).where(*_where(kind, wanted)).group_by(verdict)
    with engine.connect() as connection:
        return tuple((said or "open", int(count)) for said, count in connection.execute(query))


@lru_cache(maxsize=8)
def _choices(engine: Engine, revision: int, kind: str) -> tuple[dict[str, list[int]], list[str]]:
    c = assets.c
    with engine.connect() as connection:
        names = _distinct(connection, c.style, c.kind == kind)
        styles = {
            name: _distinct(connection, c.version, c.kind == kind, c.style == name)[::-1]
            for name in names
        }
        return styles, _distinct(connection, c.by, c.kind == kind)


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


def _order(wanted: Wanted) -> tuple[sa.ColumnElement[Any], ...]:
    c = assets.c
    return (c.number,) if wanted.job else (c.at.desc(), c.number)


def _where(kind: str, wanted: Wanted) -> list[sa.ColumnElement[bool]]:
    c = assets.c
    found: list[sa.ColumnElement[bool]] = [c.kind == kind]
    equal: tuple[tuple[sa.Column[Any], Any], ...] = (
        (c.style, wanted.style),
        (c.version, wanted.version),
        (c.by, wanted.by),
        (c.job, wanted.job),
    )
    found += [column == value for column, value in equal if value]
    if wanted.verdict:
        open = wanted.verdict == "open"
        found.append(c.verdict.is_(None) if open else c.verdict == wanted.verdict)
    words = wanted.text.casefold().split()[:WORDS]
    return found + [c.text.contains(word, autoescape=True) for word in words]

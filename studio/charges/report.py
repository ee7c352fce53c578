"""What was spent, on what: totals by a column, and the charges one by one. Amounts of several
currencies stand beside each other and are never summed."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TextIO

import sqlalchemy as sa
from sqlalchemy import Engine

from studio.accounts.rights import check
from studio.charges import money
from studio.charges.charge import NOTHING, OPEN, Charge, as_charge, checked_month, counted
from studio.charges.tables import charges
from studio.database.ledger import stamp
from studio.text.cells import tame

RIGHT = "see costs"
BY = ("month", "style", "kind", "person", "machine", "provider", "source")
COLUMNS = (
    "id",
    "month",
    "source",
    "state",
    "currency",
    "amount",
    "estimate",
    "actual",
    "kind",
    "what",
    "style",
    "person",
    "machine",
    "provider",
    "job",
    "prices",
    "item",
    "quantity",
    "reference",
    "token",
    "made_at",
    "sent_at",
    "ended_at",
    "settled_by",
    "why",
    "note",
)
BATCH = 500


@dataclass(frozen=True)
class Total:
    """What a month, a style... cost in one currency, in micro-units: `spent` is known, `open` is
    estimated and under way, `unconfirmed` may cost so much more. `count` has the charges."""

    name: str
    currency: str
    spent: int
    open: int
    unconfirmed: int
    count: int


def totals(engine: Engine, column: str, month: str = "", *, by: str, now: datetime) -> list[Total]:
    """The totals by a column of BY, of one month or of all; by name, then currency."""
    check(by, RIGHT)
    if column not in BY:
        raise ValueError(f"no total by {column!r}")
    c, amount = charges.c, counted(stamp(now))

    def share(where: sa.ColumnElement[bool]) -> sa.ColumnElement[Any]:
        return sa.func.sum(sa.case((where, amount), else_=0))

    under_way, lost = c.state.in_(OPEN), c.state == "unconfirmed"
    named = c[column]
    query = (
        sa.select(
            named,
            c.currency,
            share(~under_way & ~lost),
            share(under_way),
            share(lost),
            sa.func.count(),
        )
        .where(c.state.not_in(NOTHING))
        .group_by(named, c.currency)
        .order_by(named, c.currency)
    )
    if month:
        query = query.where(c.month == checked_month(month))
    with engine.connect() as connection:
        found = connection.execute(query).all()
    return [Total(name, code, *(int(one) for one in more)) for name, code, *more in found]


def months(engine: Engine) -> list[str]:
    """The months that something counts in, the newest first."""
    query = sa.select(charges.c.month).distinct().order_by(charges.c.month.desc())
    with engine.connect() as connection:
        return list(connection.execute(query).scalars())


def newest(
    engine: Engine, month: str = "", state: str = "", source: str = "", *, most: int, by: str
) -> list[Charge]:
    """The newest charges of a month, a state and a source, or of all."""
    check(by, RIGHT)
    query = _query(month).order_by(charges.c.id.desc()).limit(most)
    if state:
        query = query.where(charges.c.state == state)
    if source:
        query = query.where(charges.c.source == source)
    with engine.connect() as connection:
        return [as_charge(row) for row in connection.execute(query)]


def write_csv(engine: Engine, file: TextIO, month: str = "", *, by: str) -> int:
    """Every charge of a month, or of all, as lines of CSV, the oldest first; how many. Amounts are
    decimals of the currency beside them, moments are UTC."""
    check(by, RIGHT)
    writer = csv.writer(file)  # with CRLF at the ends, so that a line break in a text is quoted
    writer.writerow(COLUMNS)
    count = 0
    for charge in _all(engine, month):
        writer.writerow([_cell(charge, name) for name in COLUMNS])
        count += 1
    return count


def _all(engine: Engine, month: str) -> Iterator[Charge]:
    query = _query(month).order_by(charges.c.id)
    with engine.connect() as connection:
        for row in connection.execute(query, execution_options={"yield_per": BATCH}):
            yield as_charge(row)


def _query(month: str) -> sa.Select[Any]:
    query = sa.select(charges)
    return query.where(charges.c.month == checked_month(month)) if month else query


def _cell(charge: Charge, name: str) -> str | int:
    if name == "amount":
        return money.plain(charge.amount.micros, charge.currency)
    value = getattr(charge, name)
    if value is None:
        return ""
    if name in ("estimate", "actual"):
        return money.plain(value, charge.currency)
    if isinstance(value, int):
        return value
    return tame(value)

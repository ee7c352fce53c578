"""What an approved picture of each style cost."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Engine

from studio.assets.tables import assets
from studio.charges import report
from studio.generation.gallery_table import KIND


@dataclass(frozen=True)
class PicturePrice:
    """A style's costs in one currency (micro-units, what is under way and unconfirmed included),
    the pictures that are approved, and what one came to, rounded; None where none is approved."""

    style: str
    currency: str
    spent: int
    approved: int
    each: int | None


def approved(engine: Engine, month: str = "", *, by: str, now: datetime) -> list[PicturePrice]:
    """All that was spent on each style in a month, trainings and failures too, shared among its
    pictures that were made in that month and are approved by now. Of all months without one."""
    found = []
    counts = _approved(engine, month)
    for one in report.totals(engine, "style", month, by=by, now=now):
        if not one.name:
            continue
        spent, number = one.spent + one.open + one.unconfirmed, counts.get(one.name, 0)
        each = (2 * spent + number) // (2 * number) if number else None
        found.append(PicturePrice(one.name, one.currency, spent, number, each))
    return found


def _approved(engine: Engine, month: str) -> dict[str, int]:
    c = assets.c
    query = (
        sa.select(c.style, sa.func.count())
        .where(c.kind == KIND, c.verdict == "approved")
        .group_by(c.style)
    )
    if month:
        query = query.where(sa.func.substr(c.at, 1, len(month)) == month)
    with engine.connect() as connection:
        return {style: int(count) for style, count in connection.execute(query)}

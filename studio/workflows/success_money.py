"""What the pictures cost, and what the time that they saved is worth, by currency.

What an hour of people's work costs stands in the price list PEOPLE, as an item of that name or of
all: it is kept as versions with a reason, as every price. The newest holds for all months.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Engine

from studio.charges import prices
from studio.charges.money import MICRO
from studio.charges.prices import TIMES, UNITS
from studio.review import success_figures
from studio.review.success import Figure
from studio.review.success_figures import Time
from studio.workflows import spending

PEOPLE, ARTIST = "people", "artist"  # the price list, and its item


def minute_of(engine: Engine) -> tuple[str, float] | None:
    """What a minute of people's work costs: the currency, and units of it; None where no price
    list says so."""
    lists = prices.versions(engine, PEOPLE)
    price = lists[0].price(ARTIST) if lists else None
    if price is None or price.unit not in TIMES:
        return None
    return lists[0].currency, price.micros / MICRO * UNITS["minute"] / UNITS[price.unit]


def figures(
    engine: Engine,
    style: str,
    month: str,
    times: Sequence[Time],
    by_hand: float | None,
    *,
    by: str,
    now: datetime,
) -> list[Figure]:
    """Cost and return for each currency in which something was spent on the style; `by_hand` are
    the minutes that an approved picture takes."""
    known, found = minute_of(engine), []
    for one in spending.approved(engine, month, by=by, now=now):
        if one.style != style:
            continue
        minute = known[1] if known and known[0] == one.currency else None
        each = None if one.each is None else one.each / MICRO
        hand = None if minute is None or by_hand is None else minute * by_hand
        found.append(success_figures.cost(each, one.approved, one.currency, hand))
        found.append(success_figures.roi(times, minute, one.spent / MICRO, one.currency))
    return found or _nothing_spent(times, known)


def _nothing_spent(times: Sequence[Time], known: tuple[str, float] | None) -> list[Figure]:
    currency, minute = known or ("EUR", None)
    return [success_figures.roi(times, minute, 0.0, currency)]

"""What the pictures cost, and what the time that they saved is worth, by currency.

What an hour of people's work costs stands in the price list PEOPLE, as an item of that name or of
all: it is kept as versions with a reason, as every price. The newest that holds by now holds for
all months.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Engine

from studio.charges import prices
from studio.charges.money import MICRO
from studio.charges.prices import TIMES, UNITS
from studio.database.ledger import stamp
from studio.review import success_figures
from studio.review.success import Figure
from studio.review.success_figures import Time
from studio.workflows import spending

PEOPLE, ARTIST = "people", "artist"  # the price list, and its item


def minute_of(engine: Engine, now: datetime) -> tuple[str, float] | None:
    """What a minute of people's work costs: the currency, and units of it; None where no price
    list says so."""
    begun = stamp(now)
    lists = [one for one in prices.versions(engine, PEOPLE) if one.since <= begun]
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
    approved: int,
    without: int,
    by: str,
    now: datetime,
) -> list[Figure]:
    """Cost and return for each currency in which something was spent on the style; `by_hand` are
    the minutes that an approved picture takes, `approved` how many there are, `without` the
    exported pictures that have no time by hand."""
    known, found = minute_of(engine, now), list[Figure]()
    own = [one for one in spending.approved(engine, month, by=by, now=now) if one.style == style]
    for one in own:
        minute = known[1] if known and known[0] == one.currency else None
        each = one.each / MICRO if one.each is not None and one.spent else None
        hand = None if minute is None or by_hand is None else minute * by_hand
        others = [two.currency for two in own if two.spent and two.currency != one.currency]
        found += [
            success_figures.cost(each, one.approved, one.currency, hand, others=others),
            success_figures.roi(
                times, minute, one.spent / MICRO, one.currency, others=others, without=without
            ),
        ]
    return found or _nothing_spent(times, known, approved)


def _nothing_spent(
    times: Sequence[Time], known: tuple[str, float] | None, approved: int
) -> list[Figure]:
    currency, minute = known or ("EUR", None)
    return [
        success_figures.cost(None, approved, currency, None),
        success_figures.roi(times, minute, 0.0, currency),
    ]

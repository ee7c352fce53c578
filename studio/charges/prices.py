"""Price lists: what a provider, or an hour of an own machine, costs. Every change is a version of
its own and all are kept: a charge names the version that it was reckoned by.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Engine, Row

from studio import numbers
from studio.accounts.rights import check
from studio.charges import currencies, reasons
from studio.charges.money import MICRO, MOST, Money
from studio.charges.tables import price_lists
from studio.database import ledger
from studio.database.engine import writing
from studio.database.ledger import stamp
from studio.errors import StudioError, nearest
from studio.text.decoding import cleaned

RIGHT = "manage costs"
OWN = "own machines"  # the list of the team's own: its items are their names
ANY = "*"  # the item that stands for all that have no price of their own
# How many of what is counted make one of a price's unit: times are counted in milliseconds.
UNITS = {
    "call": 1,
    "picture": 1,
    "second": 1_000,
    "minute": 60_000,
    "hour": 3_600_000,
    "1k tokens": 1_000,
    "1M tokens": 1_000_000,
}
TIMES = ("second", "minute", "hour")  # what own machines are priced by
NAME, SOURCE, MOST_PRICES, LARGEST = 60, 300, 500, 10**12
# Micro-units of a price, else MOST: of months of them that is still a number that databases hold.
HIGHEST = {"second": MOST // 1_000, "minute": MOST // 1_000}
_ODD = re.compile(r"[@,\x00-\x1f\x7f]")


@dataclass(frozen=True)
class Price:
    """What one `unit` of an item costs, in micro-units of its list's currency."""

    item: str
    unit: str
    micros: int


@dataclass(frozen=True)
class Quote:
    """What a quantity of an item will cost, and by which version of which list; version 0 where by
    none: the provider said so itself."""

    money: Money
    price_list: str = ""
    version: int = 0
    item: str = ""
    quantity: int = 0


@dataclass(frozen=True)
class PriceList:
    """One version of a list; versions count from 1. Its prices hold from `since` on (ISO UTC);
    `source` is where they stand, an address with a date say."""

    name: str
    version: int
    currency: str
    prices: tuple[Price, ...]
    since: str
    source: str
    by: str
    at: str
    why: str

    def price(self, item: str) -> Price | None:
        """The item's own price, else that of all others; None where there is neither."""
        known = {one.item: one for one in self.prices}
        return known.get(item) or known.get(ANY)

    def quote(self, item: str, quantity: int) -> Quote:
        """What `quantity` of the item costs: calls, pictures, tokens, or milliseconds. What is
        left of a micro-unit counts as a whole one. StudioError where it has no price."""
        price = self.price(item)
        if price is None:
            known = [one.item for one in self.prices]
            raise StudioError(
                f"The price list {self.name}@{self.version} has no price of {item[:80]!r}.",
                f"{nearest(item, known)}{SET}",
            )
        if not 0 <= quantity <= LARGEST:
            raise ValueError(f"{quantity} of {item} can't be priced")
        micros = -(-quantity * price.micros // UNITS[price.unit])
        return Quote(Money(micros, self.currency), self.name, self.version, item, quantity)


SET = "A producer sets prices on the page Costs, or by: python -m studio costs set-prices NAME FILE"


def in_force(engine: Engine, name: str, at: datetime) -> PriceList:
    """The version of a list that holds at a moment; StudioError where none does."""
    c = price_lists.c
    query = _of(name).where(c.since <= stamp(at)).order_by(c.version.desc()).limit(1)
    with engine.connect() as connection:
        row = connection.execute(query).first()
    if row is None:
        raise StudioError(f"There is no price list {name[:80]!r} that holds now.", SET)
    return _list(row)


def versions(engine: Engine, name: str) -> list[PriceList]:
    """Every version of a list, the newest first."""
    query = _of(name).order_by(price_lists.c.version.desc())
    with engine.connect() as connection:
        return [_list(row) for row in connection.execute(query)]


def newest(engine: Engine) -> list[PriceList]:
    """The newest version of every list, by name."""
    c = price_lists.c
    query = sa.select(price_lists).order_by(c.name, c.version)
    with engine.connect() as connection:
        found = {row.name: _list(row) for row in connection.execute(query)}
    return list(found.values())


def save(
    engine: Engine,
    name: str,
    currency: str,
    prices: Sequence[Price],
    *,
    after: int,
    since: datetime | None = None,
    source: str = "",
    why: str,
    by: str,
    now: datetime,
) -> PriceList:
    """Keep prices as the list's next version, to hold from `since` on, or from now. `after` is the
    version that the person saw, 0 for a new list. What changes nothing makes no version.

    StudioError where another version is there by now, for a price that is none, for no reason, and
    for a `since` before the version's before: what was reckoned by that one stays as it is.
    """
    check(by, RIGHT)
    name, source = _named(name), " ".join(cleaned(source).split())[:SOURCE]
    code, kept, why = currencies.checked(currency), _checked(prices), reasons.checked(why)
    if name == OWN and any(one.unit not in TIMES for one in kept):
        raise StudioError("Own machines are priced by their time.", f"Units: {', '.join(TIMES)}.")
    begins = stamp(since or now)
    with writing(engine) as connection:
        held = _newest(connection, name)
        told = (code, kept, source)
        if held and (held.currency, held.prices, held.source) == told and since is None:
            return held
        _check_turn(held, name, after, begins)
        number = held.version + 1 if held else 1
        new = PriceList(name, number, code, kept, begins, source, str(by), stamp(now), why)
        row = {**vars(new), "prices": [[p.item, p.unit, p.micros] for p in kept]}
        connection.execute(price_lists.insert().values(row))
        said = f"{name}@{number}: {why}"
        ledger.record(connection, at=now, actor=by, action="set prices", reason=said)
    return new


def _check_turn(held: PriceList | None, name: str, after: int, begins: str) -> None:
    if (held.version if held else 0) != after:
        was = f"version {held.version}, by {held.by}" if held else "none"
        raise StudioError(
            f"The price list {name} is {was} by now, not {after or 'none'}.",
            "Look at it again, and make your change to what is there now.",
        )
    if held and begins < held.since:
        raise StudioError(
            f"Version {held.version} of {name} holds from {held.since[:10]} on.",
            "Let the next one begin on that day or later.",
        )


def _named(written: str) -> str:
    name = " ".join(cleaned(written).split())
    if not 1 <= len(name) <= NAME or _ODD.search(name):
        raise StudioError(
            f"{name[:80]!r} is no name for a price list.",
            f"Use 1 to {NAME} characters without @ and commas.",
        )
    return name


def _checked(prices: Sequence[Price]) -> tuple[Price, ...]:
    found: dict[str, Price] = {}
    for one in prices:
        item = " ".join(cleaned(one.item).split())
        if not 1 <= len(item) <= NAME or _ODD.search(item):
            raise StudioError(
                f"{item[:80]!r} is no item of a price list.",
                f"Use 1 to {NAME} characters without @ and commas.",
            )
        if item in found:
            raise StudioError(f"{item} has two prices.", "Give each item one.")
        if one.unit not in UNITS:
            raise StudioError(
                f"The price of {item} is for a {numbers.shown(one.unit)}.",
                f"Prices are for a {', '.join(UNITS)}.",
            )
        highest = HIGHEST.get(one.unit, MOST)
        if not 0 <= one.micros <= highest:
            raise StudioError(
                f"The price of {item} is out of bounds.",
                f"Give one from 0 to {highest // MICRO:,} for one {one.unit}.",
            )
        found[item] = Price(item, one.unit, one.micros)
    if not 1 <= len(found) <= MOST_PRICES:
        raise StudioError(
            f"The price list has {len(found)} prices.", f"Give 1 to {MOST_PRICES} of them."
        )
    return tuple(found.values())


def _of(name: str) -> sa.Select[Any]:
    return sa.select(price_lists).where(price_lists.c.name == name)


def _newest(connection: Connection, name: str) -> PriceList | None:
    row = connection.execute(_of(name).order_by(price_lists.c.version.desc()).limit(1)).first()
    return _list(row) if row else None


def _list(row: Row[Any]) -> PriceList:
    found = dict(row._mapping)
    found["prices"] = tuple(Price(*one) for one in found["prices"])
    return PriceList(**found)

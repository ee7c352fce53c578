"""What machines cost: each that costs anything has a price list of its own, with one price for its
time. What it computed is counted in milliseconds, as the machine says them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Engine

from studio.charges import money, prices
from studio.charges.prices import Price, PriceList
from studio.database.ledger import stamp
from studio.errors import StudioError

TIME = "time"  # the item of a machine's price list


def name_of(machine: str) -> str:
    """What a machine's price list is called."""
    return f"machine {machine}"


def of(engine: Engine, machine: str, now: datetime) -> PriceList | None:
    """A machine's prices that hold now; None where it costs nothing."""
    held = prices.versions(engine, name_of(machine))
    return next((one for one in held if one.since <= stamp(now)), None)


def save(
    engine: Engine,
    machine: str,
    amount: str,
    unit: str,
    currency: str,
    *,
    by: str,
    now: datetime,
) -> PriceList:
    """Have a second, a minute or an hour of it cost that, from now on. StudioError for what is no
    amount, no unit or no currency."""
    if unit not in prices.TIMES:
        raise StudioError(
            f"A machine has no price for a {unit[:40]!r}.", f"Units: {', '.join(prices.TIMES)}."
        )
    micros = money.read(amount, currency).micros
    held = prices.versions(engine, name_of(machine))
    return prices.save(
        engine,
        name_of(machine),
        currency,
        [Price(TIME, unit, micros)],
        after=held[0].version if held else 0,
        why=f"what {machine} costs",
        by=by,
        now=now,
    )


def said(held: PriceList | None) -> str:
    """A machine's price for people; "" where it costs nothing."""
    price = held.price(TIME) if held else None
    if held is None or price is None:
        return ""
    a = "an" if price.unit == "hour" else "a"
    return f"{money.plain(price.micros, held.currency)} {held.currency} {a} {price.unit}"

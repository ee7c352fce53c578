"""Prices as people write them: a line each, with item, unit and price, and commas between.

hunyuan3d-2, call, 0.08
workstation, hour, 0.35
"""

from __future__ import annotations

from collections.abc import Iterable

from studio.charges import money
from studio.charges.prices import UNITS, Price
from studio.errors import StudioError

PARTS = 3


def read(text: str, currency: str) -> list[Price]:
    """The prices of a text, as amounts of `currency`; empty lines and those that begin with # are
    passed over. StudioError names the line."""
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        parts = [part.strip() for part in line.split(",")]
        if len(parts) != PARTS:
            raise StudioError(
                f"Line {number} of the prices is {line.strip()[:80]!r}.",
                f"Write item, unit, price: hunyuan3d-2, call, 0.08. Units: {', '.join(UNITS)}.",
            )
        item, unit, written = parts
        try:
            found.append(Price(item, unit, money.read(written, currency).micros))
        except StudioError as error:
            raise StudioError(f"Line {number}: {error.message}", error.remedy) from None
    return found


def written(prices: Iterable[Price], currency: str) -> str:
    """Prices as `read` takes them."""
    return "\n".join(
        f"{one.item}, {one.unit}, {money.plain(one.micros, currency)}" for one in prices
    )

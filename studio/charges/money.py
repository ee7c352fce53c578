"""Amounts of money: whole micro-units, millionths of a euro or a yen, with the currency's code.

Nothing here is a float, and amounts of two currencies are never added, compared or converted.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from studio import numbers
from studio.charges import currencies
from studio.errors import StudioError

MICRO = 1_000_000
MOST = 10**15  # micro-units of one amount: a billion euros, dollars or yen
# A comma would be read as thousands by some and as the point by others.
_WRITTEN = re.compile(r"([0-9]{1,10})(?:\.([0-9]{1,6}))?")


@dataclass(frozen=True)
class Money:
    """An amount, in micro-units of `currency` (ISO 4217)."""

    micros: int
    currency: str

    def __str__(self) -> str:
        return f"{grouped(self.micros, self.currency)} {self.currency}"


def read(written: str, currency: str) -> Money:
    """What somebody wrote, "12.50", as an exact amount from 0 to MOST. StudioError else."""
    code = currencies.checked(currency)
    found = _WRITTEN.fullmatch(written.strip())
    if found is None:
        raise StudioError(
            f"{numbers.shown(written)} is no amount of money.",
            "Write it with a point, as 12.50, and at most 6 digits behind it.",
        )
    whole, part = found.groups(default="")
    return checked(Money(int(whole) * MICRO + int(part.ljust(6, "0")), code))


def checked(amount: Money) -> Money:
    """The amount; StudioError where it is below nothing or above MOST."""
    if not 0 <= amount.micros <= MOST:
        raise StudioError(
            f"{amount} is no amount that the studio counts.",
            f"Give one from 0 to {Money(MOST, amount.currency)}.",
        )
    return amount


def plain(micros: int, currency: str) -> str:
    """An amount for fields and files: every digit that it has, at least those that are usual in
    the currency, and nothing between thousands."""
    return grouped(micros, currency).replace(",", "")


def grouped(micros: int, currency: str) -> str:
    """As `plain`, with commas between thousands."""
    whole, part = divmod(abs(micros), MICRO)
    least = currencies.DIGITS.get(currency, currencies.USUAL)
    digits = f"{part:06d}".rstrip("0").ljust(least, "0")
    return f"{'-' * (micros < 0)}{whole:,}{'.' if digits else ''}{digits}"


def same_currency(one: str, other: str, what: str) -> None:
    """StudioError where an amount comes in another currency than `what` is counted in."""
    if one != other:
        raise StudioError(
            f"{what} is counted in {one}, and an amount in {other} was given.",
            f"Give it in {one}: the studio converts nothing.",
        )

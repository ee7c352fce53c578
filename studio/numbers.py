"""Numbers as people, files and addresses give them: read in one way, finite and within bounds."""

from __future__ import annotations

import math
import re
import reprlib
from decimal import Decimal
from typing import Any

from studio.errors import StudioError

# What PostgreSQL's INTEGER holds, in which rows and versions are counted; SQLite's holds more.
HIGHEST_ID = 2**31 - 1
# Pictures begin from torch's generator on the CPU, whichever device draws them, so that all draw
# the same. It is a Mersenne Twister, and takes the low 32 bits of its seed: no more pictures than
# these are to be had, and a seed above draws what one of these draws.
SEEDS = 2**32
# As in Python, YAML and TOML (1_000), but with these digits alone: Python counts ² among them, too.
WRITTEN = re.compile(r"[+-]?(?:[0-9]+(?:_[0-9]+)*\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,9})?")
LONGEST = 40  # characters that a number is written in, and that an error repeats of it


def whole(name: str, given: Any, low: int, high: int) -> int:
    """`given`, a number or how it is written ("12", "1e3"), as a whole number from `low` to
    `high`. StudioError naming it by `name` for anything else."""
    found = _exact(given)
    if found is None or not low <= found <= high or found != int(found):
        raise StudioError(
            f"{name} is {shown(given)}.", f"Give a whole number from {low} to {high}."
        )
    return int(found)


def number(name: str, given: Any, low: float, high: float) -> float:
    """`given`, a number or how it is written ("0.5", "1e-4"), as a finite number from `low` to
    `high`. StudioError naming it by `name` for anything else."""
    found = _exact(given)
    if found is None or not low <= found <= high:
        point = f", as {given.strip().replace(',', '.')}" if _has_a_comma(given) else ""
        raise StudioError(
            f"{name} is {shown(given)}.", f"Give a number from {low:g} to {high:g}{point}."
        )
    return float(found)


def seed(given: Any) -> int:
    """A picture's seed, 0 to 2^32 - 1. StudioError else, which names the seed that draws the same
    picture where there is one."""
    try:
        return whole("seed", given, 0, SEEDS - 1)
    except StudioError as error:
        found = _exact(given)
        if found is None or not SEEDS <= found < 2**64 or found != int(found):
            raise
        raise StudioError(
            error.message, f"{error.remedy} {int(found) % SEEDS} draws the same picture."
        ) from None


def counted(text: str | None, high: int = HIGHEST_ID) -> int | None:
    """The number that an address or a name has there, in digits alone; None for anything else and
    for more than `high`, which nothing is counted to."""
    if text is None or not re.fullmatch("[0-9]{1,16}", text) or int(text) > high:
        return None
    return int(text)


def shown(given: Any) -> str:
    """What was given, for an error: short, also where it is long."""
    if isinstance(given, int) and abs(given) >= 10**LONGEST:  # Python writes no int that is longer
        return f"a number of more than {LONGEST} digits"
    if isinstance(given, str):
        return repr(given) if len(given) <= LONGEST else f"{given[:LONGEST]!r}..."
    return reprlib.repr(given)  # a few anchors in a file can stand for a list of gigabytes


def _exact(given: Any) -> int | float | Decimal | None:
    """The number, or None where there is none. Decimal, since a float would round, and an int
    written as 1e999999999 would fill the memory."""
    if isinstance(given, str):
        text = given.strip()
        return Decimal(text) if len(text) <= LONGEST and WRITTEN.fullmatch(text) else None
    if isinstance(given, bool) or not isinstance(given, int | float):
        return None
    return given if isinstance(given, int) or math.isfinite(given) else None


def _has_a_comma(given: Any) -> bool:
    return isinstance(given, str) and re.fullmatch(r"\s*[+-]?[0-9]+,[0-9]+\s*", given) is not None

"""Figures of success: values held against what was promised, each *met*, *not met* or *not shown*.

Everything here is a pure function of numbers. A promise is met where the whole 95 % interval keeps
it, and not met where no part of it does. Between the two, of fewer than LEAST things, and by the
word of one person alone, nothing is shown: that is no failure, it says that nobody knows yet.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy import special

State = Literal["met", "not met", "not shown"]

LEAST = 20  # verdicts, pictures, votes
JUDGES = 2  # people, at least, whose word makes anything met
DRAWS = 2_000  # of a bootstrap
SHARE, MONEY = "share", "money"
WILSON = "Wilson's score interval, 1927"
BOOTSTRAP = "percentile bootstrap, Efron, 1979"
SEQUENCE = "confidence sequence of the beta-binomial mixture, Robbins, 1970"
ALL = "all were counted"

Values = NDArray[np.float64]


@dataclass(frozen=True)
class Interval:
    """Both ends of a 95 % interval and what it is by."""

    low: float
    high: float
    source: str


@dataclass(frozen=True)
class Promise:
    """What was promised: a value of at least `target`, or of at most it. `unit`: SHARE, or a
    currency's code. `of` says in words what is counted, of which there have to be `least`."""

    key: str
    name: str
    target: float | None
    of: str
    unit: str = SHARE
    at_most: bool = False
    least: int = LEAST


@dataclass(frozen=True)
class Measured:
    """What was found: the value of `n` things, None where there is none; its interval, None where
    all were counted. `judges`: how many people's word it is, None where it is nobody's. `beside`
    stands next to it; `lacks` says what keeps it from being shown at all."""

    value: float | None
    n: int
    interval: Interval | None = None
    judges: int | None = None
    beside: str = ""
    lacks: str = ""


@dataclass(frozen=True)
class Figure:
    """A promise with what was found of it. `why` says what its state rests on; `source` what its
    interval, `low` to `high`, is by."""

    key: str
    name: str
    value: float | None
    target: float | None
    unit: str
    at_most: bool
    n: int
    of: str
    low: float | None
    high: float | None
    source: str
    state: State
    why: str
    beside: str


def held(promise: Promise, found: Measured) -> Figure:
    """The figure: what was found, held against its promise."""
    state, why = _state(promise, found)
    interval = found.interval
    return Figure(
        key=promise.key,
        name=promise.name,
        value=found.value,
        target=promise.target,
        unit=promise.unit,
        at_most=promise.at_most,
        n=found.n,
        of=promise.of,
        low=interval.low if interval else None,
        high=interval.high if interval else None,
        source=interval.source if interval else ALL,
        state=state,
        why=why,
        beside=found.beside,
    )


def _state(promise: Promise, found: Measured) -> tuple[State, str]:
    if found.lacks:
        return "not shown", found.lacks
    if found.value is None or promise.target is None or not found.n:
        return "not shown", f"There are no {promise.of} yet."
    if found.n < promise.least:
        return "not shown", f"{found.n} of the {promise.least} {promise.of} that it takes."
    value, target, unit = found.value, promise.target, promise.unit
    interval = found.interval or Interval(value, value, ALL)
    low, high = interval.low, interval.high
    kept = high <= target if promise.at_most else low >= target
    broken = low > target if promise.at_most else high < target
    if broken:
        return "not met", f"{said(value, unit)}, where {_asked(promise)} was promised."
    if not kept:
        return "not shown", (
            f"It lies between {said(low, unit)} and {said(high, unit)}: too few to tell on which "
            f"side of {said(target, unit)}."
        )
    if found.judges is not None and found.judges < JUDGES:
        return "not shown", f"It is the word of one person alone: it takes {JUDGES}."
    return "met", f"{said(value, unit)}, where {_asked(promise)} was promised."


def _asked(promise: Promise) -> str:
    assert promise.target is not None
    return f"at {'most' if promise.at_most else 'least'} {said(promise.target, promise.unit)}"


def said(value: float, unit: str) -> str:
    """A value in words: "89.6 %", or "12.50 EUR". A share is cut, not rounded up, and money has all
    its digits: nothing looks as if it reached a promise that it misses."""
    if unit != SHARE:
        whole, part = f"{value:,.6f}".split(".")
        return f"{whole}.{part.rstrip('0').ljust(2, '0')} {unit}"
    tenths = math.floor(value * 1_000 + 1e-9) / 10
    return f"{tenths:,.1f}".removesuffix(".0") + " %"


def wilson(hits: int, n: int) -> Interval:
    """Of a share of `n` independent things (Wilson, 1927; as in Brown, Cai and DasGupta, 2001,
    formula 4). ValueError without any."""
    if not 0 <= hits <= n or not n:
        raise ValueError(f"{hits} of {n} is no share")
    z = float(special.ndtri(0.975))
    share, room = hits / n, 1 + z * z / n
    middle = (share + z * z / (2 * n)) / room
    reach = z / room * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return Interval(max(0.0, middle - reach), min(1.0, middle + reach), WILSON)


def bootstrap(
    values: Sequence[float], of: Callable[[Values], Any] = np.median, seed: int = 0
) -> Interval:
    """Of what `of` makes of independent values: the middle 95 % of what it makes of DRAWS samples,
    drawn from the values with replacement (Efron, 1979). The same values give the same interval.
    ValueError without any."""
    if not values:
        raise ValueError("an interval needs a value")
    found, rng = np.asarray(values, np.float64), np.random.default_rng(seed)
    again = [float(of(found[rng.integers(0, len(found), len(found))])) for _ in range(DRAWS)]
    low, high = np.quantile(again, (0.025, 0.975))
    return Interval(float(low), float(high), BOOTSTRAP)


def share(hits: int, n: int, judges: int | None = None, beside: str = "") -> Measured:
    """So many of `n` things, with Wilson's interval."""
    if not n:
        return Measured(None, 0, judges=judges, beside=beside)
    return Measured(hits / n, n, wilson(hits, n), judges, beside)

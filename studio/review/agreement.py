"""How far people agree, and how many independent voters their votes are worth.

Pure functions of numbers.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Literal

import numpy as np

Level = Literal["nominal", "ordinal", "interval"]
ALWAYS = 20  # equal answers in a row that are no accident: even at 3 in 4 a chance of 1 in 300


def krippendorff(units: Sequence[Sequence[float]], level: Level = "ordinal") -> float:
    """Krippendorff's alpha (Computing Krippendorff's Alpha-Reliability, 2011) of the values that
    each unit was given, one a rater; 1: all agree.

    nan with less than two values a unit throughout, or where all values are one and the same.
    """
    paired = [list(unit) for unit in units if len(unit) > 1]
    values = sorted({value for unit in paired for value in unit})
    if len(values) < 2:
        return math.nan
    place = {value: index for index, value in enumerate(values)}
    matrix = np.zeros((len(values), len(values)))  # how often two values met in a unit
    for unit in paired:
        counts = np.bincount([place[value] for value in unit], minlength=len(values))
        matrix += (np.outer(counts, counts) - np.diag(counts)) / (len(unit) - 1)
    totals = matrix.sum(axis=0)
    apart = _DISTANCES[level](np.array(values, dtype=np.float64), totals)
    expected = (np.outer(totals, totals) * apart).sum() / (totals.sum() - 1)
    return float(1 - (matrix * apart).sum() / expected)


def _nominal(values: np.ndarray, totals: np.ndarray) -> np.ndarray:
    return 1.0 - np.eye(len(values))


def _ordinal(values: np.ndarray, totals: np.ndarray) -> np.ndarray:
    ranks = np.cumsum(totals) - totals / 2
    return np.asarray((ranks[:, None] - ranks[None]) ** 2)


def _interval(values: np.ndarray, totals: np.ndarray) -> np.ndarray:
    return np.asarray((values[:, None] - values[None]) ** 2)


_DISTANCES: dict[Level, Callable[[np.ndarray, np.ndarray], np.ndarray]] = {
    "nominal": _nominal,
    "ordinal": _ordinal,
    "interval": _interval,
}


def likeness(groups: Sequence[Sequence[float]]) -> float:
    """The intraclass correlation of each voter's values (one-way analysis of variance), 0 to 1.

    ICC(1) of Shrout and Fleiss, 1979, with the mean size that uneven groups ask for (Donner, 1986).
    How much of the spread lies between voters: 0, votes are as if each came from another person.
    0 with fewer than two voters of two values.
    """
    kept = [np.asarray(group, dtype=np.float64) for group in groups if len(group) > 0]
    sizes = np.array([len(group) for group in kept], dtype=np.float64)
    n, k = sizes.sum(), len(kept)
    if k < 2 or n <= k:
        return 0.0
    grand = sum(group.sum() for group in kept) / n
    between = sum(len(g) * (g.mean() - grand) ** 2 for g in kept) / (k - 1)
    within = sum(((g - g.mean()) ** 2).sum() for g in kept) / (n - k)
    size = (n - (sizes**2).sum() / n) / (k - 1)
    spread = between + (size - 1) * within
    return float(min(1.0, max(0.0, (between - within) / spread))) if spread > 0 else 0.0


def design_effect(size: float, likeness: float) -> float:
    """By how much votes of voters with `size` votes each count less than independent ones (Kish,
    1965)."""
    return 1 + (size - 1) * likeness


def effective_voters(counts: Sequence[int]) -> float:
    """How many voters with equally many votes these are worth: (sum n)^2 / sum n^2 (Kish,
    1965)."""
    squares = sum(count * count for count in counts)
    return sum(counts) ** 2 / squares if squares else 0.0


def same_key(answers: Sequence[str]) -> str | None:
    """The answer that a voter gives whatever is shown: at least 20 times, and 19 of 20; or None."""
    if not answers:
        return None
    common = max(sorted(set(answers)), key=answers.count)
    often = answers.count(common)
    return common if often >= ALWAYS and often >= 0.95 * len(answers) else None

"""Counting votes so that people may look at any time, and means of ratings with an interval.

Everything here is a pure function of numbers. Votes of one voter, or on one pair, hang together;
so the caller gathers them into blocks, and each finished block is one step. E-value and
confidence sequence are those of the beta-binomial mixture with a uniform prior: they are the same
rule seen twice, E >= 1 / alpha exactly where the interval leaves 1/2 out. The mixture is that of
Robbins, 1970; that looking at any time is allowed is Ville's inequality, 1939. Strengths of several
versions together are in `bradley_terry`, how much voters agree in `agreement`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import scipy

ALPHA = 0.05
PATHS = 400  # simulated futures of a forecast
HORIZON = 1000  # blocks; a forecast beyond says nothing


@dataclass(frozen=True)
class Verdict:
    """What finished blocks say about a against b.

    `a`, `b` and `level` count blocks won and those that are even, which leave the test. `e` is
    the largest e-value so far; `low` and `high` bound the share of blocks that b wins.
    """

    a: int
    b: int
    level: int
    e: float
    low: float
    high: float
    decision: Literal["a", "b", "undecided"]

    @property
    def p(self) -> float:
        """The p-value that holds at any time: min(1, 1 / e) (Vovk and Wang, 2021)."""
        return min(1.0, 1.0 / self.e)


@dataclass(frozen=True)
class Mean:
    """A mean of `count` values with its 95 % interval (Student's t, 1908; none below two)."""

    mean: float
    low: float | None
    high: float | None
    count: int


def e_value(wins: int, losses: int) -> float:
    """2^n / [(n + 1) C(n, wins)]: evidence against an even chance, 1 without a vote."""
    return math.exp(float(_log_e(np.array(wins), np.array(losses))))


def block_score(answers: Sequence[Literal["a", "b", "tie", "bad"]]) -> float:
    """b's share of one block's votes; ties and both-bad count half for each. 1/2 when empty."""
    points = {"a": 0.0, "b": 1.0, "tie": 0.5, "bad": 0.5}
    return sum(points[answer] for answer in answers) / len(answers) if answers else 0.5


def decide(scores: Sequence[float], alpha: float = ALPHA) -> Verdict:
    """The verdict of blocks in the order in which they were finished; `scores` as block_score.

    Once decided it stays so: e and interval run along with the blocks.
    """
    b, a, evidence, lows, highs = _walk(scores, alpha)
    if not len(b):
        return Verdict(0, 0, len(scores), 1.0, 0.0, 1.0, "undecided")
    low, high = float(lows.max()), float(highs.min())
    if low > high:  # its chance is below alpha whatever is true; the last word is then clearer
        low, high = float(lows[-1]), float(highs[-1])
    decision: Literal["a", "b", "undecided"] = "undecided"
    reached = np.nonzero(evidence >= 1 / alpha)[0]
    if len(reached):
        decision = "b" if b[reached[0]] > a[reached[0]] else "a"
    won_a, won_b = int(a[-1]), int(b[-1])
    level = len(scores) - won_a - won_b
    return Verdict(won_a, won_b, level, float(evidence[-1]), low, high, decision)


@dataclass(frozen=True)
class Step:
    """How things stood after so many blocks that were not level: share of b, band, evidence."""

    blocks: int
    share: float
    low: float
    high: float
    e: float


def path(scores: Sequence[float], alpha: float = ALPHA) -> list[Step]:
    """The way to the verdict, block by block, as `decide` walks it."""
    b, a, evidence, lows, highs = _walk(scores, alpha)
    low, high = np.maximum.accumulate(lows), np.minimum.accumulate(highs)
    low, high = np.where(low > high, lows, low), np.where(low > high, highs, high)
    return [
        Step(n + 1, float(b[n] / (b[n] + a[n])), float(low[n]), float(high[n]), float(evidence[n]))
        for n in range(len(b))
    ]


def _walk(scores: Sequence[float], alpha: float) -> tuple[np.ndarray, ...]:
    """After each block that is not level: wins of b and of a, evidence so far, both bounds."""
    signs = np.sign(np.asarray(scores, dtype=np.float64) - 0.5)
    signs = signs[signs != 0]
    b, a = np.cumsum(signs > 0), np.cumsum(signs < 0)
    evidence = np.maximum.accumulate(np.exp(_log_e(b, a))) if len(b) else np.ones(0)
    return (b, a, evidence, *_bounds(b, a, alpha))


def least_blocks(alpha: float = ALPHA) -> int:
    """How many blocks must all agree before a verdict is possible: 8 at 5 %."""
    return next(n for n in range(1, 200) if e_value(n, 0) >= 1 / alpha)


def majority(share: float, size: int) -> float:
    """b's chance to win a block of `size` votes that is not level, each for b with `share`."""
    counts = np.arange(size + 1)
    chance = np.exp(
        scipy.special.gammaln(size + 1)
        - scipy.special.gammaln(counts + 1)
        - scipy.special.gammaln(size - counts + 1)
        + scipy.special.xlogy(counts, share)
        + scipy.special.xlogy(size - counts, 1 - share)
    )
    won, lost = chance[2 * counts > size].sum(), chance[2 * counts < size].sum()
    return float(won / (won + lost)) if won + lost > 0 else 0.5


def blocks_wanted(
    verdict: Verdict, alpha: float = ALPHA, seed: int = 0, prior: tuple[float, float] = (0.5, 2)
) -> int | None:
    """About how many more blocks until a verdict, if it goes on as it went: the median of
    simulated futures. 0 when decided, None without a block or where it lies too far away.

    `prior`: what is expected of b's share of blocks beforehand, and how many blocks that is worth.
    """
    if verdict.decision != "undecided":
        return 0
    decided = verdict.a + verdict.b
    if not decided:
        return None
    share = (verdict.b + prior[0] * prior[1]) / (decided + prior[1])
    draws = np.random.default_rng(seed).random((PATHS, HORIZON)) < share
    b = verdict.b + np.cumsum(draws, axis=1)
    a = verdict.a + np.arange(1, HORIZON + 1) - np.cumsum(draws, axis=1)
    reached = _log_e(b, a) >= -math.log(alpha)
    steps = np.where(reached.any(axis=1), reached.argmax(axis=1) + 1, HORIZON + 1)
    middle = float(np.median(steps))
    if middle > HORIZON:
        return None
    # Blocks that are even take votes and decide nothing.
    return math.ceil(middle * (decided + verdict.level) / decided)


def binomial(wins: int, losses: int) -> float:
    """The exact two-sided p-value of an even chance, for a sample whose size was fixed before: the
    sign test, twice the tail."""
    if wins == losses:
        return 1.0
    return min(1.0, 2 * float(scipy.special.bdtrc(max(wins, losses) - 1, wins + losses, 0.5)))


def side_bias(left_wins: int, right_wins: int) -> float:
    """The exact two-sided p-value of left and right being chosen alike."""
    return binomial(left_wins, right_wins)


def mean(values: Sequence[float]) -> Mean:
    """The mean of independent values with its interval; ValueError when there is none."""
    if not values:
        raise ValueError("a mean needs a value")
    found = np.asarray(values, dtype=np.float64)
    middle, count = float(found.mean()), len(found)
    if count < 2:
        return Mean(middle, None, None, count)
    reach = float(scipy.special.stdtrit(count - 1, 0.975) * found.std(ddof=1) / math.sqrt(count))
    return Mean(middle, middle - reach, middle + reach, count)


def _log_e(wins: np.ndarray, losses: np.ndarray) -> np.ndarray:
    """log of B(wins + 1, losses + 1) / (1/2)^n, elementwise."""
    return np.asarray(scipy.special.betaln(wins + 1, losses + 1) + (wins + losses) * math.log(2))


def _bounds(wins: np.ndarray, losses: np.ndarray, alpha: float) -> tuple[np.ndarray, np.ndarray]:
    """Both ends of the confidence sequence by bisection, elementwise."""
    floor = math.log(alpha) + scipy.special.betaln(wins + 1, losses + 1)

    def inside(p: np.ndarray) -> np.ndarray:
        likelihood = scipy.special.xlogy(wins, p) + scipy.special.xlog1py(losses, -p)
        return np.asarray(likelihood >= floor)

    # The likeliest p is inside, 0 and 1 are outside or the ends themselves.
    best = (wins / np.maximum(wins + losses, 1)).astype(np.float64)
    ends = []
    for end in (0.0, 1.0):
        out, within = np.full(best.shape, end), best.copy()
        for _ in range(50):
            middle = (out + within) / 2
            held = inside(middle)
            within, out = np.where(held, middle, within), np.where(held, out, middle)
        ends.append(np.where(inside(np.full(best.shape, end)), end, within))
    return ends[0], ends[1]

"""How strong several sides are, from votes on two of them at a time: Bradley-Terry.

Bradley and Terry, 1952, by Newton's method; a tie is half a win each. Votes of one
block (a voter, or a pair that several saw) hang together: the interval is the wider of the model's
own and one that is robust to that.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np

ELO = 400 / math.log(10)  # Elo points (Elo, 1978) of one unit of logit
Z = 1.959963984540054
STEPS = 100


@dataclass(frozen=True)
class Compared:
    """One vote on sides `a` and `b`: `share` is b's, 1/2 for a tie; `block` is what it hangs
    together with."""

    a: int
    b: int
    share: float
    block: Hashable = None


@dataclass(frozen=True)
class Strength:
    """Elo points of each side above the first, with 95 % bounds (all 0 for the first).

    `groups`: sides that votes connect; with more than one there is no common scale and no Elo.
    `propped`: a side without a win or without a loss has no finite strength, so half a vote each
    way was added to every match.
    """

    elo: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    groups: tuple[tuple[int, ...], ...]
    propped: bool

    @property
    def connected(self) -> bool:
        return len(self.groups) == 1


def bradley_terry(sides: int, votes: Sequence[Compared]) -> Strength:
    """The strengths of `sides` sides, numbered from 0, as `votes` tell them."""
    groups = _groups(sides, [(one.a, one.b) for one in votes])
    if len(groups) > 1:
        nothing = (math.nan,) * sides
        return Strength(nothing, nothing, nothing, groups, False)
    propped = not _strong(sides, votes)
    given = list(votes)
    if propped:
        for a, b in sorted({(min(one.a, one.b), max(one.a, one.b)) for one in votes}):
            given += [Compared(a, b, 0.5, ("prop", a, b))]
    design = np.zeros((len(given), sides))
    for row, one in enumerate(given):
        design[row, one.b], design[row, one.a] = 1.0, -1.0
    design = design[:, 1:]  # the first side is the zero of the scale
    shares = np.array([one.share for one in given])
    theta = np.zeros(sides - 1)
    for _ in range(STEPS):
        chance = 1 / (1 + np.exp(-design @ theta))
        information = (design * (chance * (1 - chance))[:, None]).T @ design
        step = np.linalg.solve(information, design.T @ (shares - chance))
        theta = theta + np.clip(step, -2, 2)
        if np.abs(step).max() < 1e-10:
            break
    chance = 1 / (1 + np.exp(-design @ theta))
    covered = np.linalg.inv((design * (chance * (1 - chance))[:, None]).T @ design)
    error = np.sqrt(np.diag(covered))
    error = np.maximum(error, _robust(given, design * (shares - chance)[:, None], covered))
    elo, reach = theta * ELO, Z * error * ELO
    return Strength(
        (0.0, *map(float, elo)),
        (0.0, *map(float, elo - reach)),
        (0.0, *map(float, elo + reach)),
        groups,
        propped,
    )


def _robust(votes: Sequence[Compared], scores: np.ndarray, covered: np.ndarray) -> np.ndarray:
    """Standard errors that hold where votes of a block hang together; 0 where all stand alone.
    The sandwich of Liang and Zeger, 1986, with count / (count - 1) for few blocks."""
    blocks: dict[Hashable, np.ndarray] = {}
    for one, score in zip(votes, scores, strict=True):
        if one.block is not None:
            blocks[one.block] = blocks.get(one.block, 0) + score
    count = len(blocks)
    if count < 2:
        return np.zeros(len(covered))
    sums = np.array(list(blocks.values()))
    return np.asarray(np.sqrt(np.diag(covered @ (sums.T @ sums) @ covered) * count / (count - 1)))


def _groups(sides: int, edges: Sequence[tuple[int, int]]) -> tuple[tuple[int, ...], ...]:
    """Sides that are connected, directly or through others."""
    group = list(range(sides))
    for a, b in edges:
        old, new = group[a], group[b]
        group = [new if one == old else one for one in group]
    named = sorted(set(group), key=group.index)
    return tuple(tuple(s for s in range(sides) if group[s] == name) for name in named)


def _strong(sides: int, votes: Sequence[Compared]) -> bool:
    """Whether every side beats every other, if need be through others: strengths are finite just
    then (Ford, 1957)."""
    beats = np.eye(sides, dtype=bool)
    for one in votes:
        if one.share > 0:
            beats[one.b, one.a] = True
        if one.share < 1:
            beats[one.a, one.b] = True
    for middle in range(sides):
        beats |= np.outer(beats[:, middle], beats[middle])
    return bool(beats.all())

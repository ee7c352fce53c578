"""Where pixels of a kind end: closed ways along their edges, many pictures at once.

In lattice points, u to the right and v upwards, so that pixel (v, u) lies between (u, v) and
(u + 1, v + 1). What belongs to the kind lies on the left: outlines run counterclockwise, holes
clockwise. Directions count the same way: right, up, left, down.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Whole = NDArray[np.int64]
STEPS = np.array([(1, 0), (0, 1), (-1, 0), (0, -1)], np.int64)
STRAIGHT, LEFT, RIGHT = 0, 1, 3  # quarter turns


@dataclass(frozen=True, eq=False)
class Outlines:
    """Points [n] of all ways, one after the other: in which picture (`plane`), where (`at` [n, 2],
    u and v), in which direction each is reached and left. Way k has the points from `starts[k]` to
    `starts[k + 1]`."""

    plane: Whole
    at: Whole
    before: Whole
    after: Whole
    starts: Whole

    @property
    def turns(self) -> Whole:
        """STRAIGHT, LEFT or RIGHT at each point."""
        return (self.after - self.before) % 4

    @property
    def following(self) -> Whole:
        """The number of the point after each, around its way [n]."""
        after = np.arange(1, len(self.at) + 1)
        after[self.starts[1:] - 1] = self.starts[:-1]
        return after


def traced(masks: NDArray[np.bool_], joined: bool) -> Outlines:
    """The outlines of the pixels in pictures [p, v, u], with every lattice point on the way.
    `joined`: pixels that touch at a corner have one outline that passes between them twice; else
    each has its own."""
    near = np.pad(masks, ((0, 0), (1, 1), (1, 1)))
    planes, rows, columns = masks.shape
    leaves = np.zeros((planes, rows + 1, columns + 1, 4), bool)
    leaves[:, :-1, :-1, 0] = masks & ~near[:, :-2, 1:-1]
    leaves[:, :-1, 1:, 1] = masks & ~near[:, 1:-1, 2:]
    leaves[:, 1:, 1:, 2] = masks & ~near[:, 2:, 1:-1]
    leaves[:, 1:, :-1, 3] = masks & ~near[:, 1:-1, :-2]
    edges = np.flatnonzero(leaves)
    points, ways = edges // 4, edges % 4
    ends = points + np.array([1, columns + 1, -1, -columns - 1])[ways]
    first, last = (RIGHT, LEFT) if joined else (LEFT, RIGHT)
    there = leaves.reshape(-1, 4)
    goes = np.where(there[ends, ways], ways, (ways + last) % 4)
    goes = np.where(there[ends, (ways + first) % 4], (ways + first) % 4, goes)
    order, starts = _followed(np.searchsorted(edges, ends * 4 + goes))
    flat, after = points[order], ways[order]
    before = np.empty_like(after)
    before[1:] = after[:-1]
    before[starts[:-1]] = after[starts[1:] - 1]
    size = (rows + 1) * (columns + 1)
    row, column = flat % size // (columns + 1), flat % (columns + 1)
    return Outlines(flat // size, np.stack([column, row], -1), before, after, starts)


def kept(outlines: Outlines, which: NDArray[np.bool_]) -> Outlines:
    """Only the points [n] that are wanted; every way keeps its turns, which must be among them."""
    count = np.concatenate([[0], np.cumsum(which)])
    return Outlines(
        outlines.plane[which],
        outlines.at[which],
        outlines.before[which],
        outlines.after[which],
        count[outlines.starts],
    )


def polygons(outlines: Outlines, points: NDArray[Any]) -> list[NDArray[Any]]:
    """The ways, each as its points' [n, 2] own rows."""
    return np.split(points, outlines.starts[1:-1])


def _followed(after: Whole) -> tuple[Whole, Whole]:
    """Numbers in the order in which they follow each other, way after way, and where each way
    begins; then their count."""
    follows = after.tolist()
    seen = bytearray(len(follows))
    order: list[int] = []
    starts = [0]
    for start in range(len(follows)):
        if seen[start]:
            continue
        at = start
        while not seen[at]:
            seen[at] = 1
            order.append(at)
            at = follows[at]
        starts.append(len(order))
    return np.array(order, np.int64), np.array(starts, np.int64)

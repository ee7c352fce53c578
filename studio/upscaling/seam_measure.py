"""How much of a grid is seen in a result: the largest step over a line where tiles meet.

What was drawn is compared with what it was drawn from, so that the picture's own edges don't count.
Along each stretch of a line, between two lines that cross it, the change from one side to the
other is averaged: noise goes out, a difference between tiles stays. Lines are where tiles begin and
end, and the middles of their overlaps, where hard pasting would cut.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from studio.upscaling import grid
from studio.upscaling.grid import Axis, Grid

LEAST = 16  # pixels of a line, shorter ones tell nothing

Pixels = NDArray[np.uint8]
Floats = NDArray[np.float32]


def step(before: Pixels, after: Pixels, tiles: Grid) -> float:
    """The largest mean step, in levels of 255, over any stretch of a line of the main pass; both
    pictures are [height, width, 3 or 4] of the grid's size, and alpha is left out. 0 where one tile
    was enough."""
    changed = np.zeros(before.shape[:2], np.float32)
    for channel in range(3):
        changed += after[..., channel].astype(np.float32) - before[..., channel]
    changed /= 3
    x, y = grid.axes(tiles)
    return max(_over(changed, x, y), _over(changed.T, y, x))


def _over(changed: Floats, across: Axis, along: Axis) -> float:
    """Of the lines that lie across an axis."""
    ends = [0, *_lines(along), along.length]
    worst = 0.0
    for line in _lines(across):
        steps = changed[:, line] - changed[:, line - 1]
        for first, last in zip(ends, ends[1:], strict=False):
            if last - first >= LEAST:
                worst = max(worst, abs(float(steps[first:last].mean())))
    return worst


def _lines(axis: Axis) -> list[int]:
    """Where tiles begin and end, and the middles between, within the axis; round an edge that wraps
    the line may be 0, over which the picture goes on."""
    found = set()
    for first, last in axis.overlaps():
        found |= {first, (first + last) // 2, last}
    if axis.wraps:
        return sorted({line % axis.length for line in found})
    return sorted(line for line in found if 0 < line < axis.length)

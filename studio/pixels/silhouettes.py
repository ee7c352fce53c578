"""A figure's silhouette: which single pixels make it ragged."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]
ROUNDS = 4  # taking one spur away may leave the next


def neighbours(mask: Mask) -> tuple[NDArray[np.int8], NDArray[np.int8]]:
    """For each pixel how many of its four, and of its eight, neighbours are of the mask."""
    near = np.pad(mask, 1).astype(np.int8)
    four = near[:-2, 1:-1] + near[2:, 1:-1] + near[1:-1, :-2] + near[1:-1, 2:]
    corners = near[:-2, :-2] + near[:-2, 2:] + near[2:, :-2] + near[2:, 2:]
    return four, four + corners


def spurs(mask: Mask) -> Mask:
    """Pixels that stick out: at most one of the four neighbours is drawn, and of the eight at most
    three. The end of a line that is one pixel thin is none."""
    four, eight = neighbours(mask)
    thin = eight - four == 0
    return mask & ((four == 0) | ((four == 1) & (eight <= 3) & ~(thin & _line_ends(mask))))


def notches(mask: Mask) -> Mask:
    """Empty pixels that three or four of the four neighbours close in."""
    return ~mask & (neighbours(mask)[0] >= 3)


def smooth(mask: Mask) -> Mask:
    """The mask without spurs, its notches filled, until nothing changes or four times."""
    for _ in range(ROUNDS):
        out, filled = spurs(mask), notches(mask)
        if not (out.any() or filled.any()):
            break
        mask = (mask & ~out) | filled
    return mask


def _line_ends(mask: Mask) -> Mask:
    """Pixels whose one neighbour has itself no more than one other: the end of a thin line."""
    four, _ = neighbours(mask)
    return mask & (four == 1) & (neighbours(mask & (four == 2))[0] == 1)

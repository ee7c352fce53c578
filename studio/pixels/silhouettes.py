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
    """Pixels that stick out of a figure: one that sits on a flat edge by itself, and one that
    touches it over a corner alone. The end of a thin line, straight or slanting, is none."""
    four, eight = neighbours(mask)
    body = np.pad(mask & (four >= 2), 1)
    corner = body[:-2, :-2] | body[:-2, 2:] | body[2:, :-2] | body[2:, 2:]
    beside = neighbours(mask & (four >= 3))[0] > 0
    flat = (four == 1) & (eight <= 3) & beside
    return np.asarray(mask & (flat | ((four == 0) & (eight == 1) & corner)))


def notches(mask: Mask) -> Mask:
    """Empty pixels that three or four of the four neighbours close in."""
    return ~mask & (neighbours(mask)[0] >= 3)


def smooth(mask: Mask) -> Mask:
    """The mask without pixels that stand alone and spurs, its notches filled, until nothing changes
    or four times."""
    for _ in range(ROUNDS):
        out, filled = spurs(mask) | (mask & (neighbours(mask)[1] == 0)), notches(mask)
        if not (out.any() or filled.any()):
            break
        mask = (mask & ~out) | filled
    return mask

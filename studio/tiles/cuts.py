"""The cheapest cut between two pictures: a path that goes round and ends where it began.

As in image quilting (Efros and Freeman, 2001), by dynamic programming; closed by trying the starts.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


def closed_paths(cost: Floats) -> tuple[NDArray[np.intp], Floats]:
    """For `cost` [b, n, width], b of them at once, the column of each row [b, n], neighbours at
    most one apart, the last beside the first, and the sum on the way [b]."""
    many, rows, width = cost.shape
    starts = np.arange(width)
    total = np.full((many, width, width), np.inf, np.float32)  # by start, then by column
    total[:, starts, starts] = cost[:, 0]
    came = np.zeros((rows, many, width, width), np.int8)
    for row in range(1, rows):
        wide = np.pad(total, ((0, 0), (0, 0), (1, 1)), constant_values=np.inf)
        three = np.stack([wide[..., :-2], wide[..., 1:-1], wide[..., 2:]])
        came[row] = three.argmin(0) - 1
        total = three.min(0) + cost[:, row, None]
    near = np.abs(starts[:, None] - starts) <= 1
    ends = np.where(near, total, np.inf).reshape(many, -1)
    best, all_of = ends.argmin(1), np.arange(many)
    start, column = best // width, best % width
    paths = np.zeros((many, rows), np.intp)
    for row in range(rows - 1, -1, -1):
        paths[:, row] = column
        column = column + came[row, all_of, start, column]
    return paths, ends[all_of, best]

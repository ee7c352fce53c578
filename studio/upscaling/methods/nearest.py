"""Nearest neighbour by strips: every pixel a block, no colour that was not there.

At whole factors each pixel becomes an equal block. At others blocks differ by a pixel, placed as
Pillow's `resize(..., NEAREST)` places them.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from studio.upscaling.methods import Rows, Source, strip
from studio.upscaling.sizes import Target


def enlarge(source: Source, target: Target, rows: Rows) -> None:
    """Give `rows` the result of `target`'s size, strip by strip; smaller ones, too."""
    columns, lines = places(source.width, target.width), places(source.height, target.height)
    step = strip(max(target.width, source.width) * -(-source.height // target.height))
    for top in range(0, target.height, step):
        taken = lines[top : top + step]
        seen = source.strip(int(taken[0]), int(taken[-1]) + 1)
        rows(seen[:, columns][taken - taken[0]])


def places(source: int, size: int) -> NDArray[np.int64]:
    """For each of `size` result pixels of an axis the source pixel that it shows.

    Pillow adds up the step from pixel to pixel, and so does this: at broken factors a product
    would now and then fall on the other side of an edge."""
    step = source / size
    at = np.cumsum(np.concatenate([[0.5 * step], np.full(size - 1, step)]))
    return np.minimum(at.astype(np.int64), source - 1)

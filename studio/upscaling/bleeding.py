"""Colours under alpha 0: what lies there is nobody's choice, and would change visible edges.

They are filled from what is drawn around them, each block of 2, 4, ... CELL pixels by the mean of
what it holds, and whatever is farther away by the nearest such block. Blocks count from the
picture's own corner, so that a part gets the colours that it has in the whole. `images.bled`, which
does the same by distance, needs the whole picture and changes half-transparent pixels too.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

CELL = 64  # pixels a side
HALVINGS = 6

Pixels = NDArray[np.uint8]


def sums(rgba: Pixels) -> NDArray[np.uint32]:
    """Of up to CELL rows [h, w, 4]: for each CELL columns the sums of red, green and blue of the
    drawn pixels, and how many these are, [ceil(w / CELL), 4]."""
    drawn = rgba[..., 3] > 0
    columns = np.empty((rgba.shape[1], 4), np.uint32)
    columns[:, :3] = (rgba[..., :3] * drawn[..., None]).sum(axis=0, dtype=np.uint32)
    columns[:, 3] = drawn.sum(axis=0, dtype=np.uint32)
    return np.add.reduceat(columns, np.arange(0, rgba.shape[1], CELL), axis=0)


def coarse(summed: NDArray[np.uint32]) -> Pixels:
    """The mean colour of each cell [rows, columns, 3] of `sums` [rows, columns, 4]; an empty one
    has that of the nearest that is not. Black where nothing is drawn."""
    count = summed[..., 3:]
    mean = ((summed[..., :3] + count // 2) // np.maximum(count, 1)).astype(np.uint8)
    empty = summed[..., 3] == 0
    if empty.any() and not empty.all():
        at = ndimage.distance_transform_edt(empty, return_distances=False, return_indices=True)
        mean = mean[at[0], at[1]]
    return mean


def bled(rgba: Pixels, cells: Pixels) -> Pixels:
    """A part of a picture [h, w, 4] that begins at the corner of a cell, whose colours under alpha
    0 are filled; `cells` [ceil(h / CELL), ceil(w / CELL), 3] is its part of `coarse`."""
    height, width = rgba.shape[:2]
    whole = np.zeros((cells.shape[0] * CELL, cells.shape[1] * CELL, 4), np.uint8)
    whole[:height, :width] = rgba
    colour, drawn = whole[..., :3], whole[..., 3] > 0
    levels = []
    for _ in range(HALVINGS):
        levels.append((colour, drawn))
        colour, drawn = _halved(colour, drawn)
    colour = np.where(drawn[..., None], colour, cells)
    for finer, there in reversed(levels):
        colour = np.where(there[..., None], finer, colour.repeat(2, axis=0).repeat(2, axis=1))
    return np.concatenate([colour[:height, :width], rgba[..., 3:]], axis=2)


def _halved(colour: Pixels, drawn: NDArray[np.bool_]) -> tuple[Pixels, NDArray[np.bool_]]:
    """Blocks of 2 x 2 as the mean of those that are drawn, and which hold any."""
    seen = colour * drawn[..., None]
    total = np.zeros((seen.shape[0] // 2, seen.shape[1] // 2, 3), np.uint16)
    count = np.zeros(total.shape[:2], np.uint16)
    for y in (0, 1):
        for x in (0, 1):
            total += seen[y::2, x::2]
            count += drawn[y::2, x::2]
    mean = (total + count[..., None] // 2) // np.maximum(count, 1)[..., None]
    return mean.astype(np.uint8), count > 0

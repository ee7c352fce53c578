"""Colours under alpha 0: what lies there is nobody's choice, and would change visible edges.

They are filled from what is drawn around them, each block of 2, 4, ... CELL pixels by the mean of
what it holds, and whatever is farther away by the nearest such block. Blocks count from the
picture's own corner, so that a part gets the colours that it has in the whole. `images.bled`, which
does the same by distance, needs the whole picture and changes half-transparent pixels too.
"""

from __future__ import annotations

import numpy as np
import scipy
from numpy.typing import NDArray
from PIL import Image

CELL = 64  # pixels a side
HALVINGS = 6

Pixels = NDArray[np.uint8]


def sums(rgba: Pixels) -> NDArray[np.uint32]:
    """Of up to CELL rows [h, w, 4]: for each CELL columns the sums of red, green and blue of the
    drawn pixels, and how many these are, [ceil(w / CELL), 4]."""
    rgba = np.ascontiguousarray(rgba)
    drawn = rgba[..., 3] > 0
    seen = _pixels(_packed(rgba) * drawn)
    columns = seen.sum(axis=0, dtype=np.uint32)
    columns[:, 3] = drawn.sum(axis=0, dtype=np.uint32)
    return np.add.reduceat(columns, np.arange(0, rgba.shape[1], CELL), axis=0)


def coarse(summed: NDArray[np.uint32]) -> Pixels:
    """The mean colour of each cell [rows, columns, 3] of `sums` [rows, columns, 4]; an empty one
    has that of the nearest that is not. Black where nothing is drawn."""
    count = summed[..., 3:]
    mean = ((summed[..., :3] + count // 2) // np.maximum(count, 1)).astype(np.uint8)
    empty = summed[..., 3] == 0
    if empty.any() and not empty.all():
        at = scipy.ndimage.distance_transform_edt(
            empty, return_distances=False, return_indices=True
        )
        mean = mean[at[0], at[1]]
    return mean


def bled(rgba: Pixels, cells: Pixels) -> Pixels:
    """A part of a picture [h, w, 4] that begins at the corner of a cell, whose colours under alpha
    0 are filled; `cells` [ceil(h / CELL), ceil(w / CELL), 3] is its part of `coarse`."""
    height, width = rgba.shape[:2]
    whole = np.zeros((cells.shape[0] * CELL, cells.shape[1] * CELL, 4), np.uint8)
    whole[:height, :width] = rgba
    levels, finer = [], _solid(whole)
    for _ in range(HALVINGS):
        levels.append(finer)
        # Pillow weighs colours by alpha, which is 0 or 255 here: the mean of what is drawn.
        finer = _solid(np.array(Image.fromarray(finer, "RGBA").reduce(2)))
    found = _packed(np.pad(cells, ((0, 0), (0, 0), (0, 1)), constant_values=255))
    found = np.where(finer[..., 3] > 0, _packed(finer), found)
    for finer in reversed(levels):
        large = found.repeat(2, axis=0).repeat(2, axis=1)
        found = np.where(finer[..., 3] > 0, _packed(finer), large)
    filled = _pixels(found)[:height, :width].copy()
    filled[..., 3] = rgba[..., 3]
    return filled


def _solid(rgba: Pixels) -> Pixels:
    """The same, opaque wherever it is drawn at all."""
    rgba[..., 3] = np.where(rgba[..., 3] > 0, 255, 0)
    return rgba


def _packed(rgba: Pixels) -> NDArray[np.uint32]:
    """Each pixel as one number, in the machine's own order: quicker to choose among."""
    return rgba.view(np.uint32)[..., 0]


def _pixels(packed: NDArray[np.uint32]) -> Pixels:
    """The pixels of `_packed`."""
    return packed.astype(np.uint32, copy=False)[..., None].view(np.uint8)

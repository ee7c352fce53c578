"""Dithering by hand: the checkerboards in which pixel art shades."""

from __future__ import annotations

import numpy as np

from studio.images.fitting import OPAQUE
from studio.pixels.hex_colours import Pixels
from studio.pixels.silhouettes import Mask
from studio.pixels.snapping import packed


def checkered(rgba: Pixels) -> Mask:
    """The opaque pixels [h, w] that belong to a checkerboard of two colours: squares of 2 x 2 with
    equal corners across, at least two of them side by side."""
    colour = packed(rgba).astype(np.int64)
    colour[rgba[..., 3] < OPAQUE] = -1
    out = np.zeros(colour.shape, bool)
    if min(colour.shape) < 3:
        return out
    one, other = colour[:-1, :-1], colour[:-1, 1:]
    below, across = colour[1:, :-1], colour[1:, 1:]
    square = (one == across) & (other == below) & (one != other) & (one >= 0) & (other >= 0)
    beside = np.zeros_like(square)
    beside[:, 1:] |= square[:, :-1]
    beside[:, :-1] |= square[:, 1:]
    beside[1:] |= square[:-1]
    beside[:-1] |= square[1:]
    square &= beside
    for rows in (slice(None, -1), slice(1, None)):
        for columns in (slice(None, -1), slice(1, None)):
            out[rows, columns] |= square
    return out

"""What is seen on its canvas: cropped, padded, set on a canvas of another size."""

from __future__ import annotations

import numpy as np

from studio.errors import StudioError
from studio.pixels.hex_colours import Pixels

SEEN = 8  # an alpha from here on is seen


def seen(rgba: Pixels) -> tuple[slice, slice] | None:
    """The rows and columns of what is seen; None where nothing is."""
    shown = rgba[..., 3] >= SEEN
    if not shown.any():
        return None
    rows, columns = (np.flatnonzero(shown.any(axis)) for axis in (1, 0))
    return slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)


def cropped(rgba: Pixels) -> Pixels:
    """Only what is seen. StudioError where nothing is."""
    box = seen(rgba)
    if box is None:
        raise StudioError("Nothing is seen on the picture.", "Give one that is not transparent.")
    return rgba[box].copy()


def padded(rgba: Pixels, left: int, top: int, right: int, bottom: int) -> Pixels:
    """With so many transparent pixels on each side."""
    return np.pad(rgba, [(top, bottom), (left, right), (0, 0)])


def fits(rgba: Pixels, size: tuple[int, int]) -> bool:
    """Whether what is seen is no larger than a canvas of `size` (width, height)."""
    box = seen(rgba)
    if box is None:
        return True
    rows, columns = box
    return columns.stop - columns.start <= size[0] and rows.stop - rows.start <= size[1]


def is_full(rgba: Pixels) -> bool:
    """Whether the whole border is seen."""
    shown = rgba[..., 3] >= SEEN
    return bool(shown[[0, -1]].all() and shown[:, [0, -1]].all())


def placed(rgba: Pixels, size: tuple[int, int], ground: int | None = None) -> Pixels:
    """On a canvas of `size` (width, height). With `ground` what is seen stands in the middle, that
    many rows above the canvas's end, or as high as it has to; without, the picture keeps its
    place, in the middle of the new canvas, and is moved only as far as it would be cut off.
    StudioError where what is seen is larger."""
    width, height = size
    out = np.zeros((height, width, 4), np.uint8)
    box = seen(rgba)
    if box is None:
        return out
    rows, columns = box
    high, wide = rows.stop - rows.start, columns.stop - columns.start
    if not fits(rgba, size):
        raise StudioError(
            f"The figure is {wide} x {high} pixels, the canvas {width} x {height}.",
            f"Take a canvas of at least {wide} x {high}.",
        )
    if ground is None:
        left = columns.start + (width - rgba.shape[1]) // 2
        top = rows.start + (height - rgba.shape[0]) // 2
    else:
        left, top = (width - wide) // 2, height - ground - high
    left, top = min(max(left, 0), width - wide), min(max(top, 0), height - high)
    out[top : top + high, left : left + wide] = rgba[box]
    return out

"""The pixel grid of a picture that shows enlarged pixel art, found or set by hand, and that art.

Found where the art was enlarged at least twofold, by whole or broken factors, by nearest, bilinear
or bicubic, then blurred a little, made noisy or saved as JPEG; the whole of it, or a part cut out.
Not found: fewer than six native pixels each way, or factors that vary within the picture. A picture
that was painted and then enlarged sharply has a grid too.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy

from studio.errors import StudioError
from studio.pixels import axis_search, grid_search
from studio.pixels.axis_search import CLOSEST, FEWEST, Found
from studio.pixels.enlarging import Axis, Floats, axis_of, whole
from studio.pixels.hex_colours import Pixels
from studio.pixels.native_pixels import native_pixels, premultiplied

LOOKED = 640  # pixels a side: larger pictures are looked at shrunk, then a part of them
PART = 512  # pixels a side of that part
LINES = 32  # averaged rows that tell of a whole large axis
FILLS = 0.1  # of a cell: so nearly filled, a side is filled


@dataclass(frozen=True)
class Grid:
    """Where native pixels lie in a picture: vertical lines at offset_x + k * step_x, horizontal
    ones likewise, in the picture's pixels. Cells of which less than half is seen are left out."""

    step_x: float
    step_y: float
    offset_x: float
    offset_y: float


def find(rgba: Pixels) -> Grid | None:
    """The grid of a picture [h, w, 4]; None where there is none, as in a painting, a photograph, a
    gradient, and pixel art at its own size."""
    height, width = rgba.shape[:2]
    if min(height, width) < CLOSEST * FEWEST:
        return None
    factor = -(-max(height, width) // LOOKED)
    seen = _shrunk(rgba, factor)
    both = grid_search.found(seen) if min(seen.shape[:2]) >= CLOSEST * FEWEST else None
    if both and factor > 1 and both.step < grid_search.FINE:
        both = None  # shrinking leaves hard edges a grid of two pixels
    if both:
        x, y = _enlarged(both.across, factor, width), _enlarged(both.down, factor, height)
    elif factor > 1 and (parts := _found_in_part(rgba, seen, factor)):
        x, y = parts
    else:
        return None
    return Grid(x.step, y.step, x.offset, y.offset)


def native(rgba: Pixels, grid: Grid) -> Pixels:
    """The picture at its native size, a pixel for each cell of the grid. StudioError where a step
    is below 1, or a number is none."""
    across, down = _axes(rgba, grid)
    return native_pixels(rgba, across, down)[whole(down), whole(across)]


def size_of(rgba: Pixels, grid: Grid) -> tuple[int, int]:
    """Native pixels across and down; StudioError as with `native`."""
    across, down = (whole(axis) for axis in _axes(rgba, grid))
    return across.stop - across.start, down.stop - down.start


def _axes(rgba: Pixels, grid: Grid) -> tuple[Axis, Axis]:
    _check(grid)
    height, width = rgba.shape[:2]
    across = axis_of(width, grid.step_x, grid.offset_x)
    return across, axis_of(height, grid.step_y, grid.offset_y)


def _check(grid: Grid) -> None:
    for name, step in (("x", grid.step_x), ("y", grid.step_y)):
        if not (np.isfinite(step) and step >= 1):
            raise StudioError(
                f"A grid can't have a step of {step} in {name}.", "Set one of 1 pixel or more."
            )
    for name, offset in (("x", grid.offset_x), ("y", grid.offset_y)):
        if not np.isfinite(offset):
            raise StudioError(f"{offset} is no offset in {name}.", "Set it in pixels.")


def _shrunk(rgba: Pixels, factor: int) -> Floats:
    """Premultiplied, each block of so many pixels averaged, 0 to 255; what fills none goes."""
    height, width = (side // factor for side in rgba.shape[:2])
    out = np.zeros((height, width, 4), np.float32)
    rows = max(1, LOOKED // factor)  # at once: a large picture as floats would be four times it
    for top in range(0, height, rows):
        part = rgba[top * factor : min(top + rows, height) * factor, : width * factor]
        blocks = premultiplied(part).reshape(-1, factor, width, factor, 4)
        out[top : top + rows] = blocks.mean((1, 3))
    return out


def _enlarged(found: Found, factor: int, size: int) -> Found:
    """What was found in a shrunk picture, in the whole one; what nearly fills a side fills it."""
    step, offset = factor * found.step, factor * found.offset
    cells = round(size / step)
    over = abs(size - cells * step)
    if min(offset, step - offset) <= FILLS * step and over <= FILLS * step + size % factor:
        step, offset = size / cells, 0.0
    return Found(step, offset, found.depth, found.kernel)


def _found_in_part(rgba: Pixels, seen: Floats, factor: int) -> tuple[Found, Found] | None:
    """A grid too fine for the shrunk picture, across and down: found where the most happens, then
    followed to the edges."""
    happens = np.abs(np.diff(seen, axis=0, append=seen[-1:])).sum(2)
    happens = scipy.ndimage.uniform_filter(happens, max(1, PART // factor), mode="constant")
    middle = np.array(np.unravel_index(int(happens.argmax()), happens.shape)) * factor
    most = [max(0, side - PART) for side in rgba.shape[:2]]
    top, left = (int(np.clip(at - PART // 2, 0, far)) for at, far in zip(middle, most, strict=True))
    both = grid_search.found_in_part(premultiplied(rgba[top : top + PART, left : left + PART]))
    if both is None:
        return None
    return (
        _followed(rgba, both.across, left, top),
        _followed(rgba.swapaxes(0, 1), both.down, top, left),
    )


def _followed(rgba: Pixels, found: Found, left: int, top: int) -> Found:
    """A grid of columns [left, left + PART) along the whole rows beside them, over ever wider
    parts: a step's error grows with the distance."""
    rows = premultiplied(rgba[top : top + PART])
    number = min(LINES, len(rows))
    rows = rows[: len(rows) // number * number].reshape(number, -1, rows.shape[1], 4).mean(1)
    lines = rows.transpose(1, 0, 2).reshape(rows.shape[1], -1).astype(np.float64)
    first, last = left, min(left + PART, len(lines))
    while True:
        found = axis_search.refined(lines[first:last], found)
        if (first, last) == (0, len(lines)):
            return axis_search.filled(lines, found)
        far = (last - first) // 2
        wider = max(0, first - far), min(len(lines), last + far)
        offset = (found.offset + first - wider[0]) % found.step
        found = Found(found.step, offset, found.depth, found.kernel)
        first, last = wider

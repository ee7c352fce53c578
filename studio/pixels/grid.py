"""The pixel grid of a picture that shows enlarged pixel art, found or set by hand.

Found where the art was enlarged at least twofold, by whole or broken factors, by nearest, bilinear
or bicubic, then blurred a little, made noisy or saved as JPEG; the whole of it, or a part cut out.
Not found: fewer than six native pixels each way, or factors that vary within the picture. A picture
that was painted and then enlarged sharply has a grid too.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from studio.errors import StudioError
from studio.pixels import axis_search
from studio.pixels.axis_search import CLOSEST, FEWEST, Found
from studio.pixels.enlarging import Axis, Floats, axis_of, whole
from studio.pixels.hex_colours import Pixels
from studio.pixels.native_pixels import native_pixels, premultiplied

LOOKED = 640  # pixels a side: larger pictures are looked at shrunk, then a part of them
PART = 512  # pixels a side of that part
LINES = 32  # averaged rows that tell of a whole large axis
DEEP = -3.4  # of both axes together; enlarged drawings and JPEG's blocks reach -3.2
DEEP_PLACED = -3.8  # where the offset is free as well
EACH = -0.5  # of either axis
APART = -3.0  # of each axis, where the steps are not alike
ALIKE = 0.02
COARSER = 0.5  # of the depth: a coarser grid that is so deep explains the finer one
SMOOTH = 0.57  # of the steps between neighbours go on in the next ones: a photograph's pixels


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
    if min(seen.shape[:2]) >= CLOSEST * FEWEST:
        lines = axis_search.lines_of(seen), axis_search.lines_of(seen.swapaxes(0, 1))
        cells = _counted(*lines)
        if cells and not _is_smooth(seen, Grid(*_steps(seen, cells), 0, 0)):
            return Grid(*_steps(rgba, cells), 0.0, 0.0)
        if grid := _placed(seen, *lines):
            sizes = (grid.step_x, grid.step_y, grid.offset_x, grid.offset_y)
            return Grid(*(factor * size for size in sizes))
    return _found_in_part(rgba, seen, factor) if factor > 1 else None


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


def _steps(pixels: Floats | Pixels, cells: tuple[int, int]) -> tuple[float, float]:
    return pixels.shape[1] / cells[0], pixels.shape[0] / cells[1]


def _counted(across: Floats, down: Floats) -> tuple[int, int] | None:
    """How many cells fill the whole picture each way."""
    by_x, by_y = axis_search.counted(across), axis_search.counted(down)
    depths = {}
    for x, depth in by_x.items():
        alike = x * len(down) / len(across)
        for y in {int(alike), int(alike) + 1}:
            if abs(y - alike) <= 0.5 and depth <= EACH and by_y.get(y, 0) <= EACH:
                depths[x, y] = depth + by_y[y]
    if depths and min(depths.values()) <= DEEP:
        best = min(depths, key=depths.__getitem__)
        enough = COARSER * depths[best]
        return next(
            (x, y)
            for x, y in sorted(depths)
            if depths[x, y] <= enough and best[0] % x == 0 and abs(best[0] * y - best[1] * x) <= x
        )
    x, y = (min(by, key=by.__getitem__) for by in (by_x, by_y))
    return (x, y) if max(by_x[x], by_y[y]) <= APART else None


def _placed(seen: Floats, across: Floats, down: Floats) -> Grid | None:
    """A grid that may begin anywhere."""
    found = list(_alike(axis_search.placed(across), axis_search.placed(down)))
    found.sort(key=lambda pair: pair[0].depth + pair[1].depth)
    if not found or found[0][0].depth + found[0][1].depth > DEEP_PLACED:
        return None
    enough = COARSER * (found[0][0].depth + found[0][1].depth)
    x, y = max(
        (pair for pair in found if pair[0].depth + pair[1].depth <= enough),
        key=lambda pair: pair[0].step,
    )
    grid = Grid(x.step, y.step, x.offset, y.offset)
    return None if _is_smooth(seen, grid) else grid


def _alike(across: list[Found], down: list[Found]) -> Iterator[tuple[Found, Found]]:
    for x in across:
        for y in down:
            if abs(x.step / y.step - 1) <= ALIKE and max(x.depth, y.depth) <= 2 * EACH:
                yield x, y


def _is_smooth(seen: Floats, grid: Grid) -> bool:
    """Whether neighbouring cells go on as they began, as in photographs, which no pixel artist's
    do."""
    middles = []
    for size, step, offset in (
        (seen.shape[0], grid.step_y, grid.offset_y),
        (seen.shape[1], grid.step_x, grid.offset_x),
    ):
        axis = axis_of(size, step, offset)
        at = axis.start + (np.arange(axis.count) + 0.5) * axis.step
        middles.append(np.clip(at.astype(np.int64), 0, size - 1))
    cells = seen[np.ix_(*middles)]
    less = more = 0.0
    for way in (cells, cells.swapaxes(0, 1)):
        steps = np.abs(np.diff(way, axis=0)).max(2)
        less += float(np.minimum(steps[1:], steps[:-1]).sum())
        more += float(np.maximum(steps[1:], steps[:-1]).sum())
    return less > SMOOTH * more


def _found_in_part(rgba: Pixels, seen: Floats, factor: int) -> Grid | None:
    """A grid too fine for the shrunk picture: found where the most happens, then followed to the
    edges."""
    happens = np.abs(np.diff(seen, axis=0, append=seen[-1:])).sum(2)
    happens = ndimage.uniform_filter(happens, max(1, PART // factor), mode="constant")
    middle = np.array(np.unravel_index(int(happens.argmax()), happens.shape)) * factor
    most = [max(0, side - PART) for side in rgba.shape[:2]]
    top, left = (int(np.clip(at - PART // 2, 0, far)) for at, far in zip(middle, most, strict=True))
    part = premultiplied(rgba[top : top + PART, left : left + PART])
    grid = _placed(part, axis_search.lines_of(part), axis_search.lines_of(part.swapaxes(0, 1)))
    if grid is None:
        return None
    x = _followed(rgba, Found(grid.step_x, grid.offset_x, 0, "bilinear"), left, top)
    y = _followed(rgba.swapaxes(0, 1), Found(grid.step_y, grid.offset_y, 0, "bilinear"), top, left)
    return Grid(x.step, y.step, x.offset, y.offset)


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
            return found
        wider = max(0, first - (last - first) // 2), min(len(lines), last + (last - first) // 2)
        offset = (found.offset + first - wider[0]) % found.step
        found = Found(found.step, offset, found.depth, found.kernel)
        first, last = wider

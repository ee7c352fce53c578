"""The frame of a picture by hand: pixels added or cut at its edges, then its canvas."""

from __future__ import annotations

import numpy as np

from studio.errors import StudioError
from studio.finishing.steps import ANCHORS, Steps
from studio.pixels import canvas
from studio.pixels.hex_colours import Pixels


def framed(rgba: Pixels, steps: Steps) -> tuple[Pixels, tuple[int, int]]:
    """The picture in its frame, and where its first pixel (x, y) lies there. StudioError where
    nothing would be left, or the figure is larger than the canvas."""
    found, left, top = rgba, steps.edge_left, steps.edge_top
    if any((left, top, steps.edge_right, steps.edge_bottom)):
        found = _moved(
            found,
            (
                rgba.shape[1] + left + steps.edge_right,
                rgba.shape[0] + top + steps.edge_bottom,
            ),
            (left, top),
        )
    size = steps.recipe.canvas
    if size is None:
        return found, (left, top)
    if steps.anchor:
        row, column = divmod(ANCHORS.index(steps.anchor), 3)
        corner = (
            (size[0] - found.shape[1]) * column // 2,
            (size[1] - found.shape[0]) * row // 2,
        )
        return _moved(found, size, corner), (left + corner[0], top + corner[1])
    placed = canvas.placed(found, size, steps.recipe.ground)
    before, after = canvas.seen(found), canvas.seen(placed)
    if before is None or after is None:
        return placed, (left, top)
    right, down = (after[axis].start - before[axis].start for axis in (1, 0))
    return placed, (left + right, top + down)


def _moved(rgba: Pixels, size: tuple[int, int], corner: tuple[int, int]) -> Pixels:
    """On a canvas of `size` (width, height), its first pixel at `corner` (x, y)."""
    width, height = size
    if width < 1 or height < 1:
        raise StudioError(
            f"Cut so, the picture would have {width} x {height} pixels.",
            "Cut less off its edges.",
        )
    out = np.zeros((height, width, 4), np.uint8)
    x, y = corner
    rows = slice(max(0, y), min(height, y + rgba.shape[0]))
    columns = slice(max(0, x), min(width, x + rgba.shape[1]))
    if rows.start < rows.stop and columns.start < columns.stop:
        out[rows, columns] = rgba[
            rows.start - y : rows.stop - y, columns.start - x : columns.stop - x
        ]
    return out

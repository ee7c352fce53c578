"""A sheet cut into its frames by a grid: cells of one size, with spacing between them and a margin
around all. Cells with nothing on them are left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image

from studio import numbers
from studio.errors import StudioError
from studio.sheets.sheet import MOST_FRAMES, MOST_SIDE

Box = tuple[int, int, int, int]  # left, top, width, height
OFFERED = 6  # sizes that divide a sheet, in an error


@dataclass(frozen=True)
class Grid:
    """Cells of `width` x `height` pixels."""

    width: int
    height: int
    spacing: int = 0
    margin: int = 0


@dataclass(frozen=True)
class Cut:
    """Boxes of the cells that hold something, row by row; how many columns and rows there are, and
    how many cells are empty."""

    boxes: tuple[Box, ...]
    columns: int
    rows: int
    empty: int


def by_cells(sheet: Image.Image, grid: Grid) -> Cut:
    """Where the frames lie. StudioError for a grid that doesn't divide the sheet, naming what is
    left over and sizes that do, and for a sheet with nothing on it."""
    width = numbers.whole("width", grid.width, 1, MOST_SIDE)
    height = numbers.whole("height", grid.height, 1, MOST_SIDE)
    spacing = numbers.whole("spacing", grid.spacing, 0, MOST_SIDE)
    margin = numbers.whole("margin", grid.margin, 0, MOST_SIDE)
    columns = _count(sheet.width, width, spacing, margin, "wide")
    rows = _count(sheet.height, height, spacing, margin, "high")
    if columns * rows > MOST_FRAMES:
        raise StudioError(
            f"{columns:,} x {rows:,} cells are too many.", f"Cut at most {MOST_FRAMES:,}."
        )
    alpha = np.asarray(sheet.convert("RGBA"))[..., 3]
    every = [
        (margin + column * (width + spacing), margin + row * (height + spacing), width, height)
        for row in range(rows)
        for column in range(columns)
    ]
    kept = tuple(box for box in every if _shown(alpha, box))
    if not kept:
        raise StudioError("Nothing is on the sheet.", "Give one that is not wholly transparent.")
    return Cut(kept, columns, rows, len(every) - len(kept))


def by_number(
    sheet: Image.Image, columns: int, rows: int, spacing: int = 0, margin: int = 0
) -> Cut:
    """The same for so many columns and rows. StudioError where they don't divide the sheet."""
    sides = []
    for side, count, word in ((sheet.width, columns, "columns"), (sheet.height, rows, "rows")):
        numbers.whole(word, count, 1, MOST_FRAMES)
        room = side - 2 * margin + spacing
        if room % count or room // count <= spacing:
            raise StudioError(
                f"{count} {word} don't divide {side:,} pixels"
                f"{_with(spacing, margin)}: {room % count} are left over.",
                "Give another number, spacing or margin, or the cells' size in pixels.",
            )
        sides.append(room // count - spacing)
    return by_cells(sheet, Grid(sides[0], sides[1], spacing, margin))


def frames(sheet: Image.Image, boxes: Sequence[Box]) -> list[Image.Image]:
    """Those parts of a sheet, as RGBA. StudioError for one that is not on it."""
    out = []
    for left, top, width, height in boxes:
        inside = 0 <= left < left + width <= sheet.width and 0 <= top < top + height <= sheet.height
        if not inside:
            raise StudioError(
                f"The part {left}, {top}, {width}, {height} is not on a picture of "
                f"{sheet.width} x {sheet.height}.",
                "Give left, top, width and height within it.",
            )
        part = sheet.crop((left, top, left + width, top + height))
        out.append(part.convert("RGBA"))  # of a large sheet not all of it, for each of its frames
    return out


def _count(side: int, cell: int, spacing: int, margin: int, word: str) -> int:
    """How many cells lie along a side that ends with the margin, with nothing, or with a last
    spacing."""
    step = cell + spacing
    for room in (side - 2 * margin + spacing, side - margin + spacing, side - margin):
        if room >= step and room % step == 0:
            return room // step
    room = side - 2 * margin + spacing
    offered = [size for size in _dividing(side, spacing, margin) if size > 1]
    offered.sort(key=lambda size: abs(size - cell))
    near = ", ".join(str(size) for size in sorted(offered[:OFFERED]))
    raise StudioError(
        f"Cells {cell} pixels {word}{_with(spacing, margin)} don't divide a sheet of {side:,}: "
        f"{max(0, room) % step if room > 0 else side} pixels are left over.",
        f"What divides it: {near}." if near else "Give another spacing or margin.",
    )


def _dividing(side: int, spacing: int, margin: int) -> list[int]:
    room = side - 2 * margin + spacing
    if room < 1:
        return []
    return [room // n - spacing for n in range(1, min(room, 256) + 1) if room % n == 0]


def _with(spacing: int, margin: int) -> str:
    return f" with spacing {spacing} and margin {margin}" if spacing or margin else ""


def _shown(alpha: np.ndarray, box: Box) -> bool:
    left, top, width, height = box
    return bool(alpha[top : top + height, left : left + width].any())

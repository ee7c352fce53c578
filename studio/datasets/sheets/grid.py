"""A sheet cut by a grid: cells of one size, a margin around all and a spacing between them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from PIL import Image

from studio.datasets.sheets.frames import MOST_FRAMES, Frame
from studio.errors import StudioError

LARGEST = 16_384  # pixels of a cell's side, of a margin and a spacing
SIZE = re.compile(r"(\d{1,6})\s*(x|by)\s*(\d{1,6})", re.ASCII)
EXAMPLE = "Write 16x16 for cells of so many pixels, or 8by4 for so many columns and rows; then, if "
EXAMPLE += "need be, margin and spacing: 16x16,margin=1,spacing=2."


@dataclass(frozen=True)
class Grid:
    """Cells of `width` x `height` pixels, the first one `margin` pixels from the left and the top,
    `spacing` pixels between two of them."""

    width: int
    height: int
    margin: int = 0
    spacing: int = 0

    def __str__(self) -> str:
        """As it is written and read: "16x16,margin=1,spacing=2"."""
        beside = [("margin", self.margin), ("spacing", self.spacing)]
        return f"{self.width}x{self.height}" + "".join(f",{n}={v}" for n, v in beside if v)

    def counts(self, size: tuple[int, int]) -> tuple[int, int]:
        """Columns and rows of whole cells on a sheet of this width and height."""
        return (
            max(0, (size[0] - self.margin + self.spacing) // (self.width + self.spacing)),
            max(0, (size[1] - self.margin + self.spacing) // (self.height + self.spacing)),
        )

    def boxes(self, size: tuple[int, int]) -> list[tuple[int, int, int, int]]:
        """Left, top, right and bottom of each cell, row by row."""
        columns, rows = self.counts(size)
        corners = [
            (
                self.margin + column * (self.width + self.spacing),
                self.margin + row * (self.height + self.spacing),
            )
            for row in range(rows)
            for column in range(columns)
        ]
        return [(x, y, x + self.width, y + self.height) for x, y in corners]


def words(text: str) -> tuple[bool, tuple[int, int], dict[str, int]]:
    """What a grid's text says: whether it gives columns and rows (else a cell's size), those two
    numbers, and margin and spacing. StudioError for a text that says none."""
    first, *rest = [part.strip().lower() for part in text.split(",")]
    found = SIZE.fullmatch(first)
    if found is None:
        raise StudioError(f"{text!r} is no grid.", EXAMPLE)
    beside = {"margin": 0, "spacing": 0}
    for part in rest:
        name, _, value = part.partition("=")
        if name.strip() not in beside or not re.fullmatch(r"\s*\d{1,4}\s*", value, re.ASCII):
            raise StudioError(f"{part!r} in {text!r} says nothing of a grid.", EXAMPLE)
        beside[name.strip()] = int(value)
    return found[2] == "by", (int(found[1]), int(found[3])), beside


def parse(text: str, size: tuple[int, int]) -> Grid:
    """The grid that "16x16" or "8by4,margin=1,spacing=2" means on a sheet of this width and height.

    StudioError for a text that is none, numbers that leave no cell, or columns and rows that do
    not come out even.
    """
    counted, sides, beside = words(text)
    if counted:
        return by_counts(size, *sides, **beside)
    return checked(Grid(*sides, **beside), size)


def by_counts(
    size: tuple[int, int], columns: int, rows: int, margin: int = 0, spacing: int = 0
) -> Grid:
    """The grid of so many columns and rows; StudioError where its cells were not whole pixels."""
    sides = []
    for length, count, what in ((size[0], columns, "columns"), (size[1], rows, "rows")):
        left = length - 2 * margin - (count - 1) * spacing
        if count < 1 or left < count or left % count:
            raise StudioError(
                f"{count:,} {what} do not fit on {length:,} pixels"
                f" with margin {margin} and spacing {spacing}.",
                "Give another number, or the size of a cell.",
            )
        sides.append(left // count)
    return checked(Grid(sides[0], sides[1], margin, spacing), size)


def checked(grid: Grid, size: tuple[int, int]) -> Grid:
    """The grid; StudioError unless it has a cell, and not too many, on a sheet of this size."""
    sides = (grid.width, grid.height)
    if not all(1 <= side <= LARGEST for side in sides):
        raise StudioError(f"Cells of {sides[0]:,} x {sides[1]:,} pixels can't be.", EXAMPLE)
    columns, rows = grid.counts(size)
    if not 0 < columns * rows <= MOST_FRAMES:
        raise StudioError(
            f"The grid {grid} has {columns * rows:,} cells on {size[0]:,} x {size[1]:,} pixels.",
            f"Give one with 1 to {MOST_FRAMES:,} cells.",
        )
    return grid


def cut(sheet: Image.Image, grid: Grid) -> Iterator[Frame]:
    """The cells of an RGBA sheet that are not empty, numbered with the empty ones from 1."""
    nothing = background(sheet)
    for number, box in enumerate(grid.boxes(sheet.size), start=1):
        cell = sheet.crop(box)
        if not is_empty(cell, nothing):
            yield Frame(cell, number)


def background(sheet: Image.Image) -> tuple[int, int, int] | None:
    """The colour of empty cells on a sheet that knows no transparency: its most frequent one. None
    for a sheet with alpha."""
    if sheet.getchannel("A").getextrema()[0] != 255:
        return None
    small = np.asarray(sheet)[:: max(1, sheet.height // 512), :: max(1, sheet.width // 512), :3]
    colours, counts = np.unique(small.reshape(-1, 3), axis=0, return_counts=True)
    red, green, blue = (int(value) for value in colours[counts.argmax()])
    return red, green, blue


def is_empty(cell: Image.Image, nothing: tuple[int, int, int] | None) -> bool:
    """Whether nothing is drawn in an RGBA cell: it is transparent, or `nothing` all over."""
    if nothing is None:
        return cell.getchannel("A").getextrema()[1] == 0
    return cell.getextrema() == (*((value, value) for value in nothing), (255, 255))

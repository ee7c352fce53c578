"""What is laid on a sheet: frames, cut to what is seen of them, equal ones once."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from studio.pixels.hex_colours import Pixels

Ends = tuple[int, int, int, int]  # left, top, right and lower end


@dataclass(frozen=True, eq=False)
class Cell:
    """Pixels [h, w, 4], those of its normal map or None, and its place in the canvas."""

    pixels: Pixels
    normals: Pixels | None
    left: int
    top: int

    @property
    def size(self) -> tuple[int, int]:
        """Width and height."""
        return self.pixels.shape[1], self.pixels.shape[0]

    @property
    def mark(self) -> bytes:
        """Tells cells apart that look different; where they lie in the canvas is no part of it."""
        told = hashlib.sha256(repr(self.pixels.shape).encode() + self.pixels.tobytes())
        told.update(b"" if self.normals is None else self.normals.tobytes())
        return told.digest()


def seen(rgba: Pixels, normals: Pixels | None) -> Ends | None:
    """The ends of what is not transparent, None of what is wholly so."""
    drawn = rgba[..., 3] > 0
    if normals is not None:
        drawn = drawn | (normals[..., 3] > 0)
    if not drawn.any():
        return None
    rows, columns = np.flatnonzero(drawn.any(1)), np.flatnonzero(drawn.any(0))
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def together(boxes: Sequence[Ends]) -> Ends:
    """The ends of all of them."""
    lefts, tops, rights, lows = zip(*boxes, strict=True)
    return min(lefts), min(tops), max(rights), max(lows)


def cut(rgba: Pixels, normals: Pixels | None, ends: Ends) -> Cell:
    """A part of a frame as a cell."""
    left, top, right, low = ends
    part = (slice(top, low), slice(left, right))
    return Cell(rgba[part], None if normals is None else normals[part], left, top)


def unique(cells: Sequence[Cell], merge: bool) -> tuple[list[int], list[Cell]]:
    """For each frame the number of its cell, and the cells that are laid down: with `merge` equal
    ones once."""
    if not merge:
        return list(range(len(cells))), list(cells)
    numbered: dict[bytes, int] = {}
    which, found = list[int](), list[Cell]()
    for cell in cells:
        number = numbered.setdefault(cell.mark, len(found))
        if number == len(found):
            found.append(cell)
        which.append(number)
    return which, found

"""The grid that a sheet seems to have: by its name, by gaps between sprites, by edges of tiles."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import product
from pathlib import PurePosixPath

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from studio.datasets.sheets.frames import MOST_FRAMES
from studio.datasets.sheets.grid import Grid

LEAST = 8  # pixels of a cell's side
LONGEST = 4  # of a cell's sides, one to the other
MARGINS, SPACINGS = range(3), range(5)
SAMPLES = 1024  # lines across that are looked at
GAPS = 0.1  # share of transparent pixels from which gaps tell, not edges
CROSSED = 0.2  # of what is drawn, across a cell's edge, as a share of that within
EDGE, SURE = 1.25, 3.5  # contrast at the edges of tiles, to that within; in deviations
IN_NAME = re.compile(r"(?<![\da-z])(\d{1,4})\s*x\s*(\d{1,4})(?![\da-z])", re.IGNORECASE | re.ASCII)

Values = NDArray[np.float64]


@dataclass(frozen=True)
class _Lines:
    """Of each line of pixels: how it differs from the one before, how much is drawn in both, and
    whether it is of one colour."""

    edge: Values
    crossed: Values
    flat: NDArray[np.bool_]


def guess(sheet: Image.Image, name: str) -> Grid | None:
    """The grid of an RGBA sheet; None for what looks like one picture.

    Not found are grids whose cells are no whole parts of the sheet, or smaller than 8 pixels.
    """
    named = _by_name(sheet, name)
    if named is not None:
        return named
    pixels = np.asarray(sheet)
    across = _lines(pixels.swapaxes(0, 1))
    down = _lines(pixels)
    gaps = float((pixels[::4, ::4, 3] == 0).mean()) >= GAPS
    found = [
        (rank, grid)
        for margin, spacing in product(MARGINS, SPACINGS)
        for wide, one in _sides(across, margin, spacing, gaps)
        for high, other in _sides(down, margin, spacing, gaps)
        if (grid := Grid(wide, high, margin, spacing))
        and (rank := _rank(grid, sheet.size, one, other, gaps))
    ]
    return min(found, key=lambda pair: pair[0])[1] if found else None


def _by_name(sheet: Image.Image, name: str) -> Grid | None:
    """As many packs say it: tiles_16x16.png. Only where the cells fill the sheet."""
    for wide, high in IN_NAME.findall(PurePosixPath(name).stem):
        cell = int(wide), int(high)
        whole = all(c >= 1 and side % c == 0 for c, side in zip(cell, sheet.size, strict=True))
        if whole and cell != sheet.size and _count(Grid(*cell), sheet.size) <= MOST_FRAMES:
            return Grid(*cell)
    return None


def _count(grid: Grid, size: tuple[int, int]) -> int:
    columns, rows = grid.counts(size)
    return columns * rows


def _rank(
    grid: Grid, size: tuple[int, int], one: float, other: float, gaps: bool
) -> tuple[float, ...] | None:
    """How well a grid suits, the least the best; None where it has one cell, or too many."""
    if not 1 < _count(grid, size) <= MOST_FRAMES:
        return None
    if max(grid.width, grid.height) > LONGEST * min(grid.width, grid.height):
        return None
    odd = grid.width % 8 != 0 or grid.height % 8 != 0
    plain = grid.margin == 0 and grid.spacing == 0
    if gaps:  # several fit, such as two cells as one: the smallest of them
        return float(odd), float(grid.width * grid.height), float(not plain)
    return -(one + other), float(odd), float(not plain)


def _lines(pixels: NDArray[np.uint8]) -> _Lines:
    """Of the rows of RGBA [lines, across, 4]."""
    some = pixels[:, :: max(1, pixels.shape[1] // SAMPLES)]
    shown = some.astype(np.int16)
    shown[..., :3] = shown[..., :3] * (shown[..., 3:] > 0)
    drawn = some[..., 3] > 0
    edge, crossed = np.zeros(len(some)), np.zeros(len(some))
    edge[1:] = np.abs(shown[1:] - shown[:-1]).mean(axis=(1, 2))
    crossed[1:] = (drawn[1:] & drawn[:-1]).mean(axis=1)
    flat = (shown == shown[:, :1]).all(axis=(1, 2))
    return _Lines(edge, crossed, flat)


def _sides(lines: _Lines, margin: int, spacing: int, gaps: bool) -> list[tuple[int, float]]:
    """Sides of cells that suit one direction, each with how sure it is; the whole length too."""
    length, found = len(lines.edge), []
    for side in range(LEAST, length - 2 * margin + 1):
        count, rest = divmod(length - 2 * margin + spacing, side + spacing)
        if rest:
            continue
        if count == 1:
            found.append((side, 0.0))
            continue
        sure = _sure(lines, margin, spacing, side, count, gaps)
        if sure is not None:
            found.append((side, sure))
    return found


def _sure(
    lines: _Lines, margin: int, spacing: int, side: int, count: int, gaps: bool
) -> float | None:
    """How sure the cells' edges are, from 0; None where they are none."""
    starts = margin + (side + spacing) * np.arange(count)
    ends = starts[:-1] + side
    if spacing or margin:
        between = (ends[:, None] + np.arange(spacing)).ravel()
        around = [*range(margin), *range(len(lines.flat) - margin, len(lines.flat))]
        if not lines.flat[np.array([*between, *around], int)].all():
            return None
        inner = (starts[:, None] + np.arange(side)).ravel()
        if lines.flat[inner].mean() > 0.5:
            return None
    edges = np.unique(np.concatenate([ends, starts[1:]]))
    within = np.ones(len(lines.edge), bool)
    within[edges] = within[0] = False
    if gaps:
        drawn = float(lines.crossed[within].mean())
        return 0.0 if drawn and lines.crossed[edges].mean() <= CROSSED * drawn else None
    inside, at = lines.edge[within], lines.edge[edges]
    middle, spread = float(inside.mean()), float(inside.std()) or 1e-9
    sure = (float(at.mean()) - middle) / spread * float(np.sqrt(len(at)))
    return sure if at.mean() > EDGE * middle and sure >= SURE else None

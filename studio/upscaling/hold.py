"""Keeping the source's colours: the low frequencies of what was drawn are put back from it.

Cell by cell, the mean of the drawn pixels becomes that of the source; what is finer than a cell
stays as it was drawn. A cell is a pixel of the source where the result is at least twice as large,
else CELL pixels of the result. The correction is spread smoothly, and what smoothness leaves over
is put right evenly at the end (back-projection: Irani and Peleg, 1991). Where something bright was
invented in the dark, what is moved is cut off at black, so that more than one turn is needed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from studio.upscaling.canvas import Source
from studio.upscaling.grid import Box
from studio.upscaling.sizes import Target

CELL = 8  # pixels of the result
ROUNDS = 3  # smooth ones
MOST = 12  # even ones; where nothing is cut off one is enough
NEAR, FEW = 1, 0.005  # levels that a cell may be off, and the share of channels that may be more
MIDDLE = 128  # which stands for no correction

Pixels = NDArray[np.uint8]
Levels = NDArray[np.int16]


@dataclass(frozen=True)
class Cells:
    """The cells that lie wholly within a box: `mean` is what each is to have [rows, columns, 3];
    `within` is where they lie in the box, and `over` where the box lies in them with one more cell
    on each side, both left, top, right and bottom."""

    mean: Pixels
    within: tuple[float, float, float, float]
    over: tuple[float, float, float, float]


def held(drawn: Pixels, before: Pixels, source: Source, box: Box, target: Target) -> Pixels:
    """What was drawn [h, w, 3] in `box` with the source's colours; `before` [h, w, 4] is what it
    was drawn from, the enlarged source. Under alpha 0 it becomes that."""
    found = drawn.copy()
    hidden = before[..., 3] == 0
    found[hidden] = before[hidden, :3]
    cells = _cells(before, source, box, target)
    if cells is None:
        return _moved(found, before)
    for _ in range(ROUNDS):
        found = _corrected(found, _missing(found, cells), cells, Image.Resampling.BICUBIC)
    for _ in range(MOST):
        missing = _missing(found, cells)
        wrong = np.abs(missing) > NEAR
        if wrong.mean() <= FEW:
            break
        more = np.where(wrong, missing * 3 // 2, 0).astype(np.int16)
        found = _corrected(found, more, cells, Image.Resampling.NEAREST)
    return found


def kept(drawn: Pixels, held: Pixels, share: float) -> Pixels:
    """Between what was drawn (0) and what holds the colours (1), rounded."""
    if share >= 1:
        return held
    part = np.float32(share)
    mixed = drawn + (held.astype(np.float32) - drawn) * part
    return np.rint(mixed).astype(np.uint8)


def _cells(before: Pixels, source: Source, box: Box, target: Target) -> Cells | None:
    """None for a box in which no cell has room."""
    by_pixel = target.width >= 2 * source.width and target.height >= 2 * source.height
    wide = target.width / source.width if by_pixel else float(CELL)
    high = target.height / source.height if by_pixel else float(CELL)
    left, right = _whole(box.left, box.right, wide)
    top, bottom = _whole(box.top, box.bottom, high)
    if left >= right or top >= bottom:
        return None
    within = (
        max(left * wide - box.left, 0.0),
        max(top * high - box.top, 0.0),
        min(right * wide - box.left, float(box.width)),
        min(bottom * high - box.top, float(box.height)),
    )
    over = (
        box.left / wide - left + 1,
        box.top / high - top + 1,
        min(box.right / wide - left + 1, float(right - left + 2)),
        min(box.bottom / high - top + 1, float(bottom - top + 2)),
    )
    if by_pixel:
        mean = source.pixels(left, top, right, bottom)[..., :3]
    else:
        mean = _shrunk(before[..., :3], (right - left, bottom - top), within)
    return Cells(mean, within, over)


def _whole(first: int, last: int, cell: float) -> tuple[int, int]:
    """Which cells lie wholly within a stretch; a rounding error excludes none."""
    return math.ceil(first / cell - 1e-6), math.floor(last / cell + 1e-6)


def _missing(found: Pixels, cells: Cells) -> Levels:
    """What each cell's mean lacks [rows, columns, 3]."""
    high, wide = cells.mean.shape[:2]
    return cells.mean.astype(np.int16) - _shrunk(found, (wide, high), cells.within)


def _corrected(found: Pixels, missing: Levels, cells: Cells, filter: Image.Resampling) -> Pixels:
    """With what is missing added, spread from the cells over all pixels."""
    coded = np.clip(missing + MIDDLE, 0, 255).astype(np.uint8)
    coded = np.pad(coded, ((1, 1), (1, 1), (0, 0)), mode="edge")
    size = (found.shape[1], found.shape[0])
    spread = np.asarray(Image.fromarray(coded, "RGB").resize(size, filter, cells.over))
    more = spread.astype(np.int16)
    more += found
    more -= MIDDLE
    return np.clip(more, 0, 255, out=more).astype(np.uint8)


def _shrunk(
    pixels: Pixels, size: tuple[int, int], within: tuple[float, float, float, float]
) -> Pixels:
    """The mean of each cell [rows, columns, 3]."""
    whole = Image.fromarray(np.ascontiguousarray(pixels), "RGB")
    return np.asarray(whole.resize(size, Image.Resampling.BOX, within))


def _moved(found: Pixels, before: Pixels) -> Pixels:
    """All of it moved to the mean of what it was drawn from."""
    missing = before[..., :3].mean(axis=(0, 1)) - found.mean(axis=(0, 1))
    return np.clip(found + np.rint(missing), 0, 255).astype(np.uint8)

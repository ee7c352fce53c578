"""A grid drawn over its sheet: what becomes a picture stays bright, the rest is dimmed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

from studio.datasets.sheets import grid
from studio.datasets.sheets.grid import Grid

SIDE = 800  # pixels of the preview's longer side, about
LINE = (31, 108, 102)
LIGHT, DARK, FIELD = 232, 200, 8  # of the checkerboard behind transparency
DIMMED = 0.75  # of what is left out


@dataclass(frozen=True)
class Preview:
    """The picture, RGB; how many cells there are and how many of those are empty; and how many
    pixels at the right and at the bottom lie in no cell."""

    picture: Image.Image
    cells: int
    empty: int
    rest: tuple[int, int]


def preview(sheet: Image.Image, cells: Grid) -> Preview:
    """An RGBA sheet under a grid; small ones enlarged by a whole factor."""
    boxes = cells.boxes(sheet.size)
    nothing = grid.background(sheet)
    kept = [box for box in boxes if not grid.is_empty(sheet.crop(box), nothing)]
    longer = max(sheet.size)
    scale = max(1, SIDE // longer) if longer <= SIDE else SIDE / longer
    size = (max(1, round(sheet.width * scale)), max(1, round(sheet.height * scale)))
    filter = Image.Resampling.NEAREST if scale >= 1 else Image.Resampling.BOX
    shown = _on_checkerboard(sheet.resize(size, filter))
    bright = Image.new("L", size, 0)
    paint = ImageDraw.Draw(bright)
    for left, top, right, bottom in kept:
        paint.rectangle(_scaled((left, top, right, bottom), scale), fill=255)
    grey = Image.new("RGB", size, (128, 128, 128))
    shown = Image.composite(shown, Image.blend(shown, grey, DIMMED), bright)
    draw = ImageDraw.Draw(shown)
    for box in boxes:
        draw.rectangle(_scaled(box, scale), outline=LINE)
    return Preview(shown, len(boxes), len(boxes) - len(kept), _rest(cells, sheet.size))


def _scaled(box: tuple[int, int, int, int], scale: float) -> tuple[float, ...]:
    """A box as ImageDraw has it: its last pixels are in it."""
    left, top, right, bottom = (round(value * scale) for value in box)
    return left, top, max(left, right - 1), max(top, bottom - 1)


def _rest(cells: Grid, size: tuple[int, int]) -> tuple[int, int]:
    columns, rows = cells.counts(size)
    ends = (
        cells.margin + columns * (cells.width + cells.spacing) - cells.spacing,
        cells.margin + rows * (cells.height + cells.spacing) - cells.spacing,
    )
    # As much as the margin at the left and the top, and a spacing, belong to the sheet.
    spare = cells.margin + cells.spacing
    right, down = (max(0, side - end) for side, end in zip(size, ends, strict=True))
    return (right if right > spare else 0, down if down > spare else 0)


def _on_checkerboard(picture: Image.Image) -> Image.Image:
    down, across = np.indices((picture.height, picture.width)) // FIELD
    board = np.where((down + across) % 2, DARK, LIGHT).astype(np.uint8)
    made = Image.fromarray(np.dstack([board] * 3), "RGB").convert("RGBA")
    return Image.alpha_composite(made, picture).convert("RGB")

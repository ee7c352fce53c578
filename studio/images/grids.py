"""Many pictures on one: contact sheets."""

import numpy as np
from PIL import Image

from studio.errors import StudioError
from studio.images.fitting import scaled


def grid(
    pictures: list[list[Image.Image]],
    cell: int,
    gap: int = 2,
    matte: tuple[int, int, int] = (32, 32, 32),
) -> Image.Image:
    """A contact sheet as RGB: rows of pictures in cells of `cell` pixels on a checkerboard.

    Small pictures are enlarged by whole factors, larger ones averaged down; `matte` is the
    colour of the gaps and of cells without a picture in short rows.
    """
    rows, columns = len(pictures), max((len(row) for row in pictures), default=0)
    if not rows or not columns:
        raise StudioError("A contact sheet needs a picture.", "Give at least one.")
    step = cell + gap
    sheet = Image.new("RGB", (columns * step + gap, rows * step + gap), matte)
    board = _checkerboard(cell)
    for y, row in enumerate(pictures):
        for x, picture in enumerate(row):
            fitted = scaled(picture, cell, "nearest" if max(picture.size) <= cell else "box")
            drawn = Image.alpha_composite(board, fitted).convert("RGB")
            sheet.paste(drawn, (gap + x * step, gap + y * step))
    return sheet


def _checkerboard(size: int) -> Image.Image:
    square = max(1, size // 8)
    steps = np.arange(size) // square
    grey = np.where((steps[:, None] + steps[None, :]) % 2, 204, 232).astype(np.uint8)
    return Image.fromarray(grey, "L").convert("RGBA")

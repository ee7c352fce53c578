"""Lanczos by strips: the bytes of Pillow's `resize(..., LANCZOS)` of the whole picture, along rows
first and then along columns, as it is done wherever a picture becomes larger.

Colours are multiplied by alpha first, as Pillow does, so hidden ones never show at edges. A source
that has the size already passes as it is.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from PIL import Image

from studio.pixels.hex_colours import Pixels
from studio.upscaling.methods import Rows, Source, resampling, rows_of, strip
from studio.upscaling.methods.resampling import Taps
from studio.upscaling.sizes import Target


def enlarge(source: Source, target: Target, rows: Rows) -> None:
    """Give `rows` the result of `target`'s size, strip by strip; smaller ones, too."""
    width, height = source.width, source.height
    if (width, height) == (target.width, target.height):
        for top in range(0, height, strip(width)):
            rows(source.strip(top, min(top + strip(width), height)))
        return
    down = resampling.taps(height, target.height, "y" in source.wrap)
    window = _Window(source, target.width)
    for start, stop in _strips(target, -(-height // target.height)):
        part = down.part(start, stop)
        top, bottom = part.span
        rows(resampling.plain(resampling.down(window.rows(top, bottom), part, top)))


def _strips(target: Target, shrunk: int) -> Iterator[tuple[int, int]]:
    """Where strips of the result begin and end; each row is made of about `shrunk` of the source's
    or more, which are in memory at once."""
    step = strip(target.width * shrunk)
    for start in range(0, target.height, step):
        yield start, min(start + step, target.height)


class _Window:
    """Rows of the source, multiplied by alpha and brought to the result's width; those that two
    strips share are made once."""

    def __init__(self, source: Source, width: int) -> None:
        self._source, self._width = source, width
        self._taps: Taps | None = None
        if "x" in source.wrap:
            self._taps = resampling.taps(source.width, width, wrap=True)
        self._top = 0
        self._made = np.empty((0, width, 4), np.uint8)

    def rows(self, top: int, bottom: int) -> Pixels:
        """The rows `top` to `bottom`, which never lies above those of a call before. Before 0 and
        behind the end they are those of the other end."""
        kept = self._made[max(0, top - self._top) :]
        first = self._top + len(self._made) if len(kept) else top
        parts = [kept]
        step = strip(max(self._width, self._source.width))
        for row in range(first, bottom, step):
            parts.append(self._wide(rows_of(self._source, row, min(row + step, bottom))))
        self._top, self._made = top, np.concatenate(parts)
        return self._made

    def _wide(self, rgba: Pixels) -> Pixels:
        multiplied = resampling.premultiplied(rgba)
        if self._taps is None:
            image = Image.fromarray(multiplied, "RGBa")
            size = (self._width, image.height)
            return np.array(image.resize(size, Image.Resampling.LANCZOS))
        first, last = self._taps.span
        around = np.arange(first, last) % rgba.shape[1]
        return resampling.across(multiplied[:, around], self._taps, first)

"""EPX, known as Scale2x, and Scale3x: pixel art doubled or tripled by its neighbours' equality.

A pixel becomes a block whose corners take the colour of two neighbours that are equal, so that
stairs become slopes. No colour is made up, but shapes are drawn anew: single pixels become
diamonds, dithering becomes stripes. Rules by Eric Johnston (EPX, 1992) and Andrea Mazzoleni
(Scale2x and Scale3x, 2001); 4x is 2x done twice. Pixels beyond the border equal those at it; on a
wrapped axis they are those of the other end.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from studio.errors import StudioError
from studio.upscaling.methods import Rows, Source, rows_of, strip
from studio.upscaling.sizes import Target

FACTORS = (2, 3, 4)
MARGIN = 2  # source pixels that a block's colours are told by, at most
Packed = NDArray[np.uint32]  # [h, w]: a pixel's four bytes as one number


def enlarge(source: Source, target: Target, rows: Rows) -> None:
    """Give `rows` the result strip by strip. StudioError where `target` is not 2, 3 or 4 times the
    source, both ways alike. Colours under alpha 0 are all 0."""
    width, height, wrap = source.width, source.height, source.wrap
    factor = target.width // width
    if factor not in FACTORS or (target.width, target.height) != (width * factor, height * factor):
        raise StudioError(
            f"EPX can't make {target.width} x {target.height} of {width} x {height} pixels.",
            f"Take a factor of {', '.join(map(str, FACTORS[:-1]))} or {FACTORS[-1]}.",
        )
    step = strip(target.width * factor)
    for top in range(0, height, step):
        bottom = min(top + step, height)
        around, above = _around(source, top, bottom)
        made = _enlarged(around, factor)
        left = factor * (MARGIN if "x" in wrap else 0)
        made = made[factor * above :, left:][: factor * (bottom - top), : target.width]
        rows(np.ascontiguousarray(made).view(np.uint8).reshape(*made.shape, 4))


def _around(source: Source, top: int, bottom: int) -> tuple[Packed, int]:
    """Rows `top` to `bottom` with those that tell of their colours, packed, and how many of these
    lie above. Beyond a border that is not wrapped there are none."""
    first, last = top - MARGIN, bottom + MARGIN
    if "y" not in source.wrap:
        first, last = max(0, first), min(source.height, last)
    part = np.ascontiguousarray(rows_of(source, first, last))
    part[part[..., 3] == 0] = 0
    packed: Packed = part.view(np.uint32)[..., 0]
    if "x" in source.wrap:
        packed = packed[:, np.arange(-MARGIN, source.width + MARGIN) % source.width]
    return packed, top - first


def _enlarged(packed: Packed, factor: int) -> Packed:
    if factor == 3:
        return _tripled(packed)
    return _doubled(packed) if factor == 2 else _doubled(_doubled(packed))


def _doubled(e: Packed) -> Packed:
    """Letters as everybody names the nine pixels: a b c, d e f, g h i."""
    _, b, _, d, _, f, _, h, _ = _nine(e)
    corners = (
        ((d == b) & (b != f) & (d != h), d),
        ((b == f) & (b != d) & (f != h), f),
        ((d == h) & (d != b) & (h != f), d),
        ((h == f) & (d != h) & (b != f), f),
    )
    return _woven([np.where(*corner, e) for corner in corners], 2)


def _tripled(e: Packed) -> Packed:
    a, b, c, d, _, f, g, h, i = _nine(e)
    drawn = (b != h) & (d != f)
    db, bf, dh, hf = (drawn & one for one in (d == b, b == f, d == h, h == f))
    parts = (
        (db, d),
        (db & (e != c) | bf & (e != a), b),
        (bf, f),
        (db & (e != g) | dh & (e != a), d),
        (np.zeros_like(drawn), e),
        (bf & (e != i) | hf & (e != c), f),
        (dh, d),
        (dh & (e != i) | hf & (e != g), h),
        (hf, f),
    )
    return _woven([np.where(*part, e) for part in parts], 3)


def _nine(e: Packed) -> list[Packed]:
    """Each pixel's neighbours from left above to right below, itself among them."""
    height, width = e.shape
    wide = np.pad(e, 1, mode="edge")
    return [wide[y : y + height, x : x + width] for y in range(3) for x in range(3)]


def _woven(parts: list[Packed], factor: int) -> Packed:
    """The parts of each pixel's block, row by row, as one picture."""
    height, width = parts[0].shape
    blocks = np.stack(parts, -1).reshape(height, width, factor, factor)
    return blocks.transpose(0, 2, 1, 3).reshape(height * factor, width * factor)

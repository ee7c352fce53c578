"""Aseprite's blend modes, to the last bit: whole numbers of 8 bits, divisions cut towards zero.

The formulas are those of the W3C's compositing and of Aseprite's own documents; where the backdrop
is half transparent, it mixes the plain layer in by the backdrop's alpha, twice, as here.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int32]
Pixels = NDArray[np.uint8]
BAND = 2**18  # pixels that are blended at once: what lies between is 4 to 8 times as large


def blend(canvas: Pixels, source: Pixels, mode: int, opacity: int) -> None:
    """Lay `source` over `canvas`, both RGBA [h, w, 4] of one size, in place.

    `mode` is a layer's number of 0 (normal) to 18 (divide), `opacity` 0 to 255.
    """
    rows = max(1, BAND // max(1, canvas.shape[1]))
    for top in range(0, len(canvas), rows):
        under = canvas[top : top + rows].astype(np.int32)
        over = source[top : top + rows].astype(np.int32)
        canvas[top : top + rows] = _blended(under, over, mode, opacity).astype(np.uint8)


def multiplied(a: int, b: int) -> int:
    """Two shares of 255 as one."""
    t = a * b + 0x80
    return ((t >> 8) + t) >> 8


def _blended(under: Numbers, over: Numbers, mode: int, opacity: int) -> Numbers:
    plain = _normal(under, over, opacity)
    if mode == 0:
        return plain
    mixed = over.copy()
    mixed[..., :3] = MODES[mode](under[..., :3], over[..., :3])
    full = _normal(under, mixed, opacity)
    backdrop = under[..., 3:]
    shared = _mul(backdrop, _mul(over[..., 3:], np.int32(opacity)))
    merged = _merged(_merged(plain, full, backdrop), full, shared)
    return np.where(backdrop > 0, merged, plain)


def _normal(under: Numbers, over: Numbers, opacity: int) -> Numbers:
    below, above = under[..., 3:], _mul(over[..., 3:], np.int32(opacity))
    alpha = above + below - _mul(below, above)
    moved = (over[..., :3] - under[..., :3]) * above
    colour = under[..., :3] + np.sign(moved) * (np.abs(moved) // np.maximum(alpha, 1))
    laid = np.concatenate([colour, alpha], axis=-1)
    alone = np.concatenate([over[..., :3], above], axis=-1)
    return np.where(below == 0, alone, np.where(over[..., 3:] == 0, under, laid))


def _merged(one: Numbers, other: Numbers, share: Numbers) -> Numbers:
    made = one + _mul(other - one, share)
    made[..., :3] = np.where(one[..., 3:] == 0, other[..., :3], made[..., :3])
    hidden = (other[..., 3:] == 0) & (one[..., 3:] > 0)
    made[..., :3] = np.where(hidden, one[..., :3], made[..., :3])
    made[..., :3] *= made[..., 3:] > 0
    return made


def _mul(a: Numbers, b: Numbers | np.int32) -> Numbers:
    t = a * b + 0x80
    return ((t >> 8) + t) >> 8


def _div(a: Numbers, b: Numbers) -> Numbers:
    return (a * 255 + b // 2) // np.maximum(b, 1)


def _screen(b: Numbers, s: Numbers) -> Numbers:
    return b + s - _mul(b, s)


def _hard_light(b: Numbers, s: Numbers) -> Numbers:
    return np.where(s < 128, _mul(b, s * 2), _screen(b, s * 2 - 255))


def _dodge(b: Numbers, s: Numbers) -> Numbers:
    left = 255 - s
    return np.where(b == 0, 0, np.where(b >= left, 255, _div(b, left)))


def _burn(b: Numbers, s: Numbers) -> Numbers:
    left = 255 - b
    return np.where(b == 255, 255, np.where(left >= s, 0, 255 - _div(left, s)))


def _soft_light(b8: Numbers, s8: Numbers) -> Numbers:
    b, s = b8 / 255.0, s8 / 255.0
    d = np.where(b <= 0.25, ((16 * b - 12) * b + 4) * b, np.sqrt(b))
    made = np.where(s <= 0.5, b - (1 - 2 * s) * b * (1 - b), b + (2 * s - 1) * (d - b))
    return (made * 255 + 0.5).astype(np.int32)


def _divide(b: Numbers, s: Numbers) -> Numbers:
    return np.where(b == 0, 0, np.where(b >= s, 255, _div(b, s)))


Colour = NDArray[np.float64]  # [..., 3], 0 to 1


def _hue(b: Numbers, s: Numbers) -> Numbers:
    below, above = b / 255.0, s / 255.0
    return _whole(_with_light(_with_saturation(above, _saturation(below)), _light(below)))


def _saturate(b: Numbers, s: Numbers) -> Numbers:
    below, above = b / 255.0, s / 255.0
    return _whole(_with_light(_with_saturation(below, _saturation(above)), _light(below)))


def _whole(colour: Colour) -> Numbers:
    return (colour * 255.0).astype(np.int32)


def _light(colour: Colour) -> Colour:
    return (0.3 * colour[..., 0] + 0.59 * colour[..., 1] + 0.11 * colour[..., 2])[..., None]


def _saturation(colour: Colour) -> Colour:
    return np.asarray(colour.max(-1, keepdims=True) - colour.min(-1, keepdims=True))


def _with_light(colour: Colour, light: Colour) -> Colour:
    moved = colour + (light - _light(colour))
    middle = _light(moved)
    least, most = moved.min(-1, keepdims=True), moved.max(-1, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        up = middle + (moved - middle) * middle / (middle - least)
        moved = np.where(least < 0, up, moved)
        down = middle + (moved - middle) * (1 - middle) / (most - middle)
        return np.where(most > 1, down, moved)


def _with_saturation(colour: Colour, wanted: Colour) -> Colour:
    """Aseprite's own choice of the least, middle and largest channel, which for red = green < blue
    takes one for two of them: such pictures show it."""
    r, g, b = (colour[..., k] for k in range(3))
    least = np.where(r < np.minimum(g, b), 0, np.where(g < b, 1, 2))
    most = np.where(r > np.maximum(g, b), 0, np.where(g > b, 1, 2))
    high = np.where(g > b, 1, np.where(r > b, 2, 0))  # where red is over green
    low = np.where(g > b, np.where(b > r, 2, 0), 1)
    middle = np.where(r > g, high, low)
    made = colour.copy()

    def of(which: NDArray[np.int64]) -> Colour:
        return np.take_along_axis(colour, which[..., None], -1)

    span = of(most) - of(least)
    flat = span <= 0
    inner = np.where(flat, 0.0, (of(middle) - of(least)) * wanted / np.where(flat, 1.0, span))
    np.put_along_axis(made, middle[..., None], inner, -1)
    np.put_along_axis(made, most[..., None], np.where(flat, 0.0, wanted), -1)
    np.put_along_axis(made, least[..., None], 0.0, -1)
    return made


# By the number that a layer has in the file; 0 is normal.
MODES: dict[int, Callable[[Numbers, Numbers], Numbers]] = {
    1: lambda b, s: _mul(b, s),
    2: _screen,
    3: lambda b, s: _hard_light(s, b),
    4: np.minimum,
    5: np.maximum,
    6: _dodge,
    7: _burn,
    8: _hard_light,
    9: _soft_light,
    10: lambda b, s: np.abs(b - s),
    11: lambda b, s: b + s - 2 * _mul(b, s),
    12: _hue,
    13: _saturate,
    14: lambda b, s: _whole(_with_light(s / 255.0, _light(b / 255.0))),
    15: lambda b, s: _whole(_with_light(b / 255.0, _light(s / 255.0))),
    16: lambda b, s: np.minimum(b + s, 255),
    17: lambda b, s: np.maximum(b - s, 0),
    18: _divide,
}

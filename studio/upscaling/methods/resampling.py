"""Lanczos as Pillow computes it, for any part of a picture: the same bytes as of the whole.

Pillow's own `resize(box=...)` places a part by floats of its own, so at broken factors its levels
differ by one from the whole's; and whether it begins with rows or with columns it chooses by the
part's form. Here rows come first (`across`, then `down`), and each result pixel's taps are those of
the whole picture: how many source pixels it takes, from which on, and how much of each, in integers
of 22 bits (Pillow's Resample.c, `precompute_coeffs` and `normalize_coeffs_8bpc`). At the border
Pillow gives the part of the kernel that lies outside to what lies inside; a wrapped axis takes what
lies at the other end.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from studio.pixels.hex_colours import Pixels

SUPPORT = 3  # source pixels to each side where a picture is enlarged
BITS = 22  # of a weight behind the point
Whole = NDArray[np.int64]
Doubles = NDArray[np.float64]
_sin = np.frompyfunc(math.sin, 1, 1)  # the C library's, as Pillow; numpy's differs in its last bit


@dataclass(frozen=True)
class Taps:
    """For each result pixel of an axis: the first source pixel that it takes, how many, and their
    weights [size, most], of which those behind `count` are 0. `source` pixels give `size`; on a
    wrapped axis `first` may lie before 0, and the last one behind the end."""

    source: int
    size: int
    first: Whole
    count: Whole
    weights: NDArray[np.int32]

    def part(self, start: int, stop: int) -> Taps:
        """Of the result pixels `start` to `stop` alone; outside 0 to `size` of the pictures that
        stand before and behind, as on a wrapped axis."""
        around, at = np.divmod(np.arange(start, stop), self.size)
        first = self.first[at] + around * self.source
        return Taps(self.source, self.size, first, self.count[at], self.weights[at])

    @property
    def span(self) -> tuple[int, int]:
        """The source pixels that are taken: from, and up to but without."""
        return int(self.first[0]), int(self.first[-1] + self.count[-1])


@lru_cache(maxsize=32)
def taps(source: int, size: int, wrap: bool = False) -> Taps:
    """The taps that make `size` pixels of `source` ones."""
    scale = source / size
    wide = max(scale, 1.0)
    support = SUPPORT * wide
    middle = (np.arange(size) + 0.5) * scale
    first, last = np.floor(middle - support + 0.5), np.floor(middle + support + 0.5)
    if not wrap:
        first, last = np.maximum(first, 0), np.minimum(last, source)
    count = (last - first).astype(np.int64)
    at = np.arange(count.max())
    share = _lanczos((at + first[:, None] - middle[:, None] + 0.5) * (1.0 / wide))
    share = np.where(at < count[:, None], share, 0.0)
    # Summed one after the other, as a loop in C does.
    share = share / np.cumsum(share, axis=1)[:, -1:]
    half = np.where(share < 0, -0.5, 0.5)
    weights = np.trunc(half + share * (1 << BITS)).astype(np.int32)
    return Taps(source, size, first.astype(np.int64), count, weights)


def down(rows: Pixels, taps: Taps, top: int) -> Pixels:
    """Result rows [len(taps), ...] of source rows [n, ...], the first of which is row `top`."""
    given = rows.astype(np.int32)
    out = np.empty((len(taps.first), *rows.shape[1:]), np.uint8)
    total, part = np.empty(rows.shape[1:], np.int32), np.empty(rows.shape[1:], np.int32)
    for row, (first, count) in enumerate(zip(taps.first - top, taps.count, strict=True)):
        total.fill(1 << (BITS - 1))
        for k in range(count):
            np.multiply(given[first + k], taps.weights[row, k], out=part)
            np.add(total, part, out=total)
        np.right_shift(total, BITS, out=total)
        np.clip(total, 0, 255, out=total)
        out[row] = total
    return out


def across(rows: Pixels, taps: Taps, left: int) -> Pixels:
    """As `down`, along the columns of [h, n, ...]."""
    turned = np.ascontiguousarray(rows.swapaxes(0, 1))
    return np.ascontiguousarray(down(turned, taps, left).swapaxes(0, 1))


def premultiplied(rgba: Pixels) -> Pixels:
    """Colours multiplied by alpha, rounded as Pillow does."""
    return np.array(Image.fromarray(np.ascontiguousarray(rgba), "RGBA").convert("RGBa"))


def plain(multiplied: Pixels) -> Pixels:
    """Colours that were multiplied by alpha as they were; 0 under alpha 0."""
    image = Image.fromarray(np.ascontiguousarray(multiplied), "RGBa")
    return np.array(image.convert("RGBA"))


def _lanczos(x: Doubles) -> Doubles:
    inside = (-SUPPORT <= x) & (x < SUPPORT)
    return np.where(inside, _sinc(x) * _sinc(x / SUPPORT), 0.0)


def _sinc(x: Doubles) -> Doubles:
    turned = x * math.pi
    sine: Doubles = np.asarray(_sin(turned), np.float64)
    return np.where(x == 0, 1.0, sine / np.where(x == 0, 1.0, turned))

"""Sizes for pictures of other shapes than square: about one area, so that a step costs the same,
in a few shapes, so that each is compiled and planned once: the
aspect-ratio buckets of NovelAI, 2022.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

WIDEST = 2.5  # a side over the other; what is longer gets borders or is cut

Size = tuple[int, int]  # width, height


def unit_of(pipeline: Any) -> int:
    """Pixels that a side must be a multiple of: what autoencoder and UNet halve."""
    return int(pipeline.vae_scale_factor) * 2 ** (len(pipeline.unet.config.block_out_channels) - 1)


def sizes(side: int, unit: int) -> list[Size]:
    """The sizes around a square of `side` pixels, the square first. Each is as large as it can be
    with at most the square's area and sides that are multiples of `unit`."""
    found = [(side, side)]
    for short in range(side // unit * unit, 0, -unit):
        long = side * side // short // unit * unit
        if short < long <= WIDEST * short:
            found += [(long, short), (short, long)]
    return found


def nearest(picture: Size, among: Sequence[Size]) -> Size:
    """The size whose shape is nearest to the picture's; of two the first."""
    shape = math.log(picture[0] / picture[1])
    return min(among, key=lambda size: round(abs(math.log(size[0] / size[1]) - shape), 9))


def whole(picture: Size, among: Sequence[Size]) -> Size:
    """The size that pixel art of this shape fills most when enlarged by a whole factor, or else
    thinned by one; of several the nearest shape, of those the first."""

    def filled(size: Size) -> float:
        larger = min(size[0] // picture[0], size[1] // picture[1])
        smaller = max(math.ceil(picture[0] / size[0]), math.ceil(picture[1] / size[1]))
        share = larger if larger else 1 / smaller
        return picture[0] * picture[1] * share * share / (size[0] * size[1])

    most = max(filled(size) for size in among)
    return nearest(picture, [size for size in among if filled(size) >= most - 1e-9])

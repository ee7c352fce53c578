"""Cutting a cast shadow off a sprite, so that a base does not learn blots as parts of things.

Games paint the shadow into the sprite: translucent black, and solid black where it is deepest.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
Mask = NDArray[np.bool_]

DARKEST = 10  # bytes: the brightest channel of a pixel that still counts as black
LEAST = 6  # black pixels that make a shadow
MOST = 0.45  # share of what is drawn; where more would go, the thing itself is black


def cut_shadow(rgba: Pixels) -> Pixels:
    """The sprite [h, w, 4] without its cast shadow; the same picture where none is found.

    Translucent black goes, and then solid black that touches nothing but black and the ground:
    an outline, one pixel thick, touches what it outlines and stays.
    """
    drawn = rgba[..., 3] > 0
    black = drawn & (rgba[..., :3].max(-1) <= DARKEST)
    soft = black & (rgba[..., 3] < 250)
    haze = drawn & ~black & (rgba[..., 3] < 250)
    inside = drawn & ~black
    gone = np.zeros_like(black)
    if soft.sum() >= max(LEAST, haze.sum()):  # else a ghost, translucent all over
        gone = soft & ~_enclosed(soft, drawn & ~soft)
    solid = black & ~soft & ~grown(inside)
    gone |= _reached(gone | ~drawn, solid)
    if gone.sum() < LEAST:
        return rgba
    if gone.sum() > MOST * drawn.sum():
        return rgba
    cut = rgba.copy()
    cut[gone] = (128, 128, 128, 0)
    return cut


def grown(mask: Mask) -> Mask:
    """The mask and its eight neighbours on every side."""
    wide = np.pad(mask, 1)
    rows, columns = mask.shape
    shifted = [wide[y : y + rows, x : x + columns] for y in range(3) for x in range(3)]
    return np.asarray(np.logical_or.reduce(shifted))


def _reached(start: Mask, through: Mask) -> Mask:
    """What of `through` is connected with `start`."""
    found = start
    while True:
        more = found | (grown(found) & through)
        if (more == found).all():
            return more & through
        found = more


def _enclosed(asked: Mask, wall: Mask) -> Mask:
    """What of `asked` the ground outside can't reach past `wall`: the glass of a bottle."""
    free = np.pad(~wall, 1, constant_values=True)
    outside = np.zeros_like(free)
    outside[0], outside[-1], outside[:, 0], outside[:, -1] = True, True, True, True
    while True:
        more = outside.copy()
        for axis in (0, 1):
            for step in (-1, 1):
                more |= np.roll(outside, step, axis)
        more = (more & free) | outside
        if (more == outside).all():
            return asked & ~outside[1:-1, 1:-1]
        outside = more

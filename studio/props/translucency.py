"""What the half-transparent pixels of a picture are: soft edges, a painted shadow, or glass.

No alpha tells them apart: shadows of sprites reach 198, and glass begins at 57. Told by colour and
by place instead: soft edges run all around what is drawn; a shadow is black; glass is the rest.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from studio.images.fitting import OPAQUE
from studio.pixels.hex_colours import Pixels
from studio.pixels.silhouettes import Mask

SEEN, WHOLE = 8, 247  # an alpha below is not seen, one above is opaque
BLACK = 48  # levels that no channel of a shadow passes
FAINTEST = 32  # alpha of glass, at least
ROUND = 0.5  # share of the outermost pixels that are soft, from which on edges are soft
NEAR = 2  # pixels from what is opaque within which a dark pixel may belong to a soft edge


@dataclass(frozen=True, eq=False)
class Translucency:
    """Of a picture [h, w]: which pixels are of a shadow, which of glass; and whether what is drawn
    has soft edges all around, as a painting has and pixel art has not."""

    shadow: Mask
    glass: Mask
    soft: bool


def told(rgba: Pixels) -> Translucency:
    """What is half transparent on a picture [h, w, 4]."""
    alpha = rgba[..., 3]
    drawn, whole = alpha >= SEEN, alpha > WHOLE
    half = drawn & ~whole
    none = np.zeros_like(half)
    if not half.any():
        return Translucency(none, none, False)
    edge = drawn & ndimage.binary_dilation(np.pad(~drawn, 1, constant_values=True))[1:-1, 1:-1]
    rim = half & edge & ndimage.binary_dilation(whole)
    soft = bool(whole.any() and rim.sum() > ROUND * edge.sum())
    black = half & (rgba[..., :3].max(-1) <= BLACK)
    if not soft:
        return Translucency(black, half & ~black & (alpha >= FAINTEST), False)
    near = ndimage.binary_dilation(whole, iterations=NEAR)
    shadow = black & ~near
    wide = np.pad(half & ~black & (alpha >= FAINTEST), 1)
    glass = ndimage.binary_opening(wide, np.ones((3, 3), bool))[1:-1, 1:-1]
    return Translucency(shadow, glass, True)


def without(rgba: Pixels, shadow: Mask) -> Pixels:
    """The picture with hard edges, and without a shadow: what tells pixel art from paintings."""
    hard = rgba.copy()
    hard[..., 3] = np.where((rgba[..., 3] >= OPAQUE) & ~shadow, 255, 0)
    return hard

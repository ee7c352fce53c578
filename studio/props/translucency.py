"""What the half-transparent pixels of a picture are: soft edges, a painted shadow, or glass.

No alpha tells them apart: shadows of sprites reach 198, and glass begins at 57. Told by colour and
by place instead: soft edges run all around what is drawn; a shadow is black; glass is the rest.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy

from studio.images.fitting import OPAQUE
from studio.pixels.hex_colours import Pixels
from studio.pixels.silhouettes import Mask

SEEN, WHOLE = 8, 247  # an alpha below is not seen, one above is opaque
BLACK = 48  # levels that no channel of a shadow passes
FAINTEST = 32  # alpha of glass, at least
ROUND = (
    0.6  # share of the opaque pixels at the outside that are softened, from which edges are soft
)
LEAST_WIDTH, WIDTH = 5, 24  # pixels of glass where edges are soft, and a share of the longer side


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
    drawn, whole = np.pad(alpha >= SEEN, 1), np.pad(alpha > WHOLE, 1)
    half = drawn & ~whole
    if not half.any():
        none = np.zeros(alpha.shape, bool)
        return Translucency(none, none, False)
    black = half[1:-1, 1:-1] & (rgba[..., :3].max(-1) <= BLACK)
    glass = half[1:-1, 1:-1] & ~black & (alpha >= FAINTEST)
    if not _softened(drawn, whole, half):
        return Translucency(black, glass, False)
    width = max(LEAST_WIDTH, max(alpha.shape) // WIDTH | 1)
    near = scipy.ndimage.binary_dilation(whole, iterations=width // 2 + 1)[1:-1, 1:-1]
    wide = np.pad(glass, width)
    opened = scipy.ndimage.minimum_filter(wide.astype(np.uint8), width)
    opened = scipy.ndimage.maximum_filter(opened, width)[width:-width, width:-width]
    return Translucency(black & ~near, opened.astype(bool), True)


def _softened(drawn: Mask, whole: Mask, half: Mask) -> bool:
    """Whether nearly all that is opaque ends in half-transparent pixels, which lead outwards; all
    three with a pixel of nothing around them."""
    begins = half & scipy.ndimage.binary_dilation(~drawn)
    leads = scipy.ndimage.binary_propagation(begins, mask=half)
    edge = whole & scipy.ndimage.binary_dilation(~drawn | leads)
    softened = edge & scipy.ndimage.binary_dilation(leads)
    return bool(softened.sum() > ROUND * edge.sum())


def without(rgba: Pixels, shadow: Mask) -> Pixels:
    """The picture with hard edges, and without a shadow: what tells pixel art from paintings."""
    hard = rgba.copy()
    hard[..., 3] = np.where((rgba[..., 3] >= OPAQUE) & ~shadow, 255, 0)
    return hard

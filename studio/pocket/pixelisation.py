"""Pictures of another style drawn again as plain sprites: few shades, hard alpha, dark outline.

A base that meets a pineapple in one style only would draw that style whenever a pineapple is asked
for; so it also meets it the way it draws everything else.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from studio.pocket.shadows import grown

Pixels = NDArray[np.uint8]

EDGE = 32
INNER = 28  # leaves room for the outline
STEP = 36  # bytes between two shades


def as_sprite(picture: Image.Image) -> Pixels:
    """The picture as a sprite [32, 32, 4]. One on a plain opaque ground is taken off it."""
    rgba = np.asarray(picture.convert("RGBA"))
    if rgba[..., 3].min() == 255:
        rgba = _off_ground(rgba)
    small = Image.fromarray(rgba).resize((INNER, INNER), Image.Resampling.BOX)
    pixels = np.asarray(small).astype(np.int16)
    shape = pixels[..., 3] >= 128
    shades = np.clip((pixels[..., :3] + STEP // 2) // STEP * STEP, 0, 255)
    sheet = np.full((EDGE, EDGE, 4), (128, 128, 128, 0), dtype=np.uint8)
    margin = (EDGE - INNER) // 2
    place = slice(margin, margin + INNER)
    drawn = np.zeros((EDGE, EDGE), dtype=bool)
    drawn[place, place] = shape
    sheet[grown(drawn)] = (16, 12, 16, 255)
    sheet[place, place][shape] = np.concatenate(
        [shades, np.full((*shape.shape, 1), 255)], -1
    ).astype(np.uint8)[shape]
    return sheet


def _off_ground(rgba: Pixels) -> Pixels:
    """A figure on one ground colour, cut out and lit from above, since icons have no light."""
    colour = rgba[..., :3].astype(np.float32)
    apart = np.abs(colour - colour[0, 0]).max(-1) / 255
    rows = np.linspace(1.0, 0.62, len(rgba), dtype=np.float32)[:, None, None]
    lit = np.clip(colour * rows, 0, 255)
    return np.concatenate([lit, apart[..., None] * 255], -1).astype(np.uint8)

"""How pictures leave the studio: in how many colours, and how many times larger."""

from __future__ import annotations

import numpy as np
from PIL import Image

from studio.errors import StudioError
from studio.images.fitting import OPAQUE
from studio.pixels.counted_colours import palette_of
from studio.pixels.snapping import snapped

PRESETS = {"native": 0, "16": 16, "64": 64}  # colours of opaque pixels; 0: as they are
FACTORS = range(1, 9)
MOST = 16_384  # pixels a side, the most that engines' textures have


def reduced(picture: Image.Image, preset: str) -> Image.Image:
    """The picture in the preset's colours, each pixel in the nearest of them by OKLab, without
    dither; alpha stays. One that has no more is as it was. StudioError for a preset that is none.
    """
    most = _known(preset)
    rgba = np.asarray(picture.convert("RGBA"))
    drawn = rgba[..., 3] >= OPAQUE
    if not most or len(np.unique(rgba[drawn, :3], axis=0)) <= most:
        return picture
    return Image.fromarray(snapped(rgba.copy(), palette_of([rgba], most)), "RGBA")


def enlarged(picture: Image.Image, factor: int) -> Image.Image:
    """The picture a whole factor larger, each pixel a square. StudioError for another factor, and
    for what would become larger than a texture may be."""
    if factor not in FACTORS:
        raise StudioError(
            f"The factor is {factor}.", f"Give a whole one from {FACTORS[0]} to {FACTORS[-1]}."
        )
    width, height = (side * factor for side in picture.size)
    if max(width, height) > MOST:
        raise StudioError(
            f"At a factor of {factor} the picture would have {width:,} x {height:,} pixels.",
            f"A texture has at most {MOST:,} a side: choose a smaller factor.",
        )
    return picture if factor == 1 else picture.resize((width, height), Image.Resampling.NEAREST)


def _known(preset: str) -> int:
    if preset not in PRESETS:
        raise StudioError(f"There is no preset {preset[:40]!r}.", f"Known: {', '.join(PRESETS)}.")
    return PRESETS[preset]

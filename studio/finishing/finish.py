"""A picture finished as its style's recipe says: the whole chain, in memory."""

from __future__ import annotations

import numpy as np
from PIL import Image

from studio.finishing.recipe import Recipe
from studio.pixels.blocks import reduced
from studio.pixels.hex_colours import Pixels
from studio.pixels.snapping import hard_alpha, snapped


def finished(picture: Image.Image, recipe: Recipe) -> Image.Image:
    """The picture (RGBA) after the recipe's steps, as RGBA. The same picture gives the same
    pixels, and finishing it once more changes nothing."""
    rgba = np.asarray(picture.convert("RGBA"))
    rgba = _native(rgba, recipe.native)
    if recipe.hard_alpha:
        rgba = hard_alpha(rgba)
    if recipe.colours:
        rgba = snapped(rgba, recipe.colours, recipe.dither)
    return Image.fromarray(np.ascontiguousarray(rgba), "RGBA")


def _native(rgba: Pixels, longer: int) -> Pixels:
    """The picture with a longer side of `longer` native pixels, where it was enlarged from that by
    a whole factor."""
    side = max(rgba.shape[:2])
    if not longer or side <= longer or side % longer:
        return rgba
    return reduced(rgba, side // longer)

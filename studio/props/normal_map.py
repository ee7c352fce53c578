"""A normal map of a flat picture: it bulges from its outline inwards, and light colours stand out.

For 2D lights, and for the same picture on a flat card. Red is right and blue towards the viewer;
green is up, as Unity and Godot take it, or down, as Unreal does. Guessed from the picture's edge
and lightness: nothing is known of the thing's real surface.
"""

from __future__ import annotations

import numpy as np
import scipy
from numpy.typing import NDArray
from PIL import Image

from studio import numbers
from studio.colours import to_oklab
from studio.errors import StudioError
from studio.images.fitting import OPAQUE
from studio.props import domes
from studio.props.panels import bled
from studio.props.settings import STRONGEST, Y_WAYS

BULGE = 0.12  # of the smaller side: how high the form bulges at a strength of 1
RELIEF = 0.03  # of the smaller side: how much higher white is than black
SMOOTHED = 1 / 64  # of the smaller side: over so much colours are averaged
LARGEST = 2_048  # pixels a side

Floats = NDArray[np.float64]


def of_picture(image: Image.Image, strength: float, y: str = "up") -> Image.Image:
    """The normal map of a picture, RGBA in its size, or with LARGEST pixels on its longer side; its
    alpha is the picture's. Flat, #8080ff, where nothing is drawn. `strength`: 0 to STRONGEST.
    StudioError for another strength or way of y."""
    strength = numbers.number("normal_strength", strength, 0, STRONGEST)
    if y not in Y_WAYS:
        raise StudioError(f"normal_y is {numbers.shown(y)}.", f"Use one of {', '.join(Y_WAYS)}.")
    rgba = np.array(_no_larger(image.convert("RGBA")))
    alpha = rgba[..., 3]
    drawn = alpha >= OPAQUE if (alpha >= OPAQUE).any() else alpha > 0
    heights = strength * _heights(rgba, drawn)
    down, across = (_slopes(heights, axis) for axis in (0, 1))
    # The picture's rows go down: what rises with them looks up.
    upwards = down if y == "up" else -down
    length = np.sqrt(across**2 + down**2 + 1)
    normals = np.stack([-across / length, upwards / length, 1 / length], -1)
    normals[~drawn] = (0, 0, 1)
    levels = np.floor(normals * 127.5 + 128).clip(0, 255).astype(np.uint8)
    return Image.fromarray(np.dstack([levels, alpha]), "RGBA")


def _heights(rgba: NDArray[np.uint8], drawn: NDArray[np.bool_]) -> Floats:
    """How high each pixel lies, in pixels; colours go on beyond the edge, which is no cliff."""
    if not drawn.any():
        return np.zeros(drawn.shape)
    small = min(drawn.shape)
    deep = scipy.ndimage.distance_transform_edt(np.pad(drawn, 1))[1:-1, 1:-1]
    deep = np.maximum(deep - 0.5, 0)
    bulge = domes.dome(deep, domes.height(BULGE * small, float(deep.max())))
    light = to_oklab(bled(rgba[..., :3], drawn))[..., 0].astype(np.float64)
    wide = SMOOTHED * small
    return np.asarray(scipy.ndimage.gaussian_filter(bulge + RELIEF * small * light, wide))


def _slopes(heights: Floats, axis: int) -> Floats:
    """How much it rises for each pixel along an axis; 0 where there is one alone."""
    if heights.shape[axis] < 2:
        return np.zeros_like(heights)
    return np.asarray(np.gradient(heights, axis=axis))


def _no_larger(image: Image.Image) -> Image.Image:
    most = max(image.size)
    if most <= LARGEST:
        return image
    size = tuple(max(1, round(side * LARGEST / most)) for side in image.size)
    return image.convert("RGBa").resize((size[0], size[1]), Image.Resampling.BOX).convert("RGBA")

"""A figure's shadow as a layer of its own, of the figure's size, to be laid under it."""

from __future__ import annotations

import numpy as np

from studio import numbers
from studio.images.fitting import OPAQUE
from studio.pixels.hex_colours import Pixels, rgb_of

COLOUR = "#1a1026"
FLAT = 0.35  # a contact shadow's height as a share of its width, as seen from a little above
FOOT = 0.2  # share of the figure, from below, that stands on the ground


def drop(
    rgba: Pixels, right: int = 2, down: int = 2, colour: str = COLOUR, opacity: float = 0.5
) -> Pixels:
    """The silhouette moved `right` and `down`, in one colour with hard edges; what leaves the
    canvas is cut off."""
    opaque = rgba[..., 3] >= OPAQUE
    height, width = opaque.shape
    y, x = np.nonzero(opaque)
    within = (0 <= y + down) & (y + down < height) & (0 <= x + right) & (x + right < width)
    moved = np.zeros_like(opaque)
    moved[y[within] + down, x[within] + right] = True
    return _layer(moved, colour, opacity)


def contact(rgba: Pixels, colour: str = COLOUR, opacity: float = 0.5) -> Pixels:
    """An ellipse where the figure meets the ground: as wide as its lowest fifth and a pixel more
    on each side, its middle on the last row. It is empty where nothing is drawn."""
    opaque = rgba[..., 3] >= OPAQUE
    shade = np.zeros_like(opaque)
    rows = np.flatnonzero(opaque.any(1))
    if len(rows):
        last = int(rows[-1])
        foot = last - int(FOOT * (last - rows[0]))
        columns = np.flatnonzero(opaque[foot : last + 1].any(0))
        across = (columns[-1] - columns[0] + 1) / 2 + 1
        high = max(1.0, across * FLAT)
        y, x = np.indices(opaque.shape)
        middle = (columns[0] + columns[-1]) / 2
        shade = ((x - middle) / across) ** 2 + ((y - last) / high) ** 2 <= 1
    return _layer(shade, colour, opacity)


def _layer(shade: np.ndarray, colour: str, opacity: float) -> Pixels:
    alpha = round(255 * numbers.number("opacity", opacity, 0, 1))
    out = np.zeros((*shade.shape, 4), np.uint8)
    out[shade] = (*rgb_of([colour])[0], alpha)
    return out

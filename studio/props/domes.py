"""How far a form bulges towards the viewer: round at its edge, level where it is wide."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
RISE = 2.0  # times its height: so far from the edge a dome goes on rising


def height(half: float, deepest: float) -> float:
    """The height of a form that is to be `half` high, in pixels: none is higher than it is wide,
    `deepest` being how far its middle lies within."""
    return min(half, deepest)


def dome(depths: Floats, high: float) -> Floats:
    """How high a place is that lies so deep within the form: a quarter of an ellipse from the edge
    on, whose height is `high` and whose width RISE times that, or all there is. In pixels."""
    reach = min(RISE * high, float(depths.max()))
    if reach <= 0:
        return np.zeros_like(depths)
    left = 1 - np.clip(depths / reach, 0, 1)
    return np.asarray(high * np.sqrt(np.maximum(1 - left**2, 0)))

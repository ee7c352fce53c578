"""A figure's outline as it is: how wide, in which colour, and how much of the edge it covers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

from studio.colours import to_oklab
from studio.images.fitting import OPAQUE
from studio.pixels.hex_colours import Pixels, hex_of

LIKE = 0.12  # OKLab distance within which a pixel is of the outline's colour
DARKER = 0.08  # by how much lightness an outline differs from what it surrounds
CLOSED = 0.5  # share of the edge, and of each next layer, that an outline covers at least
WIDEST = 4  # layers that are looked at
CROSS = np.array([[0, 1, 0], [1, 1, 1], [0, 1, 0]], bool)


@dataclass(frozen=True)
class Outline:
    """`width` in pixels, 0 without one; `colour` "#rrggbb" or ""; `covered`: share of the edge
    that has it."""

    width: float
    colour: str
    covered: float


NONE = Outline(0.0, "", 0.0)


def layers(opaque: NDArray[np.bool_]) -> NDArray[np.int32]:
    """How deep each pixel lies in the figure [h, w], counted over edges: 0 outside, 1 on the edge.
    What the canvas cuts off is no edge."""
    within = np.pad(opaque, 1, mode="edge")
    depth = scipy.ndimage.distance_transform_cdt(within, "taxicab")
    if within.all():
        return np.full(opaque.shape, sum(opaque.shape), np.int32)
    return np.asarray(depth[1:-1, 1:-1], np.int32)


def outline(rgba: Pixels) -> Outline:
    """The outline of what is opaque: the edge's commonest colour, where it covers half of the edge
    and is darker or lighter than what lies within. A width of 1.4 is one pixel with a second one
    on two fifths of the way."""
    opaque = rgba[..., 3] >= OPAQUE
    depth = layers(opaque)
    edge = depth == 1
    if not edge.any():
        return NONE
    lab = to_oklab(rgba[..., :3])
    colour = _commonest(rgba[edge])
    like = opaque & (np.linalg.norm(lab - to_oklab(colour), axis=-1) <= LIKE)
    covered = float(like[edge].mean())
    inside = opaque & ~like
    if covered < CLOSED or not inside.any():
        return NONE
    if abs(float(np.median(lab[inside][:, 0])) - float(to_oklab(colour)[0])) < DARKER:
        return NONE
    width, joined = covered, edge & like
    for deep in range(2, WIDEST + 1):
        layer = depth == deep
        joined = layer & like & scipy.ndimage.binary_dilation(joined, CROSS)
        share = float(joined.sum() / edge.sum())
        width += share
        if share < 0.05:
            break
    return Outline(width, hex_of(colour[None])[0], covered)


def _commonest(pixels: Pixels) -> Pixels:
    """The colour [3] that most of these pixels are like: their commonest in steps of 32 levels,
    then the median of those."""
    steps = pixels[:, :3] // 32
    found, back, counts = np.unique(steps, axis=0, return_inverse=True, return_counts=True)
    own = pixels[back.ravel() == counts.argmax(), :3]
    exact, times = np.unique(own, axis=0, return_counts=True)
    return exact[times.argmax()] if times.max() > 1 else np.median(own, axis=0).astype(np.uint8)

"""The background taken away from around a figure: by a flood from the border where it is plain, by
a network where the art is smooth, and by the person's word where neither is sure.

Measured: the flood gives masks of IoU .95 on pixel art and .96 on smooth art on white, the network
.98 on smooth art and .44 on pixel art.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np
import scipy
from numpy.typing import NDArray
from PIL import Image

from studio import images
from studio.errors import StudioError
from studio.images.fitting import OPAQUE
from studio.pixels.background import TOLERANCE, without_background
from studio.pixels.hex_colours import Pixels

Mask = NDArray[np.uint8]
Advice = Literal["flood", "model", "ask", "none"]

LEAST, MOST = 0.02, 0.98  # shares of a picture between which what is left of it is a figure
SURE = 250  # of 255, from which on the network's mask is the figure's inside; 255 less: the ground
FIGURES = 0.9  # share of the figure's colour in a pixel from which on it has it wholly
MIXED = 0.1  # of 1, as far as a mix of two colours lies from the line between them
GREY = (128, 128, 128)  # behind what is transparent, for the network


def advised(rgba: Pixels, is_pixel_art: Callable[[Pixels], bool]) -> Advice:
    """How the background is best taken away from a picture [h, w, 4]: "flood" where the border is
    plain, else "model" for smooth art, "ask" for pixel art; "none" where it is cut out already.
    `is_pixel_art` is asked where it matters."""
    if not _border(rgba).all():
        return "none"
    if LEAST <= _left(without_background(rgba)) <= MOST:
        return "flood"
    return "ask" if is_pixel_art(rgba) else "model"


def flood(rgba: Pixels, tolerance: float = TOLERANCE) -> Pixels:
    """The picture without what is joined to its border in the border's colours, within an OKLab
    distance (`studio.pixels.background`). StudioError where nothing goes, or nothing is left."""
    if not _border(rgba).all():
        raise StudioError(
            "The picture's border is see-through: it is cut out already.", "Leave this edit out."
        )
    found = without_background(rgba, tolerance)
    if np.array_equal(found, rgba):
        raise StudioError(
            f"The ground is not plain: within a tolerance of {tolerance:g} its border has more "
            "than three colours, or no other one is there.",
            "Raise the tolerance, or take the background away by the model.",
        )
    return found


def model(rgba: Pixels) -> Pixels:
    """The picture without what U²-Net-P takes for its background. StudioError where it sees no
    figure, or nothing but one."""
    from studio.props import u2netp  # which loads torch

    picture = Image.fromarray(np.ascontiguousarray(rgba), "RGBA")
    mask = u2netp.mask(images.on_matte(picture, GREY))
    share = float((mask >= OPAQUE).mean())
    if share < 1 / mask.size or share > MOST:
        seen = "no figure" if share < MOST else "no ground around the figure"
        raise StudioError(
            f"The model sees {seen} on the picture.",
            "Take the background away by a flood, or cut it out by hand.",
        )
    return cut(rgba, mask)


def cut(rgba: Pixels, mask: Mask) -> Pixels:
    """The picture with the alpha of a mask [h, w] where it has more. What is transparent is black;
    a pixel of the rim in which the ground is seen takes the colour of the nearest one within the
    figure, so that no halo is left."""
    alpha = np.rint(rgba[..., 3] * (mask / np.float32(255))).astype(np.uint8)
    out = rgba.copy()
    rim = (mask < SURE) & (mask > 255 - SURE) & (alpha > 0)
    inside, ground = (mask >= SURE) & (rgba[..., 3] >= OPAQUE), mask <= 255 - SURE
    if rim.any() and inside.any() and ground.any():
        y, x = np.nonzero(rim)
        near = [
            scipy.ndimage.distance_transform_edt(~one, return_distances=False, return_indices=True)
            for one in (inside, ground)
        ]
        fronts, backs = (rgba[where[0][y, x], where[1][y, x], :3] for where in near)
        both = (fronts, backs, rgba[y, x, :3])
        front, back, own = (one.astype(np.float32) / 255 for one in both)
        step, off = front - back, own - back
        share = (off * step).sum(-1) / np.maximum((step**2).sum(-1), 1e-6)
        missed = np.linalg.norm(off - np.clip(share, 0, 1)[:, None] * step, axis=-1)
        mixed = (share < FIGURES) & ((missed <= MIXED) | (share < 0.5))
        out[y[mixed], x[mixed], :3] = fronts[mixed]
    out[..., 3] = alpha
    out[alpha == 0] = 0
    return out


def _border(rgba: Pixels) -> NDArray[np.bool_]:
    """Which pixels of the border are opaque."""
    opaque = rgba[..., 3] >= OPAQUE
    return np.concatenate([opaque[0], opaque[-1], opaque[:, 0], opaque[:, -1]])


def _left(rgba: Pixels) -> float:
    """The share of a picture that is seen."""
    return float((rgba[..., 3] >= OPAQUE).mean())

"""A plain background taken away from around a figure, and from nowhere within it."""

from __future__ import annotations

import numpy as np
import scipy

from studio.colours import Floats, to_oklab
from studio.images.fitting import OPAQUE
from studio.pixels.hex_colours import Pixels
from studio.pixels.silhouettes import Mask

TOLERANCE = 0.06  # OKLab distance within which a pixel is of the background's colour
PLAIN = 0.8  # share of the border that at most three colours cover, else there is no background
COLOURS = 3
MIXED = 0.05  # OKLab distance within which an edge's pixel is a mix of both sides


def without_background(rgba: Pixels, tolerance: float = TOLERANCE) -> Pixels:
    """Transparent where pixels of the border's colours (OKLab, within `tolerance`) are joined to
    the border over edges; a highlight of that colour within the figure stays, also where a gap of
    one pixel leads to it. Pixels that mix both sides become half transparent in the figure's
    colour. Unchanged where the border is not all opaque, or is of many colours."""
    opaque = rgba[..., 3] >= OPAQUE
    border = np.zeros_like(opaque)
    border[[0, -1]] = border[:, [0, -1]] = True
    if min(opaque.shape) < 3 or not opaque[border].all():
        return rgba
    lab = to_oklab(rgba[..., :3])
    near = _near_border(lab, border, tolerance)
    if near is None or near.all():
        return rgba
    outside = _flooded(near, border)
    out = _unmixed(rgba, lab, outside)
    out[outside] = 0
    return out


def _near_border(lab: Floats, border: Mask, tolerance: float) -> Mask | None:
    """Pixels in one of the border's colours: at most three, the commonest first, which together
    cover most of it; None where they do not."""
    left = lab[border]
    total, near = len(left), np.zeros(border.shape, bool)
    for _ in range(COLOURS):
        steps, counts = np.unique(np.rint(left / tolerance), axis=0, return_counts=True)
        middle = steps[counts.argmax()] * np.float32(tolerance)
        own = np.linalg.norm(left - middle, axis=-1) <= 2 * tolerance
        centre = np.median(left[own], axis=0)
        near |= np.linalg.norm(lab - centre, axis=-1) <= tolerance
        left = left[np.linalg.norm(left - centre, axis=-1) > tolerance]
        if len(left) <= (1 - PLAIN) * total / 4:
            break
    return near if len(left) <= (1 - PLAIN) * total else None


def _flooded(near: Mask, border: Mask) -> Mask:
    """What is joined to the border, not through gaps of one pixel; then one pixel on, into the
    corners that this left."""
    wide = np.pad(near, 1, constant_values=True)  # the background goes on beyond the canvas
    open_ = scipy.ndimage.binary_opening(wide, np.ones((2, 2), bool))[1:-1, 1:-1]
    outside = scipy.ndimage.binary_propagation(border & open_, mask=open_)
    return np.asarray(near & scipy.ndimage.binary_dilation(outside))


def _unmixed(rgba: Pixels, lab: Floats, outside: Mask) -> Pixels:
    """The figure's outermost pixels without the background in them: where one lies between the
    background beside it and the figure behind it, it takes the figure's colour and so much alpha
    as it has of it."""
    rim = scipy.ndimage.binary_dilation(outside) & ~outside
    inner = ~outside & ~rim
    out = rgba.copy()
    if not rim.any() or not inner.any():
        return out
    ground, behind = (
        scipy.ndimage.distance_transform_edt(~mask, return_distances=False, return_indices=True)
        for mask in (outside, inner)
    )
    back = lab[ground[0][rim], ground[1][rim]]
    front = lab[behind[0][rim], behind[1][rim]]
    step, off = front - back, lab[rim] - back
    length = (step**2).sum(-1)
    share = np.clip((off * step).sum(-1) / np.maximum(length, 1e-6), 0, 1)
    missed = np.linalg.norm(off - share[:, None] * step, axis=-1)
    mixed = (missed <= MIXED) & (share < 0.9) & (length > 4 * MIXED**2)
    y, x = (axis[mixed] for axis in np.nonzero(rim))
    out[y, x] = rgba[behind[0][y, x], behind[1][y, x]]
    out[y, x, 3] = np.rint(share[mixed] * 255)
    return out

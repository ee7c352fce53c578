"""Every pixel in a colour of the palette, and wholly there or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import scipy
from numpy.typing import NDArray

from studio import numbers
from studio.colours import Floats, to_oklab
from studio.errors import StudioError
from studio.images.fitting import OPAQUE
from studio.pixels.hex_colours import Pixels, rgb_of

DITHERS = ("none", "bayer", "error")
Labels = NDArray[np.intp]
# Bayer's matrix of 4 x 4 (1973), as thresholds within 0..1.
BAYER = (
    np.array([[0, 8, 2, 10], [12, 4, 14, 6], [3, 11, 1, 9], [15, 7, 13, 5]], np.float32) + 0.5
) / 16
# How much a mix of two colours that are far apart is shunned: it is seen as dots, not as a shade.
APART = 0.1
# Floyd and Steinberg (1976): down, right of it, and so on, in sixteenths: (dx, dy, share).
SHARES = ((1, 0, 7 / 16), (-1, 1, 3 / 16), (0, 1, 5 / 16), (1, 1, 1 / 16))


def hard_alpha(rgba: Pixels, at: int = OPAQUE) -> Pixels:
    """Each pixel opaque from an alpha of `at` on, else wholly transparent and black."""
    out = rgba.copy()
    drawn = out[..., 3] >= at
    out[drawn, 3] = 255
    out[~drawn] = 0
    return out


def snapped(rgba: Pixels, colours: Sequence[str], dither: str = "none") -> Pixels:
    """Opaque pixels (alpha from 128 on) in the nearest of `colours`, by OKLab; others and every
    alpha stay. "bayer" mixes the two colours between which a pixel lies in a pattern, "error"
    hands what was missed on to the pixels after it. A pixel that has a colour of the palette keeps
    it in each way. StudioError for a palette without colours and an unknown dither."""
    palette = rgb_of(colours)
    if dither not in DITHERS:
        raise StudioError(
            f"{numbers.shown(dither)} is not a dither.", f"Use one of {', '.join(DITHERS)}."
        )
    out, drawn = rgba.copy(), rgba[..., 3] >= OPAQUE
    if not drawn.any():
        return out
    ground = to_oklab(palette)
    if dither == "error":
        labels = _diffused(rgba, drawn, ground)
    else:
        seen, back = np.unique(packed(rgba[drawn]), return_inverse=True)
        lab = to_oklab(unpacked(seen))
        if dither == "none":
            labels = nearest(lab, ground)[back]
        else:
            labels = _patterned(lab, ground, back, drawn)
    out[drawn, :3] = palette[labels]
    return out


def nearest(lab: NDArray[Any], palette: NDArray[Any]) -> Labels:
    """For each OKLab colour [n, 3] the index of the nearest of `palette` [k, 3]."""
    return np.asarray(scipy.spatial.KDTree(palette).query(lab)[1], np.intp)


def packed(pixels: Pixels) -> NDArray[np.uint32]:
    """The colours of pixels [n, 3 or 4] as one number each."""
    red, green, blue = (pixels[..., k].astype(np.uint32) for k in range(3))
    return np.asarray(red << 16 | green << 8 | blue, np.uint32)


def unpacked(numbers: NDArray[np.uint32]) -> Pixels:
    """Numbers of `packed` as bytes [n, 3]."""
    return np.stack([numbers >> 16, numbers >> 8 & 255, numbers & 255], -1).astype(np.uint8)


def _patterned(lab: Floats, palette: Floats, back: Labels, drawn: NDArray[np.bool_]) -> Labels:
    """For each drawn pixel the nearest colour, or the one beyond it, by Bayer's thresholds."""
    first = nearest(lab, palette)
    share, second = np.zeros(len(lab), np.float32), first.copy()
    for start in range(0, len(lab), 4096):  # [4096, k, 3] at once
        part = slice(start, start + 4096)
        near = palette[first[part], None]
        step, off = palette[None] - near, (lab[part, None] - near)
        length = np.maximum((step**2).sum(-1), 1e-9)
        along = np.clip((off * step).sum(-1) / length, 0, 0.5)
        missed = ((off - along[..., None] * step) ** 2).sum(-1)
        best = (missed + APART * along * (1 - along) * length).argmin(-1)
        second[part] = best
        share[part] = np.take_along_axis(along, best[:, None], 1)[:, 0]
    y, x = np.nonzero(drawn)
    return np.where(share[back] > BAYER[y % 4, x % 4], second[back], first[back])


def _diffused(rgba: Pixels, drawn: NDArray[np.bool_], palette: Floats) -> Labels:
    """Error diffusion from left to right, row by row. A row is worked on two pixels behind the one
    above it, so that all rows' pixels of one step x + 2y are chosen at once."""
    height, width = drawn.shape
    lab = np.zeros((height + 1, width + 2, 3), np.float32)  # room for what falls outside
    lab[:height, 1:-1] = to_oklab(rgba[..., :3])
    labels = np.zeros((height, width), np.intp)
    tree = scipy.spatial.KDTree(palette)
    for step in range(width + 2 * height - 2):
        y = np.arange(max(0, (step - width + 2) // 2), min(height, step // 2 + 1))
        x = step - 2 * y
        here = drawn[y, x]
        y, x = y[here], x[here]
        if not len(y):
            continue
        chosen = tree.query(lab[y, x + 1])[1]
        labels[y, x] = chosen
        missed = lab[y, x + 1] - palette[chosen]
        for dx, dy, share in SHARES:
            lab[y + dy, x + 1 + dx] += share * missed
    return labels[drawn]

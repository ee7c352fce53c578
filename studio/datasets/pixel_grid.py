"""What a picture's pixels tell of how it was scaled: its native grid, odd factors, smoothing.

Pixel art that was scaled by anything but a whole factor, or smoothed, teaches a style pixels that
no artist set. Everything here looks at one picture; what is odd within a set `inspection` decides.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Pixels = NDArray[np.uint8]
SIDE = 768  # larger pictures are looked at in their middle
FEWEST = 4  # edges, or repeated lines, each way: fewer prove nothing
SHORTEST = 12  # lines each way, likewise
LEAST, ALIKE, EVEN = 0.15, 0.12, 2.0  # share of repeated lines, both ways alike, evenly spread
SOFT = (8, 247)  # alpha between these is neither drawn nor empty


@dataclass(frozen=True)
class Grain:
    """`grid`: the whole factor that the picture was enlarged by (1: not at all). `factor`: the
    odd one, such as 1.5, or 0. `soft`: share of drawn pixels that are half transparent. `own`:
    colours that only one pixel has, per drawn pixel. `sharp`: how much of the contrast between
    neighbours is lost when the picture is halved and enlarged again, 0 (smooth) to about 1."""

    grid: int
    factor: float
    soft: float
    own: float
    sharp: float


def grain(picture: Image.Image) -> Grain:
    """The grain of an RGBA picture."""
    pixels = _middle(np.array(picture.convert("RGBA")))
    pixels[pixels[..., 3] == 0] = 0  # what is hidden tells nothing
    alpha = pixels[..., 3]
    drawn = int((alpha > 0).sum())
    if not drawn:
        return Grain(1, 0.0, 0.0, 0.0, 1.0)
    grid, top, left = _grid(pixels)
    small = pixels[top::grid, left::grid]
    seen = small[small[..., 3] > 0]
    counts = np.unique(seen, axis=0, return_counts=True)[1]
    return Grain(
        grid=grid,
        factor=_factor(small) if grid == 1 else 0.0,
        soft=float(((alpha > SOFT[0]) & (alpha < SOFT[1])).sum() / drawn),
        own=float((counts == 1).sum() / len(seen)),
        sharp=_sharp(small),
    )


def _middle(pixels: Pixels) -> Pixels:
    height, width = pixels.shape[:2]
    top, left = max(0, height - SIDE) // 2, max(0, width - SIDE) // 2
    return pixels[top : top + SIDE, left : left + SIDE].copy()


def _repeated(pixels: Pixels, axis: int) -> NDArray[np.bool_]:
    """For each row (axis 0) or column (axis 1) from the second on, whether it equals the one
    before."""
    lines = pixels if axis == 0 else pixels.swapaxes(0, 1)
    same: NDArray[np.bool_] = (lines[1:] == lines[:-1]).all(axis=(1, 2))
    return same


def _grid(pixels: Pixels) -> tuple[int, int, int]:
    """The largest whole factor between all edges, and the row and column where the grid begins;
    1 where there is none."""
    edges = [np.flatnonzero(~_repeated(pixels, axis)) + 1 for axis in (0, 1)]
    steps = np.concatenate([np.diff(one) for one in edges])
    if min(len(one) for one in edges) < FEWEST:
        return 1, 0, 0
    found = int(np.gcd.reduce(steps))
    return found, int(edges[0][0]) % found, int(edges[1][0]) % found


def _factor(pixels: Pixels) -> float:
    """About the odd factor by which nearest neighbours enlarged the picture, or 0.

    Such a scaling repeats rows and columns alike often, and evenly; an artist's repeated lines
    come in heaps.
    """
    rates = []
    for axis in (0, 1):
        same = _repeated(pixels, axis)[_inside(pixels, axis)]
        if len(same) < SHORTEST or same.sum() < FEWEST:
            return 0.0
        rate = float(same.mean())
        ahead = np.cumsum(same - rate)  # by how many it runs before an even spread
        if not LEAST <= rate <= 0.9 or float(np.ptp(ahead)) > EVEN:
            return 0.0
        rates.append(rate)
    if abs(rates[0] - rates[1]) > ALIKE:
        return 0.0
    return round(1 / (1 - sum(rates) / 2), 2)


def _inside(pixels: Pixels, axis: int) -> NDArray[np.bool_]:
    """Lines from the second on that lie within what is drawn: empty margins prove nothing."""
    places = np.flatnonzero(pixels[..., 3].any(axis=1 - axis))
    found = np.zeros(pixels.shape[axis] - 1, np.bool_)
    found[places[0] : places[-1]] = True
    return found


def _sharp(pixels: Pixels) -> float:
    """1 for a checkerboard, near 0 for a gradient; premultiplied, over what is drawn."""
    height, width = (side // 2 * 2 for side in pixels.shape[:2])
    if height < 4 or width < 4:
        return 1.0
    whole = Image.fromarray(pixels[:height, :width], "RGBA").convert("RGBa")
    half = whole.resize((width // 2, height // 2), Image.Resampling.BOX)
    back = half.resize((width, height), Image.Resampling.BILINEAR)
    values = np.asarray(whole).astype(np.float32)
    lost = np.abs(values - np.asarray(back).astype(np.float32)).sum()
    across = np.abs(np.diff(values, axis=1)).sum() + np.abs(np.diff(values, axis=0)).sum()
    return float(2 * lost / across) if across else 1.0

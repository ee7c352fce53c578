"""Where the upper terrain lies in a small world of cells, to the pixel, rim and corners drawn."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

from studio.tiles.rims import profile, sway

Mask = NDArray[np.bool_]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Rim:
    """How far the rim lies inside its cell at the top and at the bottom, how far it hangs over on
    each side, its form, and how far its border swings inwards. In pixels."""

    top: int
    bottom: int
    over_top: int
    over_side: int
    over_bottom: int
    round: int
    edge: str
    width: float
    sway: float = 0.0


def solid(cells: Mask, size: int, rim: Rim) -> Floats:
    """The signed depth in pixels [h * size, w * size] within the upper terrain, its convex corners
    rounded, without overhang. `cells` [h, w] says which cells are upper terrain."""
    if cells.all() or not cells.any():  # without a border there is no distance to it
        far = float(size if cells.all() else -size)
        return np.full((cells.shape[0] * size, cells.shape[1] * size), far)
    wide = size * 2  # the outermost cells go on for ever
    upper = np.pad(cells.repeat(size, 0).repeat(size, 1), wide, mode="edge")
    # Lower terrain grown by half an ellipse up and one down: they end straight at the cell's edge.
    side = (rim.top + rim.bottom) // 2
    from_top = scipy.ndimage.distance_transform_edt(upper, sampling=(side / rim.top, 1))
    from_bottom, (row, _) = scipy.ndimage.distance_transform_edt(
        upper, sampling=(side / rim.bottom, 1), return_indices=True
    )
    lies_below = row >= np.arange(upper.shape[0])[:, None]
    within = upper & (from_top > side) & ~((from_bottom <= side) & lies_below)
    kept = scipy.ndimage.distance_transform_edt(within) > rim.round
    inner, outside = (scipy.ndimage.distance_transform_edt(one) for one in (kept, ~kept))
    signed = rim.round + 0.5 - np.where(kept, 1 - inner, outside)
    return np.asarray(signed[wide:-wide, wide:-wide])


def overhung(depth: Floats, size: int, rim: Rim, seed: int, variant: int) -> Mask:
    """The terrain with its rim: what lies in it, or below what hangs over."""
    height, width = depth.shape
    down, right = np.gradient(scipy.ndimage.gaussian_filter(depth, 1.0, mode="nearest"))
    long = np.maximum(np.hypot(down, right), 1e-6)
    facing_down, facing_up = np.clip(-down / long, 0, 1), np.clip(down / long, 0, 1)
    sideways = np.abs(right / long)

    def along(side: str, far: float, count: int) -> Floats:
        one = far * profile(rim.edge, size, seed, side, variant, rim.width)
        return np.tile(one - rim.sway * sway(size, seed, side, variant), count // size)

    over = facing_down**2 * along("s", rim.over_bottom, width)[None]
    over += facing_up**2 * along("n", rim.over_top, width)[None]
    west, east = (along(side, rim.over_side, height)[:, None] for side in "we")
    over += sideways**2 * np.where(right > 0, west, east)
    return depth + over >= 0


def moved(mask: Mask, down: int, right: int = 0) -> Mask:
    """The mask moved by whole pixels; what comes in at the border is what stood there."""
    wide = max(abs(down), abs(right), 1)
    padded = np.pad(mask, wide, mode="edge")
    height, width = mask.shape
    return padded[wide - down : wide - down + height, wide - right : wide - right + width]


def grown(mask: Mask, by: int) -> Mask:
    """The mask with `by` pixels around, over edges, not over corners, as outlines are drawn."""
    for _ in range(by):
        mask = mask | moved(mask, 1) | moved(mask, -1) | moved(mask, 0, 1) | moved(mask, 0, -1)
    return mask


def below(mask: Mask, by: int, lean: float = 0.0) -> Mask:
    """What lies up to `by` pixels below the mask, moved right by `lean` a pixel; the mask too."""
    out = mask
    for step in range(1, by + 1):
        out = out | moved(mask, step, int(step * lean))
    return out

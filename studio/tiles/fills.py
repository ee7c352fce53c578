"""Variants of plain ground, and how even ground is.

A variant is the terrain with a patch of itself from elsewhere in each quarter, cut in along the
cheapest closed line, so that no pixel is blended and the quarter's border stays. What is repeated
over a map shows a hot spot where the ground is brighter or more colourful than around it; that is
measured after a blur, and evened out.
"""

from __future__ import annotations

import numpy as np
import scipy
from numpy.typing import NDArray

from studio.colours import from_oklab, to_oklab
from studio.tiles.cuts import closed_paths

Pixels = NDArray[np.uint8]
Floats = NDArray[np.float32]
PASSES = 0.29  # of a wave as long as the tile, exp(-2 (pi BLUR)^2), is left by the blur
TRIES = 24  # places that a patch is looked for at
BLUR = 0.25  # of a tile: what is smaller is texture, not a spot
EVEN = 0.016  # of OKLab; 90 % of 113 real grounds are below 0.017 (benchmarks/tile_spots.py)


def varied(texture: Pixels, seed: int, variant: int, still: int) -> Pixels:
    """Another ground that goes on seamlessly into the first, quarter by quarter: the outermost
    `still` pixels of each are equal. Variant 0 is the texture itself."""
    if not variant:
        return texture
    random = np.random.default_rng([seed, variant, 7])
    size, half = texture.shape[0], texture.shape[0] // 2
    out = texture.copy()
    for top in (0, half):
        for left in (0, half):
            box = np.s_[top : top + half, left : left + half]
            places = random.integers(0, size, (TRIES, 2)).tolist()
            patches = np.stack([np.roll(texture, place, (0, 1))[box] for place in places])
            lab = to_oklab(np.concatenate([texture[box][None], patches])[..., :3])
            apart = np.square(lab[1:] - lab[0]).sum(-1)
            inside, costs = _cut_in(apart, still)
            # Of a patch that fits as well the one that shows more that is new.
            new = (apart * inside).sum((1, 2)) + 1e-6
            best = int((costs / new).argmin())
            out[box][inside[best]] = patches[best][inside[best]]
    return out


def _cut_in(apart: Floats, still: int) -> tuple[NDArray[np.bool_], Floats]:
    """The cheapest closed line around the middle of each square [b, side, side]: what lies inside
    [b, side, side], and its cost [b]."""
    side = apart.shape[1]
    middle = (side - 1) / 2
    y, x = np.mgrid[:side, :side] - middle
    far = np.maximum(np.abs(x), np.abs(y))
    turns = 4 * side
    turn = (np.arctan2(y, x) / (2 * np.pi) * turns).astype(int) % turns
    least = max(1, side // 3)  # smaller patches would hardly be seen
    rings = np.arange(least, max(least + 1, side // 2 - still))
    angle = np.arange(turns) / turns * 2 * np.pi
    stretch = 1 / np.maximum(np.abs(np.cos(angle)), np.abs(np.sin(angle)))
    at_y = np.rint(middle + rings * (np.sin(angle) * stretch)[:, None]).astype(int)
    at_x = np.rint(middle + rings * (np.cos(angle) * stretch)[:, None]).astype(int)
    cost = apart[:, np.clip(at_y, 0, side - 1), np.clip(at_x, 0, side - 1)]
    paths, total = closed_paths(cost)
    within = far[None] <= rings[paths][:, turn]
    return within & (far < side / 2 - still), total


def spots(ground: Pixels, size: int) -> float:
    """The low-frequency contrast of ground [h, w, 4], a whole number of tiles each way: the
    deviation in OKLab after a Gaussian blur of a quarter tile."""
    blurred = _blurred(to_oklab(ground[..., :3]), size)
    return float(np.sqrt(np.square(blurred - blurred.mean((0, 1))).sum(-1).mean()))


def evened(texture: Pixels, most: float = EVEN) -> Pixels:
    """The texture with just so much of its slow light and dark taken away that repeated it shows
    no hot spot; it stays seamless. One that is even already stays as it is."""
    size = texture.shape[0]
    if spots(texture, size) <= most:
        return texture
    out = texture.copy()
    for _ in range(8):  # colours that can't be shown are clipped, which leaves some
        lab, now = to_oklab(out[..., :3]), spots(out, size)
        if now <= most:
            break
        slow = _blurred(lab, size)
        share = (1 - most / now) / PASSES
        out[..., :3] = from_oklab((lab - (slow - slow.mean((0, 1))) * share).astype(np.float32))
    return out


def _blurred(lab: Floats, size: int) -> Floats:
    return np.stack(
        [scipy.ndimage.gaussian_filter(lab[..., c], BLUR * size, mode="wrap") for c in range(3)], -1
    )

"""How near pictures lie to the nearest training sprite, beside how near held-out real ones lie.

Held-out sprites are no copies of training sprites, and yet sprites of one game resemble each
other: they say what nearness means nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
Distances = NDArray[np.float64]
MATTE = 128
MOST_MOVED = 1  # pixels that a copy may be shifted


def pixel_distances(pictures: Pixels, sprites: Pixels, *, grey: bool = False) -> Distances:
    """RMS difference, 0 to 255, of each picture [n, 32, 32, 4] to its nearest sprite [m, ...].

    Both lie on mid-grey; sprites are also looked for mirrored and moved by a pixel. `grey`
    compares lightness alone, so that a recoloured copy is found.
    """
    asked = _flat(pictures, grey)
    nearest = np.full(len(asked), np.inf)
    for mirrored in (sprites, sprites[:, :, ::-1]):
        for dy in range(-MOST_MOVED, MOST_MOVED + 1):
            for dx in range(-MOST_MOVED, MOST_MOVED + 1):
                known = _flat(np.roll(mirrored, (dy, dx), (1, 2)), grey)
                squared = (asked**2).sum(1)[:, None] + (known**2).sum(1)[None] - 2 * asked @ known.T
                nearest = np.minimum(nearest, squared.min(axis=1))
    return np.asarray(np.sqrt(np.maximum(nearest, 0) / asked.shape[1]), np.float64)


def feature_distances(
    encode: Callable[[Pixels], NDArray[Any]], pictures: Pixels, sprites: Pixels
) -> Distances:
    """1 - cosine of each picture to its nearest sprite or that one's mirror image."""
    asked = _unit(encode(pictures))
    known = [_unit(encode(side)) for side in (sprites, sprites[:, :, ::-1])]
    return 1 - np.max([(asked @ side.T).max(axis=1) for side in known], axis=0)


def compared(generated: Distances, real: Distances) -> dict[str, float]:
    """Medians and 5th percentiles of both, and how much of the generated lies nearer than the
    nearest hundredth of the real ones (0.01 would be no nearer)."""
    threshold = float(np.quantile(real, 0.01))
    return {
        "generated_median": float(np.median(generated)),
        "real_median": float(np.median(real)),
        "generated_5th": float(np.quantile(generated, 0.05)),
        "real_5th": float(np.quantile(real, 0.05)),
        "real_1st": threshold,
        "generated_nearest": float(generated.min()),
        "share_nearer_than_real_1st": float((generated < threshold).mean()),
    }


def _flat(pixels: Pixels, grey: bool) -> NDArray[np.float32]:
    """[n, values] of the pictures on mid-grey, 0 to 255."""
    rgba = pixels.astype(np.float32)
    alpha = rgba[..., 3:] / 255
    rgb = rgba[..., :3] * alpha + MATTE * (1 - alpha)
    seen = rgb @ np.array([[0.299], [0.587], [0.114]], np.float32) if grey else rgb
    return np.ascontiguousarray(seen.reshape(len(seen), -1))


def _unit(vectors: NDArray[Any]) -> Distances:
    found = np.asarray(vectors, np.float64)
    return np.asarray(found / np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-12))

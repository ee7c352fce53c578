"""Colours as eyes tell them apart, and the leading ones of a picture."""

import math

import numpy as np
from PIL import Image

from studio.images.fitting import OPAQUE


def lab(rgb: np.ndarray) -> np.ndarray:
    """sRGB from 0 to 255, `[..., 3]`, as CIE L*a*b* (D65, 2 degrees), float64, same shape."""
    # sRGB: IEC 61966-2-1; its matrix for D65 as Lindbloom lists it. L*a*b*: CIE 1976.
    value = np.asarray(rgb, dtype=np.float64) / 255.0
    linear = np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)
    to_xyz = np.array(
        [
            [0.4124564, 0.3575761, 0.1804375],
            [0.2126729, 0.7151522, 0.0721750],
            [0.0193339, 0.1191920, 0.9503041],
        ]
    )
    # The white is the matrix's own row sums, so that white is exactly L 100, a 0, b 0.
    xyz = (linear @ to_xyz.T) / to_xyz.sum(axis=1)
    f = np.where(xyz > (6 / 29) ** 3, np.cbrt(xyz), xyz / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.stack(
        [116 * f[..., 1] - 16, 500 * (f[..., 0] - f[..., 1]), 200 * (f[..., 1] - f[..., 2])],
        axis=-1,
    )


def palette(picture: Image.Image, colours: int = 8) -> tuple[np.ndarray, np.ndarray]:
    """The leading colours over opaque pixels: Lab `[k, 3]` and weights `[k]` that sum to 1.

    k is `colours`, or fewer where the picture has fewer; 0 without an opaque pixel. Weighted
    k-means from the most frequent colour outwards, so the same picture gives the same answer.
    Pictures over 256 pixels a side are subsampled. Heaviest colour first.
    """
    pixels = np.asarray(picture.convert("RGBA"))
    stride = max(1, math.ceil(max(pixels.shape[:2]) / 256))
    pixels = pixels[::stride, ::stride].reshape(-1, 4)
    opaque = pixels[pixels[:, 3] >= OPAQUE][:, :3]
    if not len(opaque) or colours < 1:
        return np.zeros((0, 3)), np.zeros(0)
    seen, counts = np.unique(opaque, axis=0, return_counts=True)
    points, weight = lab(seen), counts / counts.sum()
    centres = points[[int(weight.argmax())]]
    while len(centres) < min(colours, len(points)):
        away = _squared(points, centres).min(axis=1)
        if away.max() <= 0:
            break
        centres = np.vstack([centres, points[int((away * weight).argmax())]])
    for _ in range(25):
        nearest = _squared(points, centres).argmin(axis=1)
        total = np.bincount(nearest, weight, len(centres))
        sums = np.stack(
            [np.bincount(nearest, weight * points[:, c], len(centres)) for c in (0, 1, 2)], 1
        )
        moved = np.where(total[:, None] > 0, sums / np.maximum(total, 1e-12)[:, None], centres)
        if np.allclose(moved, centres, atol=1e-6):
            break
        centres = moved
    total = np.bincount(_squared(points, centres).argmin(axis=1), weight, len(centres))
    order = np.argsort(-total, kind="stable")
    order = order[total[order] > 0]
    return centres[order], total[order] / total.sum()


def _squared(points: np.ndarray, centres: np.ndarray) -> np.ndarray:
    return np.stack([((points - centre) ** 2).sum(axis=1) for centre in centres], axis=1)

"""Small terrains of our own, drawn from a seed."""

from __future__ import annotations

import numpy as np
from PIL import Image
from scipy import ndimage

GRASS = ("#3a6b2a", "#4a8a32", "#5ba43c", "#7bbf4a")
WATER = ("#24508a", "#2f6bb0", "#3f86c8", "#6fb4e0")
DIRT = ("#5a3a26", "#6f4a30", "#86603e", "#9a7450")


def texture(colours: tuple[str, ...], size: int, seed: int, wrap: bool = True) -> Image.Image:
    """Blotches in four colours, seamless unless told otherwise."""
    random = np.random.default_rng(seed)
    mode = "wrap" if wrap else "reflect"
    noise = ndimage.gaussian_filter(random.normal(size=(size, size)), (0.7, 1.1), mode=mode)
    if not wrap:
        noise += 2 * np.linspace(-noise.std(), noise.std(), size)[None]
    rgb = np.array([tuple(bytes.fromhex(one[1:])) for one in colours], np.uint8)
    out = np.full((size, size, 4), 255, np.uint8)
    out[..., :3] = rgb[np.digitize(noise / noise.std(), (-1.0, 0.3, 1.3))]
    return Image.fromarray(out)

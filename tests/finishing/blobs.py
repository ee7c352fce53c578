"""Pictures as noisy as a model draws them."""

from __future__ import annotations

import numpy as np
from PIL import Image


def blob(seed: int, side: int = 32) -> Image.Image:
    """A soft, noisy ball with a dark rim, RGBA."""
    random = np.random.default_rng(seed)
    y, x = np.mgrid[:side, :side]
    apart = np.hypot(y - side / 2 + 0.5, x - side / 2 + 0.5) + random.normal(0, 0.8, (side, side))
    rgba = np.zeros((side, side, 4))
    rgba[..., :3] = np.where((apart < side * 0.32)[..., None], (190, 50, 60), (30, 20, 40))
    rgba[..., :3] += random.normal(0, 25, (side, side, 3))
    rgba[..., 3] = np.clip((side * 0.4 - apart) * 128 + 128, 0, 255)
    return Image.fromarray(np.clip(rgba, 0, 255).astype(np.uint8), "RGBA")

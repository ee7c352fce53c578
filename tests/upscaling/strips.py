"""What an enlarging gives strip by strip, as one picture; and pictures to enlarge."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from studio.upscaling.methods import InMemory
from studio.upscaling.sizes import Target

Pixels = NDArray[np.uint8]


def whole(
    enlarge: Callable[..., None], rgba: Pixels, target: Target, *more: Any, wrap: str = ""
) -> Pixels:
    """The result of `enlarge(source, target, rows, ...)`, whose strips must be RGBA."""
    strips: list[Pixels] = []

    def rows(strip: Pixels) -> None:
        assert strip.dtype == np.uint8 and strip.ndim == 3 and strip.shape[2] == 4
        strips.append(strip)

    enlarge(InMemory(rgba, wrap), target, rows, *more)
    return np.concatenate(strips)


def noise(height: int, width: int, seed: int = 0) -> Pixels:
    """RGBA of every level, a third of it with alpha 0, a third opaque."""
    random = np.random.default_rng(seed)
    rgba = random.integers(0, 256, (height, width, 4), np.uint8)
    kind = random.integers(0, 3, (height, width))
    rgba[..., 3] = np.where(kind == 0, 0, np.where(kind == 1, 255, rgba[..., 3]))
    return rgba


def painted(height: int, width: int, seed: int = 0) -> Pixels:
    """Smooth opaque RGBA with an edge in it."""
    random = np.random.default_rng(seed)
    y, x = np.mgrid[:height, :width].astype(np.float64)
    rgba = np.full((height, width, 4), 255.0)
    for k in range(3):
        wave = np.sin(x / random.uniform(3, 9) + k) + np.cos(y / random.uniform(3, 9))
        rgba[..., k] = 127 + 50 * wave
    rgba[(x - width / 2) ** 2 + (y - height / 2) ** 2 < (min(height, width) / 3) ** 2, 0] = 250
    return np.clip(np.rint(rgba), 0, 255).astype(np.uint8)


def sprite(height: int = 24, width: int = 20) -> Pixels:
    """Pixel art: a body of four colours with an outline, on nothing."""
    y, x = np.mgrid[:height, :width]
    apart = np.hypot((y - height / 2 + 0.5) / height, (x - width / 2 + 0.5) / width)
    rgba = np.zeros((height, width, 4), np.uint8)
    for reach, colour in (
        (0.45, (20, 12, 28)),
        (0.38, (120, 20, 40)),
        (0.28, (200, 40, 50)),
        (0.12, (250, 190, 120)),
    ):
        rgba[apart < reach] = (*colour, 255)
    return rgba

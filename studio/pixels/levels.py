"""Hue, saturation, lightness and levels, in OKLab; alpha stays."""

from __future__ import annotations

import numpy as np

from studio import numbers
from studio.colours import from_oklab, to_oklab
from studio.pixels.hex_colours import Pixels


def shifted(
    rgba: Pixels, hue: float = 0.0, saturation: float = 1.0, lightness: float = 0.0
) -> Pixels:
    """Every hue turned by `hue` degrees, chroma multiplied by `saturation` (0 to 4), lightness
    raised by `lightness` (-1 to 1). StudioError beyond these."""
    turn = np.radians(numbers.number("hue", hue, -360, 360))
    chroma = numbers.number("saturation", saturation, 0, 4)
    lift = numbers.number("lightness", lightness, -1, 1)
    if (hue, saturation, lightness) == (0, 1, 0):
        return rgba.copy()
    lab = to_oklab(rgba[..., :3])
    cos, sin = np.cos(turn) * chroma, np.sin(turn) * chroma
    light = np.clip(lab[..., 0] + lift, 0, 1)
    a, b = lab[..., 1], lab[..., 2]
    moved = np.stack([light, a * cos - b * sin, a * sin + b * cos], -1).astype(np.float32)
    return np.concatenate([from_oklab(moved), rgba[..., 3:]], -1)


def levelled(rgba: Pixels, black: float = 0.0, white: float = 1.0, gamma: float = 1.0) -> Pixels:
    """Lightness from `black` to `white` (0 to 1) spread over all of 0 to 1, its middle raised by a
    `gamma` above 1 (0.1 to 10). StudioError beyond these, and where white is not above black."""
    low = numbers.number("black", black, 0, 0.99)
    high = numbers.number("white", white, low + 0.01, 1)
    power = 1 / numbers.number("gamma", gamma, 0.1, 10)
    if (black, white, gamma) == (0, 1, 1):
        return rgba.copy()
    lab = to_oklab(rgba[..., :3])
    lab[..., 0] = np.clip((lab[..., 0] - low) / (high - low), 0, 1) ** power
    return np.concatenate([from_oklab(lab), rgba[..., 3:]], -1)

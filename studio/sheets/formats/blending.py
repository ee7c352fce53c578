"""Layers laid over each other, as Aseprite does it (W3C, Compositing and Blending Level 1)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from studio.pixels.hex_colours import Pixels

Floats = NDArray[Any]


def _overlay(below: Floats, above: Floats) -> Floats:
    return _hard_light(above, below)


def _hard_light(below: Floats, above: Floats) -> Floats:
    return np.where(above <= 0.5, below * 2 * above, below + (2 * above - 1) * (1 - below))


# By the numbers of the .aseprite file; what is missing is taken for "normal", and told.
MODES: dict[int, Callable[[Floats, Floats], Floats]] = {
    0: lambda below, above: above,
    1: lambda below, above: below * above,
    2: lambda below, above: below + above - below * above,
    3: _overlay,
    4: np.minimum,
    5: np.maximum,
    8: _hard_light,
    10: lambda below, above: np.abs(below - above),
    11: lambda below, above: below + above - 2 * below * above,
    16: lambda below, above: np.minimum(below + above, 1),
    17: lambda below, above: np.maximum(below - above, 0),
}


def over(below: Pixels, above: Pixels, opacity: float = 1.0, mode: int = 0) -> Pixels:
    """`above` laid over `below`, both [h, w, 4] with straight alpha. Where nothing is below, or all
    of `above` is opaque and normal, its bytes come out as they are."""
    lower, upper = below.astype(np.float64) / 255, above.astype(np.float64) / 255
    alpha = upper[..., 3:] * opacity
    under = lower[..., 3:]
    mixed = MODES.get(mode, MODES[0])(lower[..., :3], upper[..., :3])
    source = (1 - under) * upper[..., :3] + under * mixed
    whole = alpha + under * (1 - alpha)
    colour = (alpha * source + under * lower[..., :3] * (1 - alpha)) / np.maximum(whole, 1e-9)
    out = np.rint(np.concatenate([colour, whole], -1) * 255).astype(np.uint8)
    out[whole[..., 0] == 0] = 0
    bare = (below[..., 3] == 0) & (above[..., 3] > 0)
    out[bare, :3] = above[bare, :3]
    return out

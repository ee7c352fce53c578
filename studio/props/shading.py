"""Light on what is drawn, and colours and directions as bytes.

Light is reckoned in linear light. It is fixed to the viewer, so that a model that turns is lit from
the same side in every picture; and it is measured against a surface that faces the viewer, whose
colours stay as they are: a sprite seen from the front keeps its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from studio.errors import StudioError

Floats = NDArray[np.floating[Any]]
Pixels = NDArray[np.uint8]

STEPS = 2**16  # of linear light: the darkest bytes are 20 apart
DARKEST = 0.2  # of a colour, in linear light, that is left on the side turned away
Y_WAYS = ("up", "down")


@dataclass(frozen=True)
class Light:
    """Where light comes from, in the viewer's axes (right, up, towards the viewer), and how much it
    does: 0 leaves all colours as they are."""

    right: float = -0.5
    up: float = 0.6
    towards: float = 0.62
    strength: float = 0.7


SOFT = Light()


def _to_linear() -> Floats:
    """Bytes of sRGB in linear light, 0 to 1 (IEC 61966-2-1)."""
    unit = np.arange(256) / 255
    return np.where(unit <= 0.04045, unit / 12.92, ((unit + 0.055) / 1.055) ** 2.4)


def _to_bytes() -> Pixels:
    light = np.arange(STEPS) / (STEPS - 1)
    unit = np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)
    return np.rint(unit * 255).astype(np.uint8)


LINEAR, BYTES = _to_linear(), _to_bytes()


def linear(colours: Floats) -> Floats:
    """sRGB from 0 to 255, also between bytes, in linear light from 0 to 1."""
    low = np.clip(np.floor(colours), 0, 255).astype(np.int64)
    share = np.clip(colours - low, 0, 1)
    return LINEAR[low] * (1 - share) + LINEAR[np.minimum(low + 1, 255)] * share


def srgb(light: Floats) -> Pixels:
    """Linear light as bytes of sRGB; above 1 is 255. Back from `linear` a byte is the same."""
    return BYTES[np.rint(np.clip(light, 0, 1) * (STEPS - 1)).astype(np.int64)]


def lit(colours: Floats, normals: Floats, light: Light) -> Floats:
    """Colours [n, 3] in linear light under a light, where their surfaces face `normals` [n, 3] in
    the viewer's axes."""
    length = (light.right**2 + light.up**2 + light.towards**2) ** 0.5
    if not length:
        raise StudioError("The light comes from nowhere.", "Give it a direction.")
    axes = (light.right / length, light.up / length, light.towards / length)
    facing = normals[:, 0] * axes[0] + normals[:, 1] * axes[1] + normals[:, 2] * axes[2]
    bright = np.maximum(1 + light.strength * (facing - axes[2]), DARKEST)
    return np.minimum(colours * bright[:, None], 1.0)


def normal_bytes(normals: Floats, y: str = "up") -> Pixels:
    """Unit directions [..., 3] in the viewer's axes as the colours of a normal map: 0 to 255 for -1
    to 1 of right, up and towards the viewer. Green grows upwards (`y` "up": OpenGL, Unity, Godot)
    or downwards ("down": DirectX, Unreal)."""
    if y not in Y_WAYS:
        raise StudioError(f"A normal map's y can't be {y!r}.", 'Use "up" or "down".')
    ways = np.array([1.0, 1.0 if y == "up" else -1.0, 1.0])
    return np.rint(np.clip(normals * ways, -1, 1) * 127.5 + 127.5).astype(np.uint8)

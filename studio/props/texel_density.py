"""How many pixels of its sharp textures a model has a metre: what its art was drawn at."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from studio.props import texels
from studio.props.model import Model, Part

LOOKED = 2**16  # triangles of a part
LEAST = 1e-12  # square metres, and shares of a texture: less has no area

Floats = NDArray[np.floating[Any]]


def of(model: Model) -> float:
    """Texels a metre: the density that half of the surface with sharp (nearest) textures has at
    most; 0.0 where there is none. Surfaces that show one texel, as the sides of a card do, do not
    count. Errors as `texels.size_of`."""
    parts = [_of_part(part) for part in model.parts]
    density = np.concatenate([one for one, _ in parts] or [np.zeros(0)])
    area = np.concatenate([one for _, one in parts] or [np.zeros(0)])
    if not len(density):
        return 0.0
    order = np.argsort(density, kind="stable")
    reached = np.cumsum(area[order])
    return float(density[order][np.searchsorted(reached, reached[-1] / 2)])


def _of_part(part: Part) -> tuple[Floats, Floats]:
    """The density and the area in square metres of triangles [n] with a sharp texture."""
    texture = part.material.colour
    if texture is None or not texture.nearest:
        return np.zeros(0), np.zeros(0)
    size = np.array(texels.size_of(texture), np.float64)
    corners = part.triangles[:LOOKED].astype(np.int64)
    places = part.positions[corners].astype(np.float64)
    uv = part.uv[corners].astype(np.float64)
    across, along = uv[:, 1] - uv[:, 0], uv[:, 2] - uv[:, 0]
    share = np.abs(across[:, 0] * along[:, 1] - across[:, 1] * along[:, 0]) / 2
    normal = np.cross(places[:, 1] - places[:, 0], places[:, 2] - places[:, 0])
    area = np.sqrt((normal * normal).sum(1)) / 2
    kept = (share > LEAST) & (area > LEAST)
    return np.sqrt(share[kept] * size.prod() / area[kept]), area[kept]

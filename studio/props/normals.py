"""Normals of models from elsewhere: made where there are none, mended where they have no length."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from studio.props.model import Floats, Material, Part

SHORT = 1e-6
NEAR = 1e-4  # of the unit length within which a normal stays as it is
FRONT = (0.0, 0.0, 1.0)  # of a triangle without a surface

Whole = NDArray[np.unsignedinteger[Any]]


def flat(positions: Floats, uv: Floats, triangles: Whole, material: Material) -> Part:
    """A part whose triangles each face as they lie, with points of their own, as glTF 2.0 wants it
    where a file has no normals (3.7.2.1)."""
    corners = positions[triangles]
    facing = np.repeat(_unit(_facing(corners)), 3, axis=0)
    return Part(
        positions=np.ascontiguousarray(corners.reshape(-1, 3), np.float32),
        normals=facing.astype(np.float32),
        uv=np.ascontiguousarray(uv[triangles].reshape(-1, 2), np.float32),
        triangles=np.arange(3 * len(triangles), dtype=np.uint32).reshape(-1, 3),
        material=material,
    )


def mended(positions: Floats, normals: NDArray[np.floating[Any]], triangles: Whole) -> Floats:
    """Normals [n, 3] of unit length. One without a length becomes the mean of the triangles at its
    point, by their areas."""
    length = np.linalg.norm(normals.astype(np.float64), axis=1)
    if (np.abs(length - 1) <= NEAR).all():
        return np.ascontiguousarray(normals, np.float32)
    found = _unit(normals.astype(np.float64))
    short = ~(length > SHORT)
    if short.any():
        facing = _facing(positions[triangles])
        sums = np.zeros((len(positions), 3))
        for k in range(3):
            for axis in range(3):
                sums[:, axis] += np.bincount(
                    triangles[:, k], facing[:, axis], minlength=len(positions)
                )
        found[short] = _unit(sums[short])
    return found.astype(np.float32)


def _facing(corners: NDArray[Any]) -> NDArray[np.float64]:
    """Where triangles [m, 3, 3] face, as long as twice their area: [m, 3]."""
    placed = corners.astype(np.float64)
    return np.cross(placed[:, 1] - placed[:, 0], placed[:, 2] - placed[:, 0])


def _unit(vectors: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of unit length; those without any length are FRONT."""
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    there = length > 0
    return np.where(there, vectors / np.where(there, length, 1.0), FRONT)

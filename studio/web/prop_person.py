"""A person beside a prop: a plain figure of 1.75 m, of one colour, so that its size is seen."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from studio.props import glb
from studio.props.model import Material, Model, Part

HEIGHT_M = 1.75
ROUND = 20  # corners of a ring
GREY = (0.30, 0.33, 0.38, 1.0)
# Rings of a body from below: height, half its width and half its depth, all in metres.
HEAD = ((1.47, 0.05, 0.05), (1.53, 0.075, 0.085), (1.62, 0.085, 0.105), (1.71, 0.07, 0.085))
TRUNK = ((0.80, 0.15, 0.10), (0.92, 0.17, 0.12), (1.12, 0.14, 0.10), (1.38, 0.20, 0.12))
LEG = ((0.0, 0.055, 0.09), (0.06, 0.045, 0.06), (0.45, 0.06, 0.065), (0.84, 0.085, 0.095))
ARM = ((0.74, 0.035, 0.04), (1.05, 0.042, 0.045), (1.38, 0.055, 0.06))
BODY = (
    (0.0, (*HEAD, (HEIGHT_M, 0.0, 0.0))),
    (0.0, (*TRUNK, (1.47, 0.06, 0.06), (1.50, 0.0, 0.0))),
    *((side * 0.09, (*LEG, (0.88, 0.0, 0.0))) for side in (-1, 1)),
    *((side * 0.235, (*ARM, (1.43, 0.0, 0.0))) for side in (-1, 1)),
)
Floats = npt.NDArray[np.float32]


def person(x: float, y: float, z: float) -> bytes:
    """The figure as GLB, facing +Z, its feet at this place, in metres."""
    material = Material(
        name="person", colour=None, factor=GREY, alpha="opaque", roughness=1.0, unlit=True
    )
    limbs = [_turned(beside, rings) for beside, rings in BODY]
    counts = np.cumsum([0, *(len(points) for points, _, _ in limbs[:-1])])
    positions = np.concatenate([points for points, _, _ in limbs])
    triangles = [corners + count for (_, _, corners), count in zip(limbs, counts, strict=True)]
    part = Part(
        positions=(positions + np.array([x, y, z], np.float32)).astype(np.float32),
        normals=np.concatenate([normals for _, normals, _ in limbs]),
        uv=np.zeros((len(positions), 2), np.float32),
        triangles=np.concatenate(triangles).astype(np.uint32),
        material=material,
    )
    return glb.write(Model(parts=(part,), name="person"))


def _turned(
    beside: float, rings: Sequence[tuple[float, float, float]]
) -> tuple[Floats, Floats, npt.NDArray[np.int64]]:
    """A limb that stands upright, `beside` the middle: positions, normals and triangles of one
    ring after the other; the last ring is its tip."""
    turns = 2 * np.pi * np.arange(ROUND) / ROUND
    # From above these go from +Z to +X.
    across, along = np.sin(turns), np.cos(turns)
    points = [
        np.stack([beside + wide * across, np.full(ROUND, height), deep * along], axis=1)
        for height, wide, deep in ((rings[0][0], 0.0, 0.0), *rings)
    ]
    outward = np.stack([across, np.zeros(ROUND), along], axis=1)
    levels = [np.array([0.0, -1.0, 0.0]), *(np.zeros(3) for _ in rings[:-1]), np.array([0, 1.0, 0])]
    normals = [np.broadcast_to(up, (ROUND, 3)) if up.any() else outward for up in levels]
    here = np.arange(ROUND)
    beyond = (here + 1) % ROUND
    corners = []
    for level in range(len(points) - 1):
        low, high = level * ROUND, (level + 1) * ROUND
        corners.append(np.stack([here + low, beyond + low, beyond + high], axis=1))
        corners.append(np.stack([here + low, beyond + high, here + high], axis=1))
    return (
        np.concatenate(points).astype(np.float32),
        np.concatenate(normals).astype(np.float32),
        np.concatenate(corners),
    )

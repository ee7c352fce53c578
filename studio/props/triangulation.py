"""Polygons with holes as triangles that keep every point, also one on a straight edge: what two
surfaces share is then cut at the same points in both, and no gap opens between them (T-junction).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import manifold3d
import numpy as np
from numpy.typing import NDArray

Whole = NDArray[np.int64]


def triangulated(polygons: Sequence[NDArray[Any]]) -> Whole:
    """Triangles [m, 3] of polygons [n, 2]: counterclockwise ones, their holes clockwise. Numbers
    count through all points in their order. Each edge of a polygon is passed by one triangle, in
    its direction, and every other edge by two, in both; polygons may touch themselves and each
    other at points."""
    starts = np.cumsum([0, *(len(polygon) for polygon in polygons)])
    if len(polygons) == 1 and len(polygons[0]) <= 3:
        return np.arange(len(polygons[0])).reshape(-1, 3)
    if not starts[-1]:
        return np.zeros((0, 3), np.int64)
    # Without its quick way for convex polygons, which leaves triangles without an area where
    # points lie on one line.
    found = manifold3d.triangulate(
        [np.ascontiguousarray(polygon, np.float64) for polygon in polygons], allow_convex=False
    )
    return np.asarray(found, np.int64).reshape(-1, 3)

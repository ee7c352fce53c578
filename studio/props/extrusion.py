"""Flat outlines given a thickness: two equal faces, the walls between them, and a slanting rim."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from studio.props import shapes
from studio.props.panels import FRONT
from studio.props.shapes import Shape
from studio.props.triangulation import triangulated

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Edges:
    """Straight pieces [n] of outlines, what they enclose on their left: from `start` to `end`
    [n, 2], and where the faces end beside them, `inner_start` and `inner_end`; the walls' normals
    at either end [n, 2], the place that the wall shows there [n, 2], and which are of glass."""

    start: Floats
    end: Floats
    inner_start: Floats
    inner_end: Floats
    start_normal: Floats
    end_normal: Floats
    start_shows: Floats
    end_shows: Floats
    glass: NDArray[np.bool_]


def face(polygons: Sequence[Floats], half: float, glass: bool) -> Shape:
    """The front of what polygons [n, 2] enclose, in the depth `half`."""
    flat = np.concatenate(polygons)
    triangles = triangulated(polygons)
    points = np.column_stack([flat, np.full(len(flat), half)])
    return shapes.flat(points, (0, 0, 1), triangles, shows=flat, panel=FRONT, glass=glass)


def extruded(faces: Sequence[Shape], edges: Edges, half: float, rim: float, panel: int) -> Shape:
    """The body: `faces` at the depth `half` and mirrored at the back, walls along the edges that
    show `panel`, and, where `rim` is not 0, slants of that depth between both."""
    front = list(faces)
    if rim:
        front.append(_slants(edges, half - rim, half))
    made = shapes.joined(front)
    return shapes.joined([made, shapes.mirrored(made), _walls(edges, half - rim, panel)])


def _walls(edges: Edges, half: float, panel: int) -> Shape:
    corners = _four(edges.start, edges.end, edges.end, edges.start, (-half, -half, half, half))
    one, other = edges.start_normal, edges.end_normal
    normals = _four(one, other, other, one, (0, 0, 0, 0))
    return shapes.quads(corners, normals, _shown(edges), panel, edges.glass)


def _slants(edges: Edges, low: float, high: float) -> Shape:
    """From the walls to the front, as bright as one that rises at 45 degrees."""
    corners = _four(
        edges.start, edges.end, edges.inner_end, edges.inner_start, (low, low, high, high)
    )
    one, other = edges.start_normal, edges.end_normal
    normals = _four(one, other, other, one, (1, 1, 1, 1)) / np.sqrt(2)
    return shapes.quads(corners, normals, _shown(edges), FRONT, edges.glass)


def _shown(edges: Edges) -> Floats:
    one, other = edges.start_shows, edges.end_shows
    return np.stack([one, other, other, one], axis=1)


def _four(a: Floats, b: Floats, c: Floats, d: Floats, z: Sequence[float]) -> Floats:
    """Corners [n, 4, 3] of four rows of places [n, 2] and their depths."""
    flat = np.stack([a, b, c, d], axis=1)
    depth = np.broadcast_to(np.asarray(z, np.float64)[None, :, None], (*flat.shape[:2], 1))
    return np.concatenate([flat, depth], axis=2)

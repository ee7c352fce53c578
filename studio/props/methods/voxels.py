"""Voxels: each pixel becomes a column, half as deep at the edge as in the middle.

Faces of one direction in one plane are joined across colours, since the picture itself lies on
them, and cut into triangles at every point at which any face has a corner: so the body is closed.
Sides show what lies within the outline: with the outline's own colour they would all be dark.
"""

from __future__ import annotations

import numpy as np
import scipy
from numpy.typing import NDArray

from studio.pixels.silhouettes import Mask
from studio.props import domes, pictures, pixel_outlines, shapes
from studio.props.model import Model
from studio.props.panels import BACK, FRONT, SIDE
from studio.props.pictures import Cutout
from studio.props.pixel_outlines import STRAIGHT, Outlines
from studio.props.settings import Settings, with_depth
from studio.props.shapes import Shape
from studio.props.triangulation import triangulated

LARGEST = 96  # pixels a side; the number of triangles grows with the square
MOST_STEPS = 5  # depths that columns may have
WIDE = 1.5  # times how far its middle lies within: so deep half a form is at most
DRAWN, GLASS = 1, 2
# The axis that a face looks along and its sign, then those that run right and up on it.
FACES = ((0, 1, 1, 2), (0, -1, 2, 1), (1, 1, 2, 0), (1, -1, 0, 2), (2, 1, 0, 1), (2, -1, 1, 0))

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]


def make(cutout: Cutout, settings: Settings) -> Model:
    """The voxels of a picture. A larger one than LARGEST is made of a smaller copy."""
    small, settings = pictures.smaller(cutout, LARGEST), with_depth(settings)
    return shapes.model_of(small, settings, _shape(small, settings), nearest=True)


def _shape(cutout: Cutout, settings: Settings) -> Shape:
    solid = cutout.solid[::-1]
    depths, steps = _columns(solid, settings.depth * cutout.height / 2, settings.detail)
    places = np.concatenate([-depths[::-1], depths])  # where faces lie along z
    slabs = np.arange(len(places) - 1) - (len(depths) - 1)
    kinds = np.where(cutout.glass[::-1], GLASS, solid.astype(np.int64))
    # [x, y, z]: a column of the step k reaches over k slabs each way from the middle one.
    body = np.where(np.abs(slabs) < steps.T[..., None], kinds.T[..., None], 0)
    ways = {}
    corner = np.zeros(tuple(size + 1 for size in body.shape), bool)
    for face in FACES:
        bare = np.where(_covered(body > 0, face), 0, body)
        for kind in (DRAWN, GLASS):
            if not (bare == kind).any():
                continue
            axis, _, right, up = face
            found = pixel_outlines.traced((bare == kind).transpose(axis, up, right), joined=False)
            ways[face, kind] = found
            corner[tuple(_lattice(found, face)[found.turns != STRAIGHT].T)] = True
    scale = (np.arange(body.shape[0] + 1.0), np.arange(body.shape[1] + 1.0), places)
    return shapes.joined(
        [_faces(found, face, kind, corner, scale) for (face, kind), found in ways.items()]
    )


def _columns(solid: Mask, half: float, detail: float) -> tuple[Floats, Whole]:
    """The depths that columns have, each half of the whole, in pixels; and which of them, from 1
    on, each pixel has [h, w], 0 outside."""
    deep = np.maximum(scipy.ndimage.distance_transform_edt(np.pad(solid, 1))[1:-1, 1:-1] - 0.5, 0)
    half = min(half, WIDE * float(deep.max()))
    count = 1 + round((MOST_STEPS - 1) * detail)
    wanted = np.linspace(half / 2 if count > 1 else half, half, count)
    depths = np.unique(np.maximum(np.rint(2 * wanted), 1) / 2)  # whole pixels from front to back
    bulge = half / 2 + domes.dome(np.maximum(deep - 0.5, 0), half) / 2
    nearest = np.abs(bulge[..., None] - depths).argmin(-1) + 1
    return depths, np.where(solid, nearest, 0)


def _covered(there: NDArray[np.bool_], face: tuple[int, int, int, int]) -> NDArray[np.bool_]:
    """Which voxels have another one before them, where a face would look."""
    axis, sign, _, _ = face
    near = np.roll(there, -sign, axis)
    edge: list[slice | int] = [slice(None)] * 3
    edge[axis] = -1 if sign > 0 else 0
    near[tuple(edge)] = False
    return near


def _lattice(ways: Outlines, face: tuple[int, int, int, int]) -> Whole:
    """The points [n, 3] of ways on faces of this direction, as lattice points x, y, z."""
    axis, sign, right, up = face
    points = np.empty((len(ways.at), 3), np.int64)
    points[:, axis] = ways.plane + (sign > 0)
    points[:, right], points[:, up] = ways.at.T
    return points


def _faces(
    ways: Outlines,
    face: tuple[int, int, int, int],
    kind: int,
    corner: NDArray[np.bool_],
    scale: tuple[Floats, Floats, Floats],
) -> Shape:
    """All faces that look into one direction."""
    axis, sign, right, up = face
    ways = pixel_outlines.kept(ways, corner[tuple(_lattice(ways, face).T)])
    lattice = _lattice(ways, face)
    points = np.stack([scale[k][lattice[:, k]] for k in range(3)], axis=-1)
    polygons = pixel_outlines.polygons(ways, points[:, [right, up]])
    planes = ways.plane[ways.starts[:-1]]  # in their order
    triangles = []
    for plane in np.unique(planes):
        first, last = np.searchsorted(planes, [plane, plane + 1])
        triangles.append(triangulated(polygons[first:last]) + ways.starts[first])
    normal = np.zeros(3)
    normal[axis] = sign
    return shapes.flat(
        points,
        normal.tolist(),
        np.concatenate(triangles),
        shows=points[:, :2] - normal[:2] / 2,  # a wall shows the middle of its own pixel
        panel=SIDE if axis != 2 else (FRONT if sign > 0 else BACK),
        glass=kind == GLASS,
    )

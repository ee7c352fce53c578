"""Smooth cut-out: the picture cut out along a smooth outline, and given a thickness.

Where a painting's edges are soft the outline lies where they are half transparent. The stairs of
pixel art become slopes through the middles of the pixels' edges, so that its corners are cut off.
"""

from __future__ import annotations

import numpy as np
import scipy
from numpy.typing import NDArray

from studio.props import extrusion, fields, marching_squares, shapes
from studio.props.extrusion import Edges
from studio.props.fields import Field
from studio.props.model import Model
from studio.props.panels import FRONT
from studio.props.pictures import Cutout
from studio.props.settings import Settings, with_depth
from studio.props.shapes import Shape

LARGEST = 256  # cells a side that the outline is looked for in
TOLERANCE = 0.25  # cells between the outline and what is drawn of it, at a detail of a half
MOST_TOLERANCE = 0.3  # of pixel art: the middles of its pixels stay within
SMOOTH = np.cos(np.radians(50))  # of the angle between two walls that look like one round one
WITHIN = 0.015  # share of the smaller side: so far from the edge lies the colour of the walls
LEAST_WITHIN = 0.75  # pixels
HALVINGS = 5  # of a bevel that has no room

Floats = NDArray[np.float64]


def make(cutout: Cutout, settings: Settings) -> Model:
    """The smooth card of a picture; with any glass all of it is drawn as glass."""
    settings = with_depth(settings)
    shape = _shape(cutout, settings)
    return shapes.model_of(cutout, settings, shape, all_glass=True)


def _shape(cutout: Cutout, settings: Settings) -> Shape:
    """The first of ever more careful tries in which the face does not lie over itself."""
    field = fields.of_cutout(cutout, LARGEST)
    tolerance = TOLERANCE * 4 ** (0.5 - settings.detail)
    if not cutout.smooth:
        tolerance = min(tolerance, MOST_TOLERANCE)
    tolerance *= field.cell.max()
    half = settings.depth * cutout.height / 2
    rim = min(settings.bevel * half, 0.9 * half)
    rims = [rim, rim / 2, rim / 4, 0.0] if rim else [0.0]
    tries = [(tolerance, one) for one in rims] + [(tolerance / 4, 0.0), (0.0, 0.0)]
    ways = [field.points[way] for way in marching_squares.outlines(field.area)]
    side = min(cutout.width, cutout.height)
    for tolerance, rim in tries:
        found = [marching_squares.simplified(way, tolerance) for way in ways]
        polygons, edges = _edges(found, field, rim, side)
        face = extrusion.face(polygons, half, False)
        if _lies_flat(face):
            break
    return extrusion.extruded([face], edges, half, rim, FRONT)


def _lies_flat(face: Shape) -> bool:
    """Whether no triangle is turned round, as where outlines cross each other."""
    a, b, c = (face.points[face.triangles[:, corner], :2] for corner in range(3))
    one, other = b - a, c - a
    return bool((one[:, 0] * other[:, 1] - one[:, 1] * other[:, 0] >= -1e-9).all())


def _edges(ways: list[Floats], field: Field, rim: float, side: int) -> tuple[list[Floats], Edges]:
    """The faces' polygons, and what runs around them."""
    starts = np.cumsum([0, *(len(way) for way in ways)])
    start = np.concatenate(ways)
    number = np.arange(len(start))
    after, before = number + 1, number - 1
    after[starts[1:] - 1] = starts[:-1]
    before[starts[:-1]] = starts[1:] - 1
    along = start[after] - start
    along /= np.linalg.norm(along, axis=1, keepdims=True)
    outwards = np.stack([along[:, 1], -along[:, 0]], axis=-1)
    both = outwards[before] + outwards
    cosine = (outwards[before] * outwards).sum(1)
    length = np.linalg.norm(both, axis=1, keepdims=True)
    mean = np.where(length > 1e-6, both / np.maximum(length, 1e-6), outwards)
    round_ = (cosine > SMOOTH)[:, None]
    start_normal = np.where(round_, mean, outwards)
    end_normal = np.where(round_, mean, outwards[before])[after]
    inner = _inset(start, mean, field, rim)
    shown = start - mean * max(LEAST_WITHIN, WITHIN * side)
    edges = Edges(
        start=start,
        end=start[after],
        inner_start=inner,
        inner_end=inner[after],
        start_normal=start_normal,
        end_normal=end_normal,
        start_shows=shown,
        end_shows=shown[after],
        glass=np.zeros(len(start), bool),
    )
    return np.split(inner, starts[1:-1]), edges


def _inset(points: Floats, outwards: Floats, field: Field, rim: float) -> Floats:
    """Points [n, 2] moved inwards by the rim, or by as much of it as there is room for."""
    if not rim:
        return points
    depths = np.pad(field.depths(), 1)
    wide = np.full(len(points), rim)
    for turn in range(HALVINGS + 1):
        moved = points - outwards * wide[:, None]
        at = (moved / field.cell + 0.5).T[::-1]
        deep = scipy.ndimage.map_coordinates(depths, at, order=1, mode="constant")
        tight = deep < 0.6 * wide
        if not tight.any():
            break
        wide[tight] = wide[tight] / 2 if turn < HALVINGS else 0.0
    return points - outwards * wide[:, None]

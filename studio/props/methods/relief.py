"""Inflated: the form bulges to the front and to the back, highest where it is widest.

A painting is taken in cells, its edge smooth (see `marching_squares`); pixel art in quarters of its
pixels, so that each has a point in its middle. Only what lies within the outline is decimated: the
outline stays as it is, and both halves meet in it, so the body is closed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

from studio.pixels.silhouettes import Mask
from studio.props import collapsing, domes, fields, shapes
from studio.props.model import Model
from studio.props.panels import FRONT
from studio.props.pictures import Cutout
from studio.props.settings import Settings, with_depth
from studio.props.shapes import Shape

LARGEST_SMOOTH, LARGEST = 128, 256  # cells a side of a painting, of pixel art
BY_PIXEL = 128  # pixels a side up to which pixel art keeps its stairs
TRIANGLES = 1_500  # of the whole, about, at a detail of a half
FOR_OUTLINE = 1.8  # triangles of one half for each point of its outline, at least
SIZE = 100.0  # that the longest side is given to be decimated, whose limits know no sizes
APART = 1 / 16  # of a pixel: how far pixels that touch at a corner keep from it
ROUNDED = 1.0  # cells over which a painting's depths are averaged: they have ridges else
LEAST = 0.25  # of a cell: how deep each point within lies, at least
SPIKE = 1.1  # times the height: nothing that is left over stands out farther

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Half:
    """One half: `points` [n, 3] in the picture's pixels, those on the outline at z = 0 and all
    others above; and `triangles` [m, 3]."""

    points: Floats
    triangles: Whole


def make(cutout: Cutout, settings: Settings) -> Model:
    """The relief of a picture; with any glass all of it is drawn as glass."""
    settings = with_depth(settings)
    high = settings.depth * cutout.height / 2
    if not cutout.smooth and max(cutout.width, cutout.height) <= BY_PIXEL:
        half = of_pixels(cutout.solid[::-1], high)
    else:
        half = _of_field(cutout, high)
    half = _decimated(half, round(TRIANGLES / 2 * 4 ** (2 * settings.detail - 1)))
    return shapes.model_of(cutout, settings, _both(half), all_glass=True)


def of_pixels(solid: Mask, high: float) -> Half:
    """Of pixels [h, w], upwards: eight triangles each, around its middle. No edge within has both
    ends on the outline, else both halves would have it at the same place. Pixels that touch at a
    corner have a point each there, a little apart."""
    fine = solid.repeat(2, 0).repeat(2, 1)
    near = np.pad(fine, 1)
    corners = near[:-1, :-1], near[:-1, 1:], near[1:, 1:], near[1:, :-1]  # left below, onwards
    around = np.sum(corners, axis=0)
    touching = (around == 2) & (corners[0] == corners[2])
    numbers = np.full((*around.shape, 2), -1, np.int64)  # for what lies below it, and above
    used, twice = np.argwhere(around > 0), np.argwhere(touching)
    numbers[around > 0] = np.arange(len(used))[:, None]
    numbers[touching, 1] = len(used) + np.arange(len(twice))
    aside = np.zeros((*around.shape, 2))
    aside[touching] = 1
    aside[..., 1] *= np.where(corners[0], 1, -1)  # from left below to right above, or otherwise
    places = np.concatenate(
        [
            used / 2 - APART * aside[tuple(used.T)],
            twice / 2 + APART * aside[tuple(twice.T)],
        ]
    )
    depths = np.where(around == 4, _between(_deep(solid)), 0.0)
    high = domes.height(high, float(depths.max()))
    bulge = domes.dome(depths, high)
    z = np.concatenate([bulge[tuple(used.T)], bulge[tuple(twice.T)]])
    return Half(np.column_stack([places[:, ::-1], z]), _quarters(fine, numbers))


def _quarters(fine: Mask, numbers: Whole) -> Whole:
    """Two triangles for each quarter of a pixel, parted from the pixel's middle to its corner."""
    v, u = np.nonzero(fine)
    a, b = numbers[v, u, 1], numbers[v, u + 1, 1]  # below it: it lies above them
    c, d = numbers[v + 1, u + 1, 0], numbers[v + 1, u, 0]
    slanting = (u + v) % 2 == 0  # the middle is at its right above, or left below
    one = np.where(slanting[:, None], np.stack([a, b, c], -1), np.stack([a, b, d], -1))
    other = np.where(slanting[:, None], np.stack([a, c, d], -1), np.stack([b, c, d], -1))
    return np.concatenate([one, other])


def _deep(solid: Mask) -> Floats:
    """How far the middle of each pixel lies within, in pixels."""
    far = scipy.ndimage.distance_transform_edt(np.pad(solid, 1))[1:-1, 1:-1]
    return np.asarray(np.maximum(far - 0.5, 0), np.float64)


def _between(values: Floats) -> Floats:
    """Numbers of pixels [h, w] at their middles, edges and corners, [2 h + 1, 2 w + 1]."""
    wide = np.pad(values, 1)
    upright = (wide[:-1] + wide[1:]) / 2
    out = np.empty((2 * values.shape[0] + 1, 2 * values.shape[1] + 1))
    out[1::2, 1::2] = values
    out[1::2, 0::2] = (wide[1:-1, :-1] + wide[1:-1, 1:]) / 2
    out[0::2, 1::2] = upright[:, 1:-1]
    out[0::2, 0::2] = (upright[:, :-1] + upright[:, 1:]) / 2
    return out


def _of_field(cutout: Cutout, high: float) -> Half:
    """Of cells, whose outline is smooth."""
    field = fields.of_cutout(cutout, LARGEST_SMOOTH if cutout.smooth else LARGEST)
    within = field.area.numbers >= 0
    depths = field.depths()
    if cutout.smooth:
        depths = scipy.ndimage.gaussian_filter(depths, ROUNDED, mode="constant")
    depths = np.where(within, np.maximum(depths, LEAST * field.cell.min()), 0.0)
    bulge = domes.dome(depths, domes.height(high, float(depths.max())))
    z = np.zeros(len(field.area.points))
    z[: field.area.within] = bulge[within]
    return Half(np.column_stack([field.points, z]), field.area.triangles)


def _decimated(half: Half, wanted: int) -> Half:
    """The half with about so many triangles, or as many as its outline needs."""
    outline = _outline(half.triangles, len(half.points))
    wanted = max(wanted, int(np.ceil(FOR_OUTLINE * outline.sum())))
    if len(half.triangles) <= wanted:
        return half
    scale = SIZE / float(np.ptp(half.points[:, :2], axis=0).max())
    points, triangles, _ = collapsing.collapsed(
        half.points * scale, half.triangles, wanted, hold=True
    )
    found = Half(points / scale, np.array(triangles, np.int64))
    kept = _outline(found.triangles, len(found.points))
    highest = float(half.points[:, 2].max())
    low, high = half.points[:, :2].min(0) - 1e-6, half.points[:, :2].max(0) + 1e-6
    flat, z = found.points[:, :2], found.points[:, 2]
    sound = kept.sum() == outline.sum() and (flat >= low).all() and (flat <= high).all()
    if not sound or not ((z > 0) | kept).all() or z.max() > SPIKE * highest:
        return half  # points left over the outline: rather more triangles
    z[kept] = 0
    return found


def _outline(triangles: Whole, count: int) -> NDArray[np.bool_]:
    """Which points lie on open edges."""
    begins = triangles.ravel().astype(np.int64)
    ends = triangles[:, (1, 2, 0)].ravel().astype(np.int64)
    alone = ~np.isin(begins * count + ends, ends * count + begins)
    found = np.zeros(count, bool)
    found[begins[alone]] = True
    found[ends[alone]] = True
    return found


def _both(half: Half) -> Shape:
    """The half and its mirror image, with round normals across the outline."""
    points, triangles = half.points, half.triangles
    a, b, c = (points[triangles[:, corner]] for corner in range(3))
    faces = np.cross(b - a, c - a)
    sums = np.zeros_like(points)
    for corner in range(3):
        np.add.at(sums, triangles[:, corner], faces)
    sums[points[:, 2] == 0, 2] = 0
    forwards = np.array([0.0, 0.0, 1.0])
    front = Shape(
        points,
        shapes.unit(sums, forwards),
        points[:, :2],
        np.full(len(points), FRONT),
        triangles,
        np.zeros(len(triangles), bool),
    )
    return shapes.joined([front, shapes.mirrored(front)])

"""Extruded: the picture cut out along its pixels, and given a thickness.

Pixels that touch at a corner alone are joined by a neck, so that they stay one piece and no edge
belongs to four faces. Walls show the colours from inside the outline.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from studio.pixels.silhouettes import Mask
from studio.props import extrusion, pictures, pixel_outlines, shapes
from studio.props.extrusion import Edges
from studio.props.model import Model
from studio.props.panels import SIDE
from studio.props.pictures import Cutout
from studio.props.pixel_outlines import LEFT, STEPS, STRAIGHT, Outlines
from studio.props.settings import Settings, with_depth
from studio.props.shapes import Shape

LARGEST = 256  # pixels a side
NECK = 1 / 16  # of a pixel: how far from their corner touching pixels are joined
WIDEST = 0.35  # pixels that a bevel takes of a face's edge; a line of one pixel has two edges
INSIDE = np.array([(0, 0), (-1, 0), (-1, -1), (0, -1)])  # of an edge's start, by its direction
DRAWN, GLASS = 1, 2

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]


def make(cutout: Cutout, settings: Settings) -> Model:
    """The card of a picture. A larger one than LARGEST is made of a smaller copy."""
    small, settings = pictures.smaller(cutout, LARGEST), with_depth(settings)
    return shapes.model_of(small, settings, _shape(small, settings))


def _shape(cutout: Cutout, settings: Settings) -> Shape:
    kinds = np.where(cutout.glass, GLASS, np.where(cutout.solid, DRAWN, 0))[::-1]
    half = settings.depth * cutout.height / 2
    rim = min(settings.bevel * half, 0.9 * half, WIDEST)
    solid = kinds > 0
    whole = pixel_outlines.traced(solid[None], joined=True)
    ways = {
        kind: pixel_outlines.traced((kinds == kind)[None], joined=True)
        for kind in (DRAWN, GLASS)
        if (kinds == kind).any()
    }
    corner = np.zeros((solid.shape[0] + 1, solid.shape[1] + 1), bool)
    for one in (whole, *ways.values()):
        u, v = one.at[one.turns != STRAIGHT].T
        corner[v, u] = True
    whole = _at(whole, corner)
    touching = _touching(solid)
    inset = _inset(whole, rim, touching)
    faces = [
        extrusion.face(_polygons(_at(one, corner), touching, inset), half, kind == GLASS)
        for kind, one in ways.items()
    ]
    return extrusion.extruded(faces, _edges(whole, kinds, touching, inset), half, rim, SIDE)


def _at(ways: Outlines, corner: NDArray[np.bool_]) -> Outlines:
    """Only the points at which anything turns: what two faces share is cut alike in both."""
    u, v = ways.at.T
    return pixel_outlines.kept(ways, corner[v, u])


def _touching(solid: Mask) -> NDArray[np.bool_]:
    """The lattice points [h + 1, w + 1] at which two pixels touch and nothing else is."""
    near = np.pad(solid, 1)
    a, b, c, d = near[:-1, :-1], near[:-1, 1:], near[1:, :-1], near[1:, 1:]
    return (a & d & ~b & ~c) | (b & c & ~a & ~d)


def _inset(whole: Outlines, rim: float, touching: NDArray[np.bool_]) -> Floats:
    """How far a face's edge lies within its outline at each lattice point [h + 1, w + 1, 2]."""
    before, after = (STEPS[(way + 1) % 4] for way in (whole.before, whole.after))
    inwards = np.where((whole.turns == STRAIGHT)[:, None], after, before + after)
    inset = np.zeros((*touching.shape, 2))
    u, v = whole.at.T
    inset[v, u] = rim * inwards
    inset[touching] = 0  # a neck has no room for it
    return inset


def _polygons(ways: Outlines, touching: NDArray[np.bool_], inset: Floats) -> list[Floats]:
    """The ways as polygons, within their inset. Where two pixels of unlike kinds touch, both have
    the neck's two points."""
    u, v = ways.at.T
    neck = touching[v, u]
    times = 1 + (neck & (ways.turns == LEFT))
    number = np.repeat(np.arange(len(times)), times)
    second = np.zeros(len(number), bool)
    second[1:] = number[1:] == number[:-1]
    start, end = _necks(ways)
    moved = np.where(second[:, None], end[number], start[number]) * neck[number][:, None]
    points = ways.at[number] + NECK * moved + inset[v[number], u[number]]
    starts = np.concatenate([[0], np.cumsum(times)])[ways.starts]
    return np.split(points, starts[1:-1])


def _necks(ways: Outlines) -> tuple[Whole, Whole]:
    """From each point, where the pixel lies that is on the right before it, and after it."""
    before, after = ways.before, ways.after
    return STEPS[(before + 3) % 4] - STEPS[before], STEPS[(after + 3) % 4] + STEPS[after]


def _edges(
    whole: Outlines, kinds: NDArray[np.int64], touching: NDArray[np.bool_], inset: Floats
) -> Edges:
    u, v = whole.at.T
    neck = touching[v, u][:, None]
    points = whole.at + NECK * (_necks(whole)[0] * neck)
    inner = points + inset[v, u]
    following = whole.following
    outwards = STEPS[(whole.after + 3) % 4].astype(np.float64)
    within = 0.5 * STEPS[(whole.after + 1) % 4]  # the middle of the pixels along the edge
    du, dv = INSIDE[whole.after].T
    return Edges(
        start=points,
        end=points[following],
        inner_start=inner,
        inner_end=inner[following],
        start_normal=outwards,
        end_normal=outwards,
        start_shows=whole.at + within,
        end_shows=whole.at[following] + within,
        glass=kinds[v + dv, u + du] == GLASS,
    )

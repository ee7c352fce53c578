"""Which pixels triangles cover, in whole numbers: each pixel of a surface exactly once.

Corners lie on a grid of 1/256 pixel. A pixel belongs to a triangle where its middle lies within,
or on a left edge or a flat upper one (the top-left rule of Direct3D and Vulkan), so that two
triangles which share an edge neither miss a pixel of it nor cover one twice. Row by row the edges
say from where to where (Pineda, "A parallel algorithm for polygon rasterization", 1988, gives the
edge functions); no pixel outside a triangle is looked at.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

PIXEL = 256  # steps of the grid
HALF = PIXEL // 2
FARTHEST = 2**24  # steps off the picture's corner that a corner may lie: 2^52 is still exact
ROWS = 2**16  # of triangles at once
PIXELS = 2**18  # at once

Whole = NDArray[np.int64]
Floats = NDArray[np.floating[Any]]


@dataclass(frozen=True, eq=False)
class Covered:
    """Pixels that triangles cover: `of` is the triangle of each, `x` and `y` are its column and
    row; all [n]. A pixel is there once for each triangle that covers it."""

    of: Whole
    x: Whole
    y: Whole


def areas(places: Whole) -> Whole:
    """Twice the area of triangles [n, 3, 2] in steps: above 0 where their corners go clockwise as
    seen on the screen, below 0 where they go counterclockwise."""
    first, second, third = places[:, 0], places[:, 1], places[:, 2]
    return _cross(second - first, third - first)


def covered(places: Whole, width: int, height: int) -> Iterator[Covered]:
    """The pixels of a picture that triangles [n, 3, 2] (x, y in steps, areas above 0) cover, a few
    at a time, triangle by triangle."""
    top = np.maximum(-((HALF - places[..., 1].min(1)) // PIXEL), 0)
    end = np.minimum((places[..., 1].max(1) - HALF) // PIXEL, height - 1)
    rows = np.maximum(end - top + 1, 0)
    for few in _portions(rows, ROWS):
        of, below = _counted(rows[few])
        of += few.start
        y = top[of] + below
        left, right = _ends(places[of], y, width)
        lengths = np.maximum(right - left + 1, 0)
        for part in _portions(lengths, PIXELS):
            row, along = _counted(lengths[part])
            row += part.start
            yield Covered(of[row], left[row] + along, y[row])


def weights(places: Whole, x: Whole, y: Whole) -> Floats:
    """How much each corner of triangles [n, 3, 2] counts at the middle of a pixel of each, on the
    screen: [n, 3], which add up to 1."""
    middle = np.stack([x * PIXEL + HALF, y * PIXEL + HALF], -1)
    a, b, c = (places[:, corner] - middle for corner in range(3))
    return np.stack([_cross(b, c), _cross(c, a), _cross(a, b)], -1) / areas(places)[:, None]


def _ends(places: Whole, y: Whole, width: int) -> tuple[Whole, Whole]:
    """The first and the last column of each triangle's row; the last is before the first where the
    triangle has no pixel in it."""
    step = places[:, [1, 2, 0]] - places
    dx, dy = step[..., 0], step[..., 1]
    # A middle on an edge counts on left edges, which go up, and on upper ones, which go right.
    counts = (dy < 0) | ((dy == 0) & (dx > 0))
    # The edge function at column x is `at - PIXEL * dy * x`; within all three are 0 or more.
    at = dx * ((y * PIXEL + HALF)[:, None] - places[..., 1]) + dy * (places[..., 0] - HALF)
    at -= ~counts
    reach = at // np.maximum(np.abs(dy) * PIXEL, 1)
    left = np.where(dy < 0, -reach, 0).max(1)
    right = np.where(dy > 0, reach, width - 1).min(1)
    outside = ((dy == 0) & (at < 0)).any(1)
    return np.maximum(left, 0), np.where(outside, -1, np.minimum(right, width - 1))


def _cross(a: Whole, b: Whole) -> Whole:
    return np.asarray(a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0], np.int64)


def _portions(counts: Whole, most: int) -> Iterator[slice]:
    """Consecutive parts whose counts add up to at most `most`, or that have one entry."""
    ends, start = np.cumsum(counts), 0
    while start < len(counts):
        before = int(ends[start - 1]) if start else 0
        stop = max(start + 1, int(np.searchsorted(ends, before + most, "right")))
        yield slice(start, stop)
        start = stop


def _counted(counts: Whole) -> tuple[Whole, Whole]:
    """For each of so many things of each entry the entry's place, and its own number from 0."""
    of = np.repeat(np.arange(len(counts)), counts)
    first = np.cumsum(counts) - counts
    return of, np.arange(len(of)) - first[of]

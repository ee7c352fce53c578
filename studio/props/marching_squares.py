"""What lies above a half in a field of numbers, as triangles, and its outline (marching squares).

Lorensen and Cline's marching cubes (1987) in two dimensions: the outline crosses a line between
two neighbours where the field between them is a half. Where two opposite corners of a cell lie
above, they are joined, so that each point of the outline is passed once.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
LEVEL = 0.5
ENDS = 0.05  # of a line: a crossing keeps this distance from both, so that no two are one
AROUND = ((0, 0), (0, 1), (1, 1), (1, 0))  # a cell's corners as (v, u), counterclockwise


@dataclass(frozen=True, eq=False)
class Area:
    """`points` [n, 2] in cells, u to the right and v upwards, and `triangles` [m, 3] of them,
    counterclockwise. The first `within` points are the field's own that lie above; the others are
    the outline's. `numbers` [rows, columns] says which point each of the field is, -1 for none."""

    points: Floats
    triangles: Whole
    within: int
    numbers: Whole


def area(field: Floats) -> Area:
    """The area of a field [rows, columns] whose number (v, u) belongs to the point (u + .5,
    v + .5); around it lie zeros. Each triangle has a corner that lies above, so that only the
    outline's own edges have both ends on it."""
    wide = np.pad(field, 1)
    above = wide >= LEVEL
    inner = np.argwhere(above)
    numbers = np.full(wide.shape, -1, np.int64)
    numbers[above] = np.arange(len(inner))
    across, points_across = _crossings(wide, above, 1)
    down, points_down = _crossings(wide, above, 0)
    across = np.where(across >= 0, across + len(inner), -1)
    down = np.where(down >= 0, down + len(inner) + len(points_across), -1)
    placed = np.concatenate([inner.astype(np.float64), points_across, points_down])
    points = placed[:, ::-1] - 0.5  # of v and u; the field's point (0, 0) lies at (.5, .5)
    # What a cell's triangles are made of: its corners, then the crossings that follow each.
    local = np.stack(
        [
            numbers[:-1, :-1],
            numbers[:-1, 1:],
            numbers[1:, 1:],
            numbers[1:, :-1],
            across[:-1, :],
            down[:, 1:],
            across[1:, :],
            down[:, :-1],
        ],
        axis=-1,
    )
    bits, (rows, columns) = above.astype(np.int64), above.shape
    code = np.zeros((rows - 1, columns - 1), np.int64)
    for bit, (v, u) in enumerate(AROUND):
        code |= bits[v : v + rows - 1, u : u + columns - 1] << bit
    triangles = [
        local[code == one][:, list(corners)] for one in range(1, 16) for corners in _TRIANGLES[one]
    ]
    return Area(points, np.concatenate(triangles), len(inner), numbers[1:-1, 1:-1])


def outlines(area: Area) -> list[Whole]:
    """The ways around an area, each as numbers of its points: counterclockwise, holes clockwise."""
    count = len(area.points)
    begins = area.triangles.ravel()
    ends = area.triangles[:, (1, 2, 0)].ravel()
    alone = ~np.isin(begins * count + ends, ends * count + begins)
    follows = np.full(count, -1, np.int64)
    follows[begins[alone]] = ends[alone]
    after, ways = follows.tolist(), []
    seen = bytearray(count)
    for start in range(area.within, count):
        at, way = start, []
        while not seen[at]:
            seen[at] = 1
            way.append(at)
            at = after[at]
        if way:
            ways.append(np.array(way, np.int64))
    return ways


def simplified(way: Floats, tolerance: float) -> Floats:
    """A closed way [n, 2] with as few of its points as stay within `tolerance` of it, at least
    three (Ramer, 1972; Douglas and Peucker, 1973)."""
    first = int(np.lexsort((way[:, 1], way[:, 0]))[0])
    turned = np.roll(way, -first, axis=0)
    far = int(np.linalg.norm(turned - turned[0], axis=1).argmax())
    closed = np.concatenate([turned, turned[:1]])
    keep = np.zeros(len(closed), bool)
    keep[[0, far, len(way)]] = True
    left = [(0, far), (far, len(way))]
    while left:
        low, high = left.pop()
        if high - low < 2:
            continue
        away = _distance(closed[low + 1 : high], closed[low], closed[high])
        worst = int(away.argmax())
        if away[worst] > tolerance:
            middle = low + 1 + worst
            keep[middle] = True
            left += [(low, middle), (middle, high)]
    found = turned[keep[:-1]]
    return found if len(found) > 2 else turned


def _crossings(wide: Floats, above: NDArray[np.bool_], axis: int) -> tuple[Whole, Floats]:
    """For each line between neighbours along an axis the number of its crossing, or -1; and the
    crossings' places [n, 2], v and u."""
    size = wide.shape[axis]
    one, other = (np.take(wide, range(first, size - 1 + first), axis) for first in (0, 1))
    low, high = (np.take(above, range(first, size - 1 + first), axis) for first in (0, 1))
    crossed = low != high
    numbers = np.full(crossed.shape, -1, np.int64)
    numbers[crossed] = np.arange(int(crossed.sum()))
    share = (LEVEL - one[crossed]) / (other[crossed] - one[crossed])
    places = np.argwhere(crossed).astype(np.float64)
    places[:, axis] += np.clip(share, ENDS, 1 - ENDS)
    return numbers, places


def _distance(points: Floats, start: Floats, end: Floats) -> Floats:
    """Of points [n, 2] from the line between two places."""
    along = end - start
    length = max(float(along @ along), 1e-12)
    share = np.clip((points - start) @ along / length, 0, 1)
    return np.asarray(np.linalg.norm(points - start - share[:, None] * along, axis=1))


def _fans() -> list[list[tuple[int, int, int]]]:
    """For each cell by the bits of its corners: triangles of corners 0 to 3 and the crossings 4 to
    7 behind them, all from one corner that lies above."""
    fans = []
    for code in range(16):
        high = [bool(code >> corner & 1) for corner in range(4)]
        around = []
        for corner in range(4):
            if high[corner]:
                around.append(corner)
            if high[corner] != high[(corner + 1) % 4]:
                around.append(4 + corner)
        first = next((number for number, one in enumerate(around) if one < 4), 0)
        around = around[first:] + around[:first]
        fans.append([(around[0], around[k], around[k + 1]) for k in range(1, len(around) - 1)])
    return fans


_TRIANGLES = _fans()

"""Where tiles lie: spread evenly over a picture, again around their seams, and over regions.

A grid has as few tiles as the overlap that is asked for allows, and what is left over is spread
over all overlaps: the last tile is like the others. Where two tiles would nearly coincide they are
made smaller instead, so that no overlap is more than half a stride above what was asked.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from studio.errors import StudioError

MAIN, SEAM, REGION = "main", "seam", "region"
WRAPS = ("", "x", "y", "xy")
STEP = 8  # pixels: sides of tiles that are made smaller stay multiples of it


@dataclass(frozen=True)
class Box:
    """A part of a picture in pixels. Of a picture that wraps it may reach over the right or the
    bottom edge: what lies beyond is at the other side."""

    left: int
    top: int
    width: int
    height: int

    @property
    def right(self) -> int:
        return self.left + self.width

    @property
    def bottom(self) -> int:
        return self.top + self.height


@dataclass(frozen=True)
class Tile:
    """One tile of a pass. `key` is its part and its number, counted row by row from 1; `row` and
    `column` count from 0. `region`: which region of the settings it belongs to, from 1; 0: none."""

    key: str
    part: str
    number: int
    row: int
    column: int
    box: Box
    region: int = 0


@dataclass(frozen=True)
class Grid:
    """The tiles of one pass over a picture of `width` x `height`; `tile` is the side that was asked
    for, and the tiles' own sides may be less. `snug`: as small as they can be, since each is a part
    of the whole by itself."""

    width: int
    height: int
    tile: int
    overlap: int
    wrap: str
    columns: int
    rows: int
    tiles: tuple[Tile, ...]
    snug: bool = False


@dataclass(frozen=True)
class Axis:
    """Tiles along one axis: where each begins, and how long all are."""

    length: int
    side: int
    starts: tuple[int, ...]
    wraps: bool

    def overlaps(self) -> list[tuple[int, int]]:
        """From where to where each tile overlaps with the next; with wrap the last one with the
        first, beyond the length."""
        after = list(self.starts[1:]) + ([self.starts[0] + self.length] if self.wraps else [])
        return [
            (start, before + self.side) for before, start in zip(self.starts, after, strict=False)
        ]


def axis(length: int, tile: int, overlap: int, wraps: bool = False, snug: bool = False) -> Axis:
    """Tiles of `tile` pixels spread over `length`. One tile of the picture's own length where that
    is enough; with `wraps` it then reaches over the edge by the overlap. With `snug` as many, made
    as small as the overlap allows."""
    if snug and length > tile:
        count = -(-(length - overlap) // (tile - overlap))
        tile = min(tile, -(-(length + (count - 1) * overlap) // (count * STEP)) * STEP)
    stride = tile - overlap
    if wraps:
        count = -(-length // stride)
        side = length + min(overlap, length) if count == 1 else min(tile, length)
        starts = tuple((2 * k * length + count) // (2 * count) for k in range(count))
        return Axis(length, side, starts, True)
    if length <= tile:
        return Axis(length, length, (0,), False)
    count = -(-(length - overlap) // stride)
    side = min(tile, _side_of_two(length, tile, overlap)) if count == 2 else tile
    span, gaps = length - side, count - 1
    return Axis(
        length, side, tuple((2 * k * span + gaps) // (2 * gaps) for k in range(count)), False
    )


def _side_of_two(length: int, tile: int, overlap: int) -> int:
    """The largest side at which two tiles overlap by no more than half a stride above what was
    asked."""
    stride = tile - overlap
    side = (length + overlap + stride // 2) // 2
    return side - side % STEP if tile % STEP == 0 and stride >= 4 * STEP else side


def axes(grid: Grid) -> tuple[Axis, Axis]:
    """Of a grid that `spread` gave: along x and along y."""
    return (
        axis(grid.width, grid.tile, grid.overlap, "x" in grid.wrap, grid.snug),
        axis(grid.height, grid.tile, grid.overlap, "y" in grid.wrap, grid.snug),
    )


def spread(
    width: int, height: int, tile: int, overlap: int, wrap: str = "", *, snug: bool = False
) -> Grid:
    """The main pass. StudioError for an overlap of more than half a tile and an unknown `wrap`."""
    if tile < 1 or not 0 <= overlap <= tile // 2:
        raise StudioError(
            f"Tiles of {tile} pixels can't overlap by {overlap}.",
            f"Give an overlap of 0 to half a tile, {max(0, tile // 2)}.",
        )
    if wrap not in WRAPS:
        raise StudioError(f"wrap is {wrap!r}.", "Use x, y, xy, or nothing.")
    bare = Grid(width, height, tile, overlap, wrap, 0, 0, (), snug)
    x, y = axes(bare)
    places = [
        (row, column, Box(left, top, x.side, y.side))
        for row, top in enumerate(y.starts)
        for column, left in enumerate(x.starts)
    ]
    tiles = _numbered(MAIN, places)
    return replace(bare, columns=len(x.starts), rows=len(y.starts), tiles=tiles)


def seams(grid: Grid) -> Grid:
    """The second pass over a grid that `spread` gave: moved by half a stride, so that each tile has
    a seam, or a crossing of two, in its middle. Tiles that would hold none are left out: those in
    the corners, and all where one tile was enough."""
    x, y = axes(grid)
    columns, rows = _moved(x), _moved(y)
    places = [
        (row, column, Box(left, top, x.side, y.side))
        for row, (top, on_y) in enumerate(rows)
        for column, (left, on_x) in enumerate(columns)
        if on_x or on_y
    ]
    return replace(grid, columns=len(columns), rows=len(rows), tiles=_numbered(SEAM, places))


def _moved(one: Axis) -> list[tuple[int, bool]]:
    """Where tiles begin that are moved by half a stride, and whether a seam is in their middle;
    without wrap the first and the last lie at the edges."""
    middles = [(first + last) // 2 - one.side // 2 for first, last in one.overlaps()]
    if one.wraps:
        return [(start % one.length, True) for start in middles]
    if not middles:
        return [(0, False)]
    return [(0, False), *((start, True) for start in middles), (one.length - one.side, False)]


def over_region(box: Box, tile: int, overlap: int, region: int, first: int) -> tuple[Tile, ...]:
    """The tiles of a region's box: one of its own size, or as many as it needs, numbered from
    `first`."""
    part = spread(box.width, box.height, tile, overlap)
    return tuple(
        Tile(
            f"{REGION}-{first + k}",
            REGION,
            first + k,
            one.row,
            one.column,
            replace(one.box, left=box.left + one.box.left, top=box.top + one.box.top),
            region,
        )
        for k, one in enumerate(part.tiles)
    )


def _numbered(part: str, places: Iterable[tuple[int, int, Box]]) -> tuple[Tile, ...]:
    return tuple(
        Tile(f"{part}-{number}", part, number, row, column, box)
        for number, (row, column, box) in enumerate(places, 1)
    )

"""The passes over a picture in their order, and how each is laid over those before it.

The main pass covers everything. The seam pass counts fully where main tiles overlap and fades out
over `feather` pixels beside that; a region counts fully inside and fades out over its padding.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from studio.upscaling import grid
from studio.upscaling.grid import Box, Tile
from studio.upscaling.settings import Region, Settings

Weights = NDArray[np.uint32]


@dataclass(frozen=True)
class Layer:
    """One pass: its tiles, and for each axis how much it counts at each pixel, 0 to `full`; the
    two are joined by the larger (`either`) or the smaller one. The main pass has no `full`: it
    counts everywhere."""

    part: str
    tiles: tuple[Tile, ...]
    full: int = 0
    columns: Weights | None = None
    rows: Weights | None = None
    either: bool = False

    def share(self, box: Box) -> Weights:
        """How much it counts in a box [height, width], 0 to `full`."""
        assert self.columns is not None and self.rows is not None
        x = self.columns[np.arange(box.left, box.right) % len(self.columns)]
        y = self.rows[np.arange(box.top, box.bottom) % len(self.rows)]
        joined: Weights = (np.maximum if self.either else np.minimum)(x[None, :], y[:, None])
        return joined


def main_grid(settings: Settings) -> grid.Grid:
    """The tiles of the main pass."""
    width, height, wrap = settings.width, settings.height, settings.wrap
    snug = settings.method == "model"
    return grid.spread(width, height, settings.tile, settings.overlap, wrap, snug=snug)


def layers(settings: Settings) -> tuple[Layer, ...]:
    """The main pass, the seam pass where it is asked for, and one for each region."""
    main = main_grid(settings)
    found = [Layer(grid.MAIN, main.tiles)]
    if settings.seam and (over := grid.seams(main)).tiles:
        found.append(_seam_layer(main, over, settings.feather))
    number = 1
    for index, region in enumerate(settings.regions, 1):
        layer = _region_layer(settings, region, index, number)
        number += len(layer.tiles)
        found.append(layer)
    return tuple(found)


def plan(settings: Settings, regions: Sequence[Region] | None = None) -> tuple[Tile, ...]:
    """The tiles of all passes in their order; `regions` in place of those of the settings."""
    asked = settings if regions is None else replace(settings, regions=tuple(regions))
    return tuple(tile for layer in layers(asked) for tile in layer.tiles)


def placed(tile: Box, box: Box, settings: Settings) -> Iterator[tuple[Box, int, int]]:
    """Where a tile covers a box, in the box's own pixels, with the tile's pixel that lies at its
    left top; more than once where the picture wraps."""
    for left, width, from_x in _stretches(
        (tile.left, tile.right), (box.left, box.right), settings.width, "x" in settings.wrap
    ):
        for top, height, from_y in _stretches(
            (tile.top, tile.bottom), (box.top, box.bottom), settings.height, "y" in settings.wrap
        ):
            yield Box(left, top, width, height), from_x, from_y


def tent(side: int) -> Weights:
    """How much each pixel of a tile counts along one axis: 1 at its ends, rising to the middle.
    Where two tiles overlap their shares make a straight ramp."""
    rising = np.arange(1, side + 1, dtype=np.uint32)
    return np.minimum(rising, rising[::-1])


def _stretches(
    tile: tuple[int, int], box: tuple[int, int], length: int, wraps: bool
) -> Iterator[tuple[int, int, int]]:
    """Each stretch that a tile covers of a box: where in the box, how long, and from where in the
    tile; with `wraps` all those that lie whole lengths apart."""
    turns = range(0, 1)
    if wraps:
        turns = range(-((tile[1] - 1 - box[0]) // length), (box[1] - 1 - tile[0]) // length + 1)
    for turn in turns:
        first = max(tile[0] + turn * length, box[0])
        last = min(tile[1] + turn * length, box[1])
        if first < last:
            yield first - box[0], last - first, first - tile[0] - turn * length


def _seam_layer(main: grid.Grid, over: grid.Grid, feather: int) -> Layer:
    both = grid.axes(main)
    # No farther than the seam tiles themselves reach.
    rooms = [(one.side - last + first) // 2 for one in both for first, last in one.overlaps()]
    full = min([feather, *rooms]) + 1
    columns, rows = (_near(one.overlaps(), one.length, full, one.wraps) for one in both)
    return Layer(grid.SEAM, over.tiles, full, columns, rows, either=True)


def _region_layer(settings: Settings, region: Region, index: int, number: int) -> Layer:
    left, width = _padded(
        region.x, region.width, region.padding, settings.width, settings.wrap, "x"
    )
    top, height = _padded(
        region.y, region.height, region.padding, settings.height, settings.wrap, "y"
    )
    tiles = grid.over_region(
        Box(left, top, width, height), settings.tile, settings.overlap, index, number
    )
    full = region.padding + 1
    columns, rows = (
        _near([(first, first + count)], length, full, axis in settings.wrap)
        for first, count, length, axis in (
            (region.x, region.width, settings.width, "x"),
            (region.y, region.height, settings.height, "y"),
        )
    )
    return Layer(grid.REGION, tiles, full, columns, rows)


def _padded(
    first: int, count: int, padding: int, length: int, wrap: str, axis: str
) -> tuple[int, int]:
    """Where a region begins with its padding, and how long it is then."""
    if axis not in wrap:
        begin, end = max(0, first - padding), min(length, first + count + padding)
        return begin, end - begin
    if count + 2 * padding >= length:
        return 0, length
    return (first - padding) % length, count + 2 * padding


def _near(stretches: Sequence[tuple[int, int]], length: int, full: int, wraps: bool) -> Weights:
    """At each pixel of an axis: `full` within one of the stretches, one less for each pixel beside
    them, and 0 from `full` pixels on; round the edge with `wraps`."""
    at = np.arange(length)
    most = np.zeros(length, np.int64)
    for first, last in stretches:
        for turn in (-length, 0, length) if wraps else (0,):
            beside = np.maximum(first + turn - at, at - (last + turn - 1))
            most = np.maximum(most, full - np.maximum(beside, 0))
    return most.astype(np.uint32)

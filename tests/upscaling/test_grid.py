"""Tiles cover a picture evenly: none nearly coincide, none is missing, seams lie in the middle."""

import random

import numpy as np
import pytest

from studio.errors import StudioError
from studio.upscaling import grid, layers
from studio.upscaling.grid import Box, Grid
from studio.upscaling.settings import Region, Settings


def covered(found: Grid) -> np.ndarray:
    """How many tiles lie over each pixel."""
    count = np.zeros((found.height, found.width), int)
    for tile in found.tiles:
        y = np.arange(tile.box.top, tile.box.bottom) % found.height
        x = np.arange(tile.box.left, tile.box.right) % found.width
        np.add.at(count, (y[:, None], x[None, :]), 1)
    return count


def test_a_large_picture_is_spread_as_it_should_be() -> None:
    found = grid.spread(8192, 8192, 1024, 128)
    assert (found.columns, found.rows, len(found.tiles)) == (9, 9, 81)
    assert found.tiles[0].key == "main-1" and found.tiles[80].key == "main-81"
    assert (found.tiles[10].row, found.tiles[10].column) == (1, 1)
    assert found.tiles[10].box == Box(896, 896, 1024, 1024)
    # The older tool began at 0, 896 and 1024 here: the last two nearly coincided.
    assert [tile.box.left for tile in grid.spread(2048, 64, 1024, 128).tiles] == [0, 512, 1024]


def test_no_overlap_is_more_than_half_a_stride_above_what_was_asked() -> None:
    drawn = random.Random(1)
    for _ in range(2000):
        tile = 8 * drawn.randint(8, 256)
        overlap = drawn.randint(0, tile // 2)
        length, wraps = drawn.randint(1, 16_384), drawn.random() < 0.4
        one = grid.axis(length, tile, overlap, wraps)
        assert one.side <= max(tile, 1) and one.starts[0] == 0
        for first, last in one.overlaps():
            assert min(overlap, length // 2) <= last - first <= overlap + (tile - overlap) / 2
        if not wraps:
            assert one.starts[-1] + one.side == length
        gaps = np.diff([*one.starts, *([length] if wraps else [])])
        assert len(gaps) == 0 or gaps.max() - gaps.min() <= 1


def test_snug_tiles_cover_hardly_anything_twice() -> None:
    for length in (1025, 1080, 1920, 2100, 8192, 16_384):
        for wraps in (False, True):
            one = grid.axis(length, 1024, 0, wraps, snug=True)
            assert one.side % 8 == 0 and len(one.starts) == -(-length // 1024)
            assert one.side * len(one.starts) < length + 8 * len(one.starts)
            assert all(last >= first for first, last in one.overlaps())
    assert grid.axis(1000, 1024, 0, snug=True).side == 1000


def test_a_picture_narrower_than_a_tile_is_one_tile() -> None:
    found = grid.spread(50, 3, 64, 32)
    assert [tile.box for tile in found.tiles] == [Box(0, 0, 50, 3)]
    assert grid.seams(found).tiles == ()
    assert grid.spread(1, 1, 1024, 128).tiles[0].box == Box(0, 0, 1, 1)


@pytest.mark.parametrize("wrap", grid.WRAPS)
def test_every_pixel_is_covered(wrap: str) -> None:
    for width, height in ((1, 1), (5, 200), (64, 64), (65, 129), (300, 217)):
        found = grid.spread(width, height, 64, 16, wrap)
        count = covered(found)
        assert count.min() >= 1
        # Where it goes on at its other side, that edge is a seam like the others.
        if "x" in wrap:
            assert count[:, 0].min() >= 2
        for tile in found.tiles:
            assert 0 <= tile.box.left < width and 0 <= tile.box.top < height


def test_seams_lie_in_the_middle_of_their_tiles() -> None:
    main = grid.spread(8192, 8192, 1024, 128)
    over = grid.seams(main)
    assert len(over.tiles) == 10 * 10 - 4 == 96
    assert [tile.number for tile in over.tiles] == list(range(1, 97))
    middle = next(tile for tile in over.tiles if (tile.row, tile.column) == (1, 1))
    assert middle.box == Box(448, 448, 1024, 1024) and middle.key.startswith("seam-")
    assert {tile.key for tile in over.tiles}.isdisjoint(tile.key for tile in main.tiles)
    single = grid.seams(grid.spread(8192, 500, 1024, 128))
    assert len(single.tiles) == 8 and all(tile.box.height == 500 for tile in single.tiles)
    round_the_edge = grid.seams(grid.spread(8192, 8192, 1024, 0, "xy"))
    assert len(round_the_edge.tiles) == 64


def test_a_plan_holds_all_passes() -> None:
    settings = Settings(
        "diffusion",
        600,
        400,
        tile=256,
        overlap=32,
        seam=True,
        regions=(Region(10, 10, 40, 30), Region(0, 100, 600, 200, padding=8)),
    )
    plan = layers.plan(settings)
    keys = [tile.key for tile in plan]
    assert len(set(keys)) == len(keys)
    parts = [tile.part for tile in plan]
    assert parts == sorted(parts, key=("main", "seam", "region").index)
    regions = [tile for tile in plan if tile.part == "region"]
    assert [tile.key for tile in regions] == [f"region-{k}" for k in range(1, len(regions) + 1)]
    assert regions[0].box == Box(0, 0, 114, 104) and regions[0].region == 1
    assert len(regions) > 2 and {tile.region for tile in regions[1:]} == {2}
    assert all(tile.box.right <= 600 and tile.box.bottom <= 400 for tile in plan)
    assert len(layers.plan(settings, ())) == len(plan) - len(regions)


def test_what_no_grid_can_be_is_named() -> None:
    with pytest.raises(StudioError, match="Tiles of 64 pixels can't overlap by 33"):
        grid.spread(100, 100, 64, 33)
    with pytest.raises(StudioError, match="wrap is 'z'"):
        grid.spread(100, 100, 64, 8, "z")

"""Whatever two tiles may touch, they meet: every pair of every set, all variants, to the pixel."""

import itertools

import numpy as np
import pytest

from studio.tiles import layouts, maps, tilesets
from studio.tiles.layouts import CORNERS
from studio.tiles.settings import EDGES, SETS, usual
from studio.tiles.terrains import terrain
from tests.tiles.drawn import DIRT, GRASS, texture


def _made(kind, edge="blades", size=16, **more):
    inner = terrain(texture(GRASS, size, 1), size, "grass")
    outer = terrain(texture(DIRT, size, 2), size, "dirt")
    return tilesets.made(inner, outer, usual(size, kind=kind, edge=edge, seed=5, **more))


def _along(tile, side):
    """What the rules say of a side: whether upper terrain lies at its both ends, and over it, as
    both tiles that share it say it."""
    ends = {"e": ("ne", "se"), "w": ("nw", "sw"), "n": ("nw", "ne"), "s": ("sw", "se")}[side]
    return (*(tile.corner(end) for end in ends), tile.side(side))


def _may_touch(left, right, side, other):
    return _along(left, side) == _along(right, other)


def _line(picture, side, width):
    return {
        "e": picture[:, -width:],
        "w": picture[:, :width],
        "s": picture[-width:].swapaxes(0, 1),
        "n": picture[:width].swapaxes(0, 1),
    }[side]


@pytest.mark.parametrize("kind", SETS)
@pytest.mark.parametrize("edge", EDGES)
def test_each_pair_that_may_touch_meets_as_it_was_drawn(kind, edge):
    made = _made(kind, edge)
    width = made.settings.outline
    for side, other in (("e", "w"), ("s", "n")):
        seen, pairs = {}, 0
        for one, two in itertools.product(made.tiles, repeat=2):
            if not _may_touch(one, two, side, other):
                continue
            pairs += 1
            ends = one.own, two.own, _along(one, side)
            if kind != "wang":  # against what is not upper terrain a rounded corner is another end
                ends += tuple(_half(tile, part) for tile, part in ((one, side), (two, other)))
            met = np.concatenate(
                [
                    _line(made.pictures[one.id], side, width),
                    _line(made.pictures[two.id], other, width),
                ],
                1,
            ).tobytes()
            assert seen.setdefault(ends, met) == met, (one, two, side)
        assert pairs > (200 if kind == "wang" else 1_000)


def _half(tile, side):
    """The forms of both halves of a side that looks at lower terrain: they end in its corners."""
    quarters = [quarter for quarter in CORNERS if side in quarter]
    if tile.side(side) or not tile.own:
        return ()
    return tuple(piece.form for quarter, piece in tile.pieces().items() if quarter in quarters)


@pytest.mark.parametrize("kind", ["wang", "blob"])
def test_against_lower_terrain_every_edge_is_plain(kind):
    made = _made(kind)
    plain = made.pictures[0]
    for tile in made.tiles:
        for side in "nesw":
            if not any(_along(tile, side)):
                width = made.settings.outline
                assert (
                    _line(made.pictures[tile.id], side, width) == _line(plain, side, width)
                ).all()


@pytest.mark.parametrize("kind", SETS)
def test_a_map_of_any_variants_shows_no_other_line_than_one_of_the_first_alone(kind):
    made = _made(kind, size=32)
    cells = maps.island(13, 13, 3)
    mixed = maps.laid(kind, cells, 3)
    first = mixed % layouts.block(kind)
    size, width = 32, made.settings.outline
    one, two = maps.picture(made, first), maps.picture(made, mixed)
    assert (one != two).any()
    for line in range(size, one.shape[0], size):
        part = slice(line - width, line + width)
        assert (one[part] == two[part]).all()
        assert (one[:, part] == two[:, part]).all()


def test_a_border_is_drawn_and_no_hard_mask():
    """Between upper and lower terrain lies at least the outline, everywhere along every edge."""
    made = _made("wang", size=32)
    upper = set(map(tuple, np.asarray(texture(GRASS, 32, 1)).reshape(-1, 4).tolist()))
    lower = set(map(tuple, np.asarray(texture(DIRT, 32, 2)).reshape(-1, 4).tolist()))
    for tile in made.tiles:
        picture = made.pictures[tile.id]
        kinds = np.array(
            [[(tuple(p) in upper) - (tuple(p) in lower) for p in row] for row in picture.tolist()]
        )
        assert (kinds[:, 1:] * kinds[:, :-1] >= 0).all(), tile
        assert (kinds[1:] * kinds[:-1] >= 0).all(), tile


def test_variants_differ_where_they_may():
    made = _made("blob", size=32)
    block = layouts.block("blob")
    for tile in made.tiles[:block]:
        same = [made.pictures[tile.id + block * k].tobytes() for k in range(3)]
        assert len(set(same)) == 3, layouts.label(tile, "blob")


def test_another_variant_moves_no_tile():
    three, five = _made("blob"), _made("blob", variants=5)
    assert five.tiles[: len(three.tiles)] == three.tiles
    for one, two in zip(three.pictures, five.pictures, strict=False):
        assert (one == two).all()

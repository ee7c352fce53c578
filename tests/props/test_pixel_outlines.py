"""Outlines of pixels: their turns, holes, and corners that touch."""

import numpy as np
import pytest

from studio.props import pixel_outlines
from studio.props.pixel_outlines import LEFT, RIGHT, STRAIGHT, traced
from studio.props.triangulation import triangulated
from tests.pixels.drawn import drawn
from tests.props import sprites


def masks(*pictures):
    return np.stack([drawn(rows)[::-1, :, 3] > 0 for rows in pictures])


def area(points):
    x, y = points.T.astype(float)
    return float((x * np.roll(y, -1) - y * np.roll(x, -1)).sum()) / 2


def ways(found):
    return pixel_outlines.polygons(found, found.at)


def test_one_pixel_is_a_square_that_turns_left() -> None:
    found = traced(masks(["R"]), joined=True)
    assert found.at.tolist() == [[0, 0], [1, 0], [1, 1], [0, 1]]
    assert (found.turns == LEFT).all() and found.following.tolist() == [1, 2, 3, 0]


def test_a_hole_runs_the_other_way_round() -> None:
    found = traced(masks(sprites.RING), joined=True)
    areas = sorted(area(way) for way in ways(found))
    assert areas == [-1, 21]


def test_touching_pixels_have_one_outline_or_two() -> None:
    joined, apart = (traced(masks(sprites.DIAGONAL), joined=one) for one in (True, False))
    assert [len(way) for way in ways(joined)] == [8]
    assert [len(way) for way in ways(apart)] == [4, 4]
    assert sorted(joined.turns.tolist()) == [LEFT] * 6 + [RIGHT] * 2
    twice = (joined.at == (1, 1)).all(1)
    assert twice.sum() == 2 and (joined.turns[twice] == RIGHT).all()


def test_many_pictures_at_once_are_each_alone() -> None:
    several = [["RR", "R."], ["..", ".."], [".R", "RR"]]
    found = traced(masks(*several), joined=False)
    assert found.plane[found.starts[:-1]].tolist() == [0, 2]
    for number, rows in enumerate(several):
        alone = traced(masks(rows), joined=False)
        assert np.array_equal(found.at[found.plane == number], alone.at)


def test_only_turns_are_kept() -> None:
    found = traced(masks(["RRR", "RRR"]), joined=True)
    assert len(found.at) == 10
    corners = pixel_outlines.kept(found, found.turns != STRAIGHT)
    assert corners.at.tolist() == [[0, 0], [3, 0], [3, 2], [0, 2]]
    assert corners.starts.tolist() == [0, 4]


@pytest.mark.parametrize("joined", [True, False])
@pytest.mark.parametrize("seed", range(8))
def test_outlines_enclose_just_the_pixels_whatever_they_are(joined, seed) -> None:
    mask = np.array(sprites.noisy(seed))[::-1, :, 3] > 0
    found = traced(mask[None], joined)
    assert sum(area(way) for way in ways(found)) == mask.sum()
    corners = pixel_outlines.kept(found, found.turns != STRAIGHT)
    polygons = ways(corners)
    triangles = triangulated(polygons)
    places = np.concatenate(polygons).astype(float)
    a, b, c = (places[triangles[:, k]] for k in range(3))
    sizes = np.cross(np.c_[b - a, np.zeros(len(a))], np.c_[c - a, np.zeros(len(a))])[:, 2] / 2
    assert sizes.sum() == pytest.approx(mask.sum()) and (sizes >= 0).all()


def test_triangles_keep_points_on_straight_edges() -> None:
    square = np.array([(0, 0), (1, 0), (2, 0), (4, 0), (4, 4), (2, 4), (0, 4), (0, 1)])
    triangles = triangulated([square])
    assert len(triangles) == 6 and set(triangles.ravel().tolist()) == set(range(8))
    edges = {(int(t[k]), int(t[(k + 1) % 3])) for t in triangles for k in range(3)}
    assert {(k, (k + 1) % 8) for k in range(8)} <= edges
    assert len(edges) == 18
    assert triangulated([]).shape == (0, 3)

"""Areas above a half in a field, and their outlines."""

import numpy as np
import pytest

from studio.props import marching_squares
from studio.props.marching_squares import area, outlines, simplified


def size(points, triangles):
    a, b, c = (points[triangles[:, k]] for k in range(3))
    one, other = b - a, c - a
    return (one[:, 0] * other[:, 1] - one[:, 1] * other[:, 0]) / 2


def disc(side: int, radius: float):
    y, x = np.mgrid[:side, :side] + 0.5
    return np.clip(radius + 0.5 - np.hypot(x - side / 2, y - side / 2), 0, 1)


def test_a_point_is_a_diamond() -> None:
    found = area(np.array([[1.0]]))
    assert found.within == 1 and found.points[0].tolist() == [0.5, 0.5]
    assert size(found.points, found.triangles).tolist() == [0.125] * 4
    (way,) = outlines(found)
    assert sorted(found.points[way].tolist()) == [[0, 0.5], [0.5, 0], [0.5, 1], [1, 0.5]]


def test_a_disc_has_its_area_and_one_round_outline() -> None:
    found = area(disc(40, 15))
    sizes = size(found.points, found.triangles)
    assert (sizes > 0).all() and sizes.sum() == pytest.approx(np.pi * 15**2, rel=0.01)
    (way,) = outlines(found)
    far = np.hypot(*(found.points[way] - 20).T)
    assert np.allclose(far, 15, atol=0.15)


def test_a_hole_runs_the_other_way_round_and_opposite_corners_are_joined() -> None:
    ring = disc(40, 15) - disc(40, 6)
    assert len(outlines(area(ring))) == 2
    assert len(outlines(area(np.eye(2)))) == 1
    assert len(outlines(area(np.array([[1.0, 0, 1.0]])))) == 2


@pytest.mark.parametrize("seed", range(6))
def test_every_outline_point_is_passed_once_and_edges_within_are_shared(seed) -> None:
    field = np.random.default_rng(seed).random((12, 15)).round(1)
    found = area(field)
    assert (size(found.points, found.triangles) > 0).all()
    passed = np.concatenate(outlines(found))
    assert sorted(passed.tolist()) == list(range(found.within, len(found.points)))
    edges = np.concatenate([found.triangles[:, pair] for pair in ([0, 1], [1, 2], [2, 0])])
    assert len(np.unique(edges, axis=0)) == len(edges)
    _, count = np.unique(np.sort(edges, axis=1), axis=0, return_counts=True)
    assert (count == 1).sum() == len(passed) and count.max() == 2
    assert len(np.unique(found.points, axis=0)) == len(found.points)


def test_a_simplified_outline_stays_near_and_has_few_points() -> None:
    found = area(disc(60, 25))
    (way,) = outlines(found)
    points = found.points[way]
    few = simplified(points, 0.3)
    assert 8 < len(few) < len(points) / 4
    assert np.allclose(np.hypot(*(few - 30).T), 25, atol=0.2)
    x, y = few.T
    assert (x * np.roll(y, -1) - y * np.roll(x, -1)).sum() > 0
    assert simplified(points[:4], 100.0).shape == (4, 2)


def test_numbers_say_which_point_a_cell_is() -> None:
    found = area(np.array([[0, 1.0], [1.0, 0]]))
    assert found.numbers.tolist() == [[-1, 0], [1, -1]]
    assert found.points[found.numbers[0, 1]].tolist() == [1.5, 0.5]
    assert marching_squares.LEVEL == 0.5

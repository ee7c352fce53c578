"""Pixels that triangles cover: against a plain count, shared edges, corners on middles."""

from __future__ import annotations

import numpy as np
import pytest

from studio.props import spans

SIZE = (24, 20)


def turned(places):
    """With areas above 0; those without area are left out."""
    places = np.asarray(places, np.int64)
    area = spans.areas(places)
    places[area < 0] = places[area < 0][:, [0, 2, 1]]
    return places[area != 0]


def counts(places, size=SIZE):
    """How often each pixel is covered."""
    told = np.zeros(size[::-1], int)
    for one in spans.covered(places, *size):
        np.add.at(told, (one.y, one.x), 1)
    return told


def plain(triangle, size=SIZE):
    """The same of one triangle by Python's own numbers, pixel by pixel."""
    told = np.zeros(size[::-1], int)
    corners = [tuple(int(one) for one in corner) for corner in triangle]
    for y in range(size[1]):
        for x in range(size[0]):
            px, py = x * 256 + 128, y * 256 + 128
            inside = True
            for (ax, ay), (bx, by) in zip(corners, corners[1:] + corners[:1], strict=True):
                edge = (bx - ax) * (py - ay) - (by - ay) * (px - ax)
                upper_left = by < ay or (by == ay and bx > ax)
                inside &= edge > 0 or (edge == 0 and upper_left)
            told[y, x] = inside
    return told


@pytest.mark.parametrize("seed", range(12))
def test_they_are_those_whose_middle_lies_within(seed):
    random = np.random.default_rng(seed)
    step = (1, 64, 128)[seed % 3]  # many corners on middles and edges of pixels
    triangles = turned(random.integers(-6, 34, (8, 3, 2)) * 256 + random.integers(0, 4) * step)
    for one in triangles:
        assert np.array_equal(counts(one[None]), plain(one))
    assert np.array_equal(counts(triangles), sum(plain(one) for one in triangles))


@pytest.mark.parametrize("step", [1, 128, 256])
def test_a_surface_covers_each_pixel_once(step):
    """A field of squares, each cut into two, whose corners are moved about."""
    random = np.random.default_rng(step)
    y, x = np.mgrid[0:9, 0:9]
    places = np.stack([x, y], -1) * 4 * 256 - 5 * 256
    places[1:-1, 1:-1] += random.integers(-256 // step, 256 // step + 1, (7, 7, 2)) * step
    a, b, c, d = places[:-1, :-1], places[:-1, 1:], places[1:, 1:], places[1:, :-1]
    triangles = [np.stack(one, -2).reshape(-1, 3, 2) for one in ((a, b, c), (a, c, d))]
    assert (counts(turned(np.concatenate(triangles))) == 1).all()


def test_many_are_covered_a_few_at_a_time(monkeypatch):
    random = np.random.default_rng(7)
    triangles = turned(random.integers(-2000, 9000, (60, 3, 2)))
    whole = counts(triangles)
    monkeypatch.setattr(spans, "ROWS", 30)
    monkeypatch.setattr(spans, "PIXELS", 40)
    parts = list(spans.covered(triangles, *SIZE))
    assert max(len(one.of) for one in parts) <= 40 and len(parts) > 20
    assert np.array_equal(counts(triangles), whole)


def test_what_lies_off_the_picture_covers_nothing():
    far = spans.FARTHEST - 1
    assert not counts(np.array([[[-9000, -9000], [-300, -9000], [-9000, -300]]])).any()
    assert not list(spans.covered(np.zeros((0, 3, 2), np.int64), *SIZE))
    assert (counts(np.array([[[-far, -far], [far, -far], [0, far]]])) == 1).all()


def test_corners_count_by_how_near_they_are():
    triangle = np.array([[[0, 0], [2560, 0], [0, 2560]]])
    told = spans.weights(np.repeat(triangle, 3, 0), np.array([0, 8, 0]), np.array([0, 0, 8]))
    assert told.sum(1) == pytest.approx(1)
    assert told[0] == pytest.approx([0.9, 0.05, 0.05])
    assert told[1] == pytest.approx([0.1, 0.85, 0.05])
    assert told[2] == pytest.approx([0.1, 0.05, 0.85])

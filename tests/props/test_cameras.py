"""Cameras: where points come to lie, what is framed, and the box that a front covers."""

from __future__ import annotations

import numpy as np
import pytest

from studio.errors import StudioError
from studio.props import cameras
from studio.props.cameras import Camera
from tests.props.drawn_models import box, material, model, panel, part

UP = np.array([0.0, 1.0, 0.0])


def at(camera, point, size=(100, 100)):
    found = cameras.seen(camera, np.array(point, np.float64), size)
    return float(found.x), float(found.y)


def test_from_the_front_x_is_right_and_y_is_up():
    camera = cameras.around(box(material()), 0, 0, tall=2.0)
    assert at(camera, (0, 0.5, 0)) == pytest.approx((50, 50))
    assert at(camera, (0.5, 0.5, 0.2)) == pytest.approx((75, 50))
    assert at(camera, (0, 1.0, -0.2)) == pytest.approx((50, 25))
    near, far = (cameras.seen(camera, np.array([0, 0, z]), (9, 9)) for z in (1.0, -1.0))
    assert near.depth < far.depth and near.near == 1


@pytest.mark.parametrize(
    ("azimuth", "front_is"), [(0, None), (90, "left"), (-90, "right"), (180, None)]
)
def test_walking_around_turns_the_front(azimuth, front_is):
    """From the +X side the front, +Z, is at the left of the picture."""
    camera = cameras.around(box(material()), azimuth, 0, tall=2.0)
    x, _ = at(camera, (0, 0.5, 1.0))
    assert x == pytest.approx({"left": 0, "right": 100, None: 50}[front_is])


def test_from_above_the_front_is_lower():
    camera = cameras.around(box(material()), 0, 45, tall=2.0)
    assert at(camera, (0, 0.5, 0.5))[1] > 50 > at(camera, (0, 0.5, -0.5))[1]


@pytest.mark.parametrize("azimuth", [0, 30, 123, -90])
@pytest.mark.parametrize("elevation", [0, 15, 80])
def test_its_directions_are_a_turned_frame(azimuth, elevation):
    camera = cameras.around(box(material()), azimuth, elevation)
    axes = np.array([camera.right, camera.up, camera.towards])
    assert axes @ axes.T == pytest.approx(np.eye(3), abs=1e-12)
    assert np.cross(axes[0], axes[1]) == pytest.approx(axes[2], abs=1e-12)
    assert axes[1] @ UP >= 0
    assert cameras.turned(camera, np.array([camera.up])) == pytest.approx(np.array([[0, 1, 0]]))


@pytest.mark.parametrize("field", [None, 30.0, 60.0])
@pytest.mark.parametrize("size", [(64, 64), (120, 40), (40, 120)])
def test_what_is_fitted_touches_the_margin(field, size):
    shown = box(material(), wide=0.7, tall=1.3, deep=0.4)
    camera = cameras.fitted(shown, 30, 20, size, margin=0.1, field=field)
    corners = np.concatenate([one.positions for one in shown.parts])
    found = cameras.seen(camera, corners, size)
    low, high = (found.x.min(), found.y.min()), (found.x.max(), found.y.max())
    for axis in (0, 1):
        assert low[axis] + high[axis] == pytest.approx(size[axis])
        assert low[axis] >= 0.1 * size[axis] - 1e-6
    filled = [(high[axis] - low[axis]) / size[axis] for axis in (0, 1)]
    assert max(filled) == pytest.approx(0.8)


def test_in_perspective_what_is_near_is_large():
    camera = cameras.fitted(box(material()), 0, 0, (100, 100))
    near, far = (at(camera, (0.5, 0.5, z))[0] for z in (0.25, -0.25))
    assert near > far > 50
    behind = cameras.seen(camera, np.array([0, 0, 100.0]), (9, 9))
    assert behind.near == 0


def test_a_front_covers_the_box_that_it_is_given():
    shown = model(panel(material(), wide=0.75, tall=1.5, x=3, y=2))
    camera = cameras.front(shown, (32, 48), (4, 10, 16, 34))
    assert at(camera, (3 - 0.375, 2, 0), (32, 48)) == pytest.approx((4, 34))
    assert at(camera, (3 + 0.375, 3.5, 0), (32, 48)) == pytest.approx((16, 10))
    whole = cameras.front(shown, (12, 24))
    assert at(whole, (3 - 0.375, 2, 0), (12, 24)) == pytest.approx((0, 24))


def test_what_has_no_extent_is_named():
    with pytest.raises(StudioError, match="has no triangle"):
        cameras.fitted(model(), 0, 0, (9, 9))
    point = model(part([[1, 1, 1]] * 3, [[0, 1, 2]], material()))
    with pytest.raises(StudioError, match="is a point"):
        cameras.front(point, (9, 9))
    assert isinstance(cameras.fitted(point, 0, 0, (9, 9)), Camera)

"""Bytes to linear light and back, light, and normal maps' colours both ways up."""

from __future__ import annotations

import numpy as np
import pytest

from studio.errors import StudioError
from studio.props import shading
from studio.props.shading import Light


def test_every_byte_comes_back():
    every = np.arange(256)
    assert np.array_equal(shading.srgb(shading.linear(every.astype(float))), every)
    light = shading.linear(every.astype(float))
    assert light[0] == 0 and light[255] == 1 and (np.diff(light) > 0).all()
    assert light[188] == pytest.approx(0.5029, abs=1e-4)
    assert shading.srgb(np.array([-1.0, 2.0])).tolist() == [0, 255]


def test_between_bytes_light_lies_between():
    low, middle, high = shading.linear(np.array([100.0, 100.5, 101.0]))
    assert low < middle < high


def test_light_from_the_upper_left():
    grey = np.full((4, 3), 0.2)
    ways = np.array([[0, 0, 1], [-1, 0, 0], [1, 0, 0], [0, 1, 0]], float)
    front, left, right, top = shading.lit(grey, ways, Light())[:, 0]
    assert front == pytest.approx(0.2) and top > left > right
    assert right >= 0.2 * shading.DARKEST
    assert shading.lit(grey, ways, Light(strength=0)) == pytest.approx(grey)
    assert shading.lit(np.ones((1, 3)), np.array([[-0.5, 0.6, 0.62]]), Light()).max() == 1


def test_green_grows_upwards_or_downwards():
    ways = np.array([[0, 0, 1], [1, 0, 0], [0, 1, 0], [0, -1, 0]], float)
    up, down = shading.normal_bytes(ways), shading.normal_bytes(ways, "down")
    assert up.tolist() == [[128, 128, 255], [255, 128, 128], [128, 255, 128], [128, 0, 128]]
    assert down.tolist() == [[128, 128, 255], [255, 128, 128], [128, 0, 128], [128, 255, 128]]
    with pytest.raises(StudioError, match="can't be 'left'"):
        shading.normal_bytes(ways, "left")

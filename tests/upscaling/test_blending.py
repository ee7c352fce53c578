"""Means that round: equal pixels stay equal, and shares make a straight ramp."""

import numpy as np
import pytest

from studio.upscaling import layers
from studio.upscaling.blending import STEPS, Mean, thresholds
from tests.upscaling.engines import speckled


@pytest.mark.parametrize("channels", [3, 4])
def test_equal_pixels_stay_equal_under_any_weights(channels: int) -> None:
    pixels = speckled(50, 40)[..., :channels]
    random = np.random.default_rng(1)
    mean = Mean(40, 50, channels)
    for _ in range(4):
        mean.add(0, 0, pixels, random.integers(1, 2**20, (40, 50)))
    seen = pixels[..., 3] > 0 if channels == 4 else np.ones((40, 50), bool)
    assert np.array_equal(mean.mean()[seen], pixels[seen])
    spread = mean.mean(thresholds(np.arange(50), np.arange(40)))
    assert np.array_equal(spread[seen], pixels[seen])
    assert mean.covered.all()
    if channels == 4:
        assert np.array_equal(mean.mean()[..., 3], pixels[..., 3])


def test_halves_are_rounded_and_not_cut_off() -> None:
    mean = Mean(1, 4, 3)
    dark, bright = np.full((1, 4, 3), 10, np.uint8), np.full((1, 4, 3), 11, np.uint8)
    mean.add(0, 0, dark, np.array([[3, 2, 1, 0]]))
    mean.add(0, 0, bright, np.array([[1, 2, 3, 4]]))
    assert mean.mean()[0, :, 0].tolist() == [10, 11, 11, 11]


def test_thresholds_make_a_faint_ramp_without_a_line() -> None:
    wide = 32
    mean, rows = Mean(16, wide, 3), np.arange(16)
    more = np.broadcast_to(np.arange(wide), (16, wide))  # a level over the whole width
    mean.add(0, 0, np.full((16, wide, 3), 90, np.uint8), wide - more)
    mean.add(0, 0, np.full((16, wide, 3), 91, np.uint8), more)
    found = mean.mean(thresholds(np.arange(wide), rows))[..., 0].astype(float)
    assert np.abs(found.mean(axis=0) - (90 + np.arange(wide) / wide)).max() <= 1 / 16
    plain = mean.mean()[..., 0].astype(float)
    assert np.abs(np.diff(plain.mean(axis=0))).max() == 1


def test_the_largest_weights_fit() -> None:
    mean = Mean(1, 1, 3)
    mean.add(0, 0, np.full((1, 1, 3), 255, np.uint8), np.array([[2**24 - 1]]))
    assert mean.mean().tolist() == [[[255, 255, 255]]]
    most = np.full((1, 1), STEPS - 1, np.uint32)
    assert mean.mean(most).tolist() == [[[255, 255, 255]]]


def test_colours_count_as_much_as_they_are_seen() -> None:
    mean = Mean(1, 2, 4)
    mean.add(0, 0, np.array([[[200, 0, 0, 255], [9, 9, 9, 0]]], np.uint8), np.array([[1, 1]]))
    mean.add(0, 0, np.array([[[0, 90, 0, 0], [5, 5, 5, 0]]], np.uint8), np.array([[1, 1]]))
    assert mean.mean().tolist() == [[[200, 0, 0, 128], [0, 0, 0, 0]]]


def test_two_tents_make_a_straight_ramp() -> None:
    first, second = layers.tent(64)[48:], layers.tent(64)[:16]
    assert (first + second == 17).all() and second.tolist() == list(range(1, 17))
    assert layers.tent(1).tolist() == [1] and layers.tent(3).tolist() == [1, 2, 1]

"""Nearest keeps every colour, in equal blocks at whole factors and in Pillow's at others."""

import numpy as np
import pytest
from PIL import Image

from studio.upscaling import methods
from studio.upscaling.methods import nearest
from studio.upscaling.sizes import Target
from tests.upscaling.strips import noise, sprite, whole


def colours(rgba):
    return {tuple(one) for one in rgba.reshape(-1, 4).tolist()}


@pytest.mark.parametrize("factor", [1, 2, 3, 4, 7, 16])
def test_whole_factors_make_equal_blocks_of_the_same_palette(monkeypatch, factor) -> None:
    monkeypatch.setattr(methods, "AT_ONCE", 500)
    rgba = sprite()
    made = whole(nearest.enlarge, rgba, Target(20 * factor, 24 * factor))
    assert np.array_equal(made, rgba.repeat(factor, 0).repeat(factor, 1))
    assert colours(made) == colours(rgba)


def test_broken_factors_are_pillows() -> None:
    random = np.random.default_rng(2)
    for seed in range(80):
        high, wide = random.integers(1, 70, 2)
        size = tuple(int(one) for one in random.integers(1, 400, 2))
        rgba = noise(int(high), int(wide), seed)
        image = Image.fromarray(rgba, "RGBA").resize(size, Image.Resampling.NEAREST)
        assert np.array_equal(whole(nearest.enlarge, rgba, Target(*size)), np.asarray(image))


@pytest.mark.parametrize("size", [(1, 1), (16_384, 1), (1, 16_384)])
def test_long_strips(size) -> None:
    rgba = noise(1, 1)
    made = whole(nearest.enlarge, rgba, Target(*size))
    assert made.shape == (size[1], size[0], 4) and colours(made) == colours(rgba)

"""Whether a picture is pixel art: by its grid, its colours, its edges, and how small it is."""

import numpy as np
import pytest
from PIL import Image

from studio.pixels import pixel_art
from studio.pixels.figures import figures
from tests.upscaling.strips import noise, painted, sprite


@pytest.mark.parametrize("factor", [1, 2, 5, 8])
def test_pixel_art_is_known_at_its_own_size_and_enlarged(factor) -> None:
    rgba = sprite(48, 40).repeat(factor, 0).repeat(factor, 1)
    told = pixel_art.judge(rgba)
    assert told.pixel_art and told.native == (40, 48), told


@pytest.mark.slow
def test_paintings_are_none() -> None:
    soft = Image.fromarray(sprite(128, 128), "RGBA").resize((64, 64), Image.Resampling.LANCZOS)
    for rgba in (painted(80, 90), painted(700, 800), np.asarray(soft)):
        told = pixel_art.judge(rgba)
        assert not told.pixel_art and told.native is None and told.why
    assert figures(np.asarray(soft)).half_transparent > pixel_art.SOFT


@pytest.mark.parametrize("rgba", [noise(1, 1), np.zeros((5, 7, 4), np.uint8), noise(1, 300)])
def test_odd_pictures_are_judged_without_an_error(rgba) -> None:
    assert pixel_art.judge(rgba).why


def test_a_small_sprite_with_hard_edges_is_however_many_colours_it_has() -> None:
    rgba = np.zeros((32, 32, 4), np.uint8)
    rgba[4:28, 6:26] = noise(24, 20)
    rgba[4:28, 6:26, 3] = 255
    assert figures(rgba).colours > pixel_art.FEW
    assert pixel_art.judge(rgba).native == (32, 32)
    whole = noise(32, 32)
    whole[..., 3] = 255  # a piece of something larger
    assert not pixel_art.judge(whole).pixel_art

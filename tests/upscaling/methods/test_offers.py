"""What is offered by what the picture is, with the plain way first where it is better."""

import numpy as np
import pytest
from PIL import Image

from studio.pixels import pixel_art
from studio.pixels.figures import figures
from studio.upscaling.methods import offers
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


def test_nearest_is_the_default_of_pixel_art_and_the_rest_says_that_it_is_better() -> None:
    found = offers.offers(32, 32, True, factor=4)
    assert found[0].method == offers.NEAREST == offers.default(True)
    by = {one.method: one for one in found}
    assert by.keys() == set(offers.METHODS) and by["epx"].offered
    assert "Redraws shapes" in by["epx"].why
    for method in ("lanczos", "model", "diffusion"):
        assert by[method].offered and "earest neighbour is better" in by[method].why


def test_a_model_is_the_default_of_paintings_where_there_is_one() -> None:
    assert offers.offers(300, 200, False)[0].method == "model" == offers.default(False)
    found = offers.offers(300, 200, False, models=False, bases=False)
    by = {one.method: one for one in found}
    assert found[0].method == "lanczos"
    assert not by["model"].offered and not by["diffusion"].offered and not by["epx"].offered
    assert by["nearest"].offered and "meant for pixel art" in by["nearest"].why


@pytest.mark.parametrize(("factor", "nearest", "epx"), [(2, 1, 1), (2.5, 0, 0), (8, 1, 0)])
def test_pixel_art_takes_whole_factors_alone(factor, nearest, epx) -> None:
    by = {one.method: one for one in offers.offers(32, 32, True, factor=factor)}
    assert (by["nearest"].offered, by["epx"].offered) == (bool(nearest), bool(epx))
    if not nearest:
        assert "2.5" in by["nearest"].why and "whole" in by["nearest"].why

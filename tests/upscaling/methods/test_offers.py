"""What is offered by what the picture is, with the plain way first where it is better."""

import pytest

from studio.upscaling.methods import offers


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

"""Hue, levels and shadows."""

import numpy as np
import pytest

from studio.colours import dominant_colours, to_oklab
from studio.errors import StudioError
from studio.pixels.levels import levelled, shifted
from studio.pixels.shadow import contact, drop
from tests.pixels.drawn import drawn, letters


def test_hue_saturation_and_lightness_are_shifted_and_alpha_stays():
    rgba = drawn(["RR..", "RRRR"])
    turned = shifted(rgba, hue=120)
    assert (turned[..., 3] == rgba[..., 3]).all() and dominant_colours(turned) == ["green"]
    grey = to_oklab(shifted(rgba, saturation=0)[1, :, :3])
    assert np.abs(grey[:, 1:]).max() < 0.01
    before, after = (to_oklab(one[1, 0, :3])[0] for one in (rgba, shifted(rgba, lightness=0.1)))
    assert after - before == pytest.approx(0.1, abs=0.02)
    assert (shifted(rgba) == rgba).all() and (levelled(rgba) == rgba).all()


def test_levels_spread_the_lightness():
    ramp = np.full((1, 3, 4), 255, np.uint8)
    ramp[0, :, :3] = np.array([60, 120, 180])[:, None]
    light = to_oklab(ramp[..., :3])[0, :, 0]
    found = to_oklab(levelled(ramp, float(light[0]), float(light[2]))[..., :3])[0, :, 0]
    assert found[0] == pytest.approx(0, abs=0.01) and found[2] == pytest.approx(1, abs=0.01)
    assert to_oklab(levelled(ramp, gamma=2)[..., :3])[0, 1, 0] > light[1]


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda rgba: shifted(rgba, hue=1000), "hue is 1000"),
        (lambda rgba: levelled(rgba, 0.5, 0.4), "white is 0.4"),
        (lambda rgba: drop(rgba, opacity=2), "opacity is 2"),
        (lambda rgba: contact(rgba, colour="grey"), "'grey' is not a colour"),
    ],
)
def test_what_can_not_be_is_named(call, said):
    with pytest.raises(StudioError, match=said):
        call(drawn(["R"]))


def test_a_shadow_is_a_layer_of_its_own():
    rgba = drawn([".....", ".RR..", ".RR..", "....."])
    found = drop(rgba, 1, 1, "#140c1c", 1)
    assert letters(found) == [".....", ".....", "..KK.", "..KK."]
    assert set(drop(rgba, opacity=0.5)[..., 3].ravel()) == {0, 128}
    assert letters(drop(rgba, 9, 0, "#140c1c", 1)) == ["....."] * 4
    foot = contact(np.pad(rgba, [(0, 2), (1, 1), (0, 0)]), "#140c1c", 1)
    assert foot[2, 1:5, 3].all() and not foot[:1].any() and not foot[5].any()
    assert not contact(np.zeros((4, 4, 4), np.uint8)).any()

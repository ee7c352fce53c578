"""A plain background away, and nothing else."""

import numpy as np
import pytest

from studio.pixels.background import without_background
from tests.pixels.drawn import drawn, letters

PICTURE = [
    "WWWWWWWWWW",
    "WWWKKKKWWW",
    "WWKRRRRKWW",
    "WWKRWWRKWW",
    "WWKRWWRKWW",
    "WWKRRRRKWW",
    "WWWKKKKWWW",
    "WWWWWWWWWW",
]


def test_the_background_goes_and_a_highlight_of_its_colour_stays():
    found = letters(without_background(drawn(PICTURE)))
    assert found == [
        "..........",
        "...KKKK...",
        "..KRRRRK..",
        "..KRWWRK..",
        "..KRWWRK..",
        "..KRRRRK..",
        "...KKKK...",
        "..........",
    ]


def test_a_gap_of_one_pixel_lets_nothing_in():
    rgba = drawn(["WWWWWWWWW", "WWKKWKKWW", "WWKWWWKWW", "WWKWWWKWW", "WWKKKKKWW", "WWWWWWWWW"])
    found = letters(without_background(rgba))
    assert found[2] == "..KWWWK.." and found[3] == "..KWWWK.."


@pytest.mark.parametrize("by", [3.0, 6.0])
def test_noise_of_the_background_goes_too(by):
    rgba = np.kron(drawn(PICTURE), np.ones((4, 4, 1), np.uint8))
    noisy = rgba.astype(float)
    noisy[..., :3] += np.random.default_rng(0).normal(0, by, (*rgba.shape[:2], 3))
    found = without_background(np.clip(noisy, 0, 255).astype(np.uint8), 0.08)
    outside = without_background(rgba)[..., 3] == 0
    assert ((found[..., 3] == 0) == outside).mean() > 0.99
    assert (found[12:20, 16:24, 3] == 255).all()


def test_an_edge_that_mixes_both_takes_the_figures_colour():
    rgba = np.kron(drawn(PICTURE), np.ones((6, 6, 1), np.uint8))
    rgba[6:42, 12, :3] = 135  # between white and dark, left of the figure's left edge
    found = without_background(rgba)
    assert (found[20, 12, :3] == (20, 12, 28)).all() and 60 < found[20, 12, 3] < 200


def test_without_a_plain_opaque_border_nothing_changes():
    cut = drawn(["....", ".RR.", "...."])
    photo = np.random.default_rng(1).integers(0, 256, (20, 20, 4)).astype(np.uint8)
    photo[..., 3] = 255
    for rgba in (cut, photo, drawn(["WW", "WW"]), drawn(["WWW", "WWW", "WWW"])):
        assert (without_background(rgba) == rgba).all()


def test_a_second_time_changes_nothing():
    once = without_background(drawn(PICTURE))
    assert (without_background(once) == once).all()

"""What art itself shows becomes its style's recipe."""

import numpy as np

from studio.finishing.from_art import recipe_of, traits_of
from studio.finishing.recipe import PLAIN
from studio.images import open_picture
from studio.pixels import palette_of
from studio.pixels.checkers import checkered
from studio.settings import CHECKOUT
from tests.pixels.drawn import drawn

SAMPLE = sorted((CHECKOUT / "sample" / "train").rglob("*.png"))[::4]


def test_the_sample_asks_for_its_outline_its_checkerboards_and_no_strays():
    pictures = [np.asarray(open_picture(file)) for file in SAMPLE]
    found = recipe_of([traits_of(one) for one in pictures], palette_of(pictures))
    assert (found.hard_alpha, found.strays, found.dither) == (True, True, "bayer")
    assert (found.outline, found.outline_colour) == ("recolour", "#26185c")
    assert found.outline_width == 2 and len(found.colours) == 10


def test_art_with_specks_keeps_them_and_gets_no_outline():
    random = np.random.default_rng(0)
    specked = np.full((16, 16, 4), 255, np.uint8)
    specked[..., :3] = np.where(random.random((16, 16, 1)) < 0.1, (250, 250, 60), (60, 90, 60))
    found = recipe_of([traits_of(specked)], ("#3c5a3c", "#fafa3c"))
    assert found.hard_alpha and not found.strays and found.outline == ""


def test_soft_art_and_none_ask_for_nothing():
    soft = np.full((8, 8, 4), 128, np.uint8)
    assert recipe_of([traits_of(soft)], ("#808080",)) == PLAIN == recipe_of([], ())
    assert traits_of(np.zeros((4, 4, 4), np.uint8)) is None


def test_a_checkerboard_is_told_from_a_chance_square():
    assert checkered(drawn(["RDRD", "DRDR", "RRRR"])).sum() == 8
    assert not checkered(drawn(["RDRR", "DRRR", "RRRR"])).any()
    assert (
        not checkered(drawn(["R.R.", ".R.R", "R.R."])).any() and not checkered(drawn(["R"])).any()
    )

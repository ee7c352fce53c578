"""The whole chain: in any recipe it ends where it began the second time."""

import numpy as np
import pytest
from PIL import Image

from studio.errors import StudioError
from studio.finishing.finish import finished
from studio.finishing.recipe import PLAIN, Recipe
from studio.pixels.figures import figures
from tests.finishing.blobs import blob

PALETTE = ("#140c1c", "#7a1428", "#c82832", "#fafafa")
RECIPES = {
    "plain": PLAIN,
    "hard alpha": Recipe(hard_alpha=True),
    "colours": Recipe(hard_alpha=True, colours=PALETTE),
    "bayer": Recipe(hard_alpha=True, colours=PALETTE, dither="bayer"),
    "error": Recipe(hard_alpha=True, colours=PALETTE, dither="error"),
    "settled": Recipe(hard_alpha=True, colours=PALETTE, strays=True, holes=True),
    "checkered": Recipe(
        hard_alpha=True,
        colours=PALETTE,
        dither="bayer",
        strays=True,
        holes=True,
        outline="recolour",
        outline_width=2,
    ),
    "added": Recipe(colours=PALETTE, outline="add", canvas=(40, 48), ground=3),
    "thin": Recipe(strays=True, holes=True, outline="thin"),
    "own outline": Recipe(hard_alpha=True, strays=True, outline="recolour"),
    "background": Recipe(background=True, hard_alpha=True, colours=PALETTE, canvas=(24, 24)),
    "native": Recipe(native=16, hard_alpha=True, colours=PALETTE),
}


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=RECIPES)
def test_finishing_a_finished_picture_changes_nothing(recipe):
    for seed in range(3):
        once = finished(blob(seed), recipe)
        assert finished(blob(seed), recipe).tobytes() == once.tobytes()
        again = finished(once, recipe)
        assert again.size == once.size and again.tobytes() == once.tobytes()


def test_the_plain_recipe_does_nothing():
    assert finished(blob(0), PLAIN).tobytes() == blob(0).tobytes()


def test_a_palette_and_hard_edges_are_all_that_is_left():
    found = np.asarray(finished(blob(0), RECIPES["colours"]))
    seen = found[found[..., 3] > 0]
    assert set(seen[:, 3]) == {255}
    assert {"#" + bytes(one).hex() for one in seen[:, :3]} <= set(PALETTE)


@pytest.mark.parametrize("factor", [2, 3, 7])
def test_a_picture_enlarged_by_a_whole_factor_comes_back_to_the_pixel(factor):
    small = finished(blob(2, 16), RECIPES["colours"])
    large = small.resize((16 * factor, 16 * factor), Image.Resampling.NEAREST)
    assert finished(large, RECIPES["native"]).tobytes() == small.tobytes()


def test_a_picture_enlarged_by_a_broken_factor_is_brought_back_by_its_grid():
    small = finished(blob(2, 16), RECIPES["colours"])
    large = small.resize((104, 104), Image.Resampling.NEAREST)
    found = finished(large, RECIPES["native"])
    assert found.size == (16, 16)
    assert (np.asarray(found) == np.asarray(small)).all(-1).mean() > 0.95


def test_a_figure_too_large_for_the_canvas_keeps_its_own():
    assert finished(blob(0), Recipe(hard_alpha=True, canvas=(8, 8))).size == (32, 32)
    assert finished(blob(0), Recipe(hard_alpha=True, canvas=(28, 30), ground=0)).size == (28, 30)


def test_strays_go_and_the_outline_closes():
    raw = figures(np.asarray(blob(3)))
    found = figures(np.asarray(finished(blob(3), RECIPES["checkered"])))
    assert raw.orphans > 0.2 > 0.1 > found.orphans and found.half_transparent == 0
    assert found.outline >= 1 > raw.outline


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=RECIPES)
def test_the_smallest_and_emptiest_pictures_are_finished(recipe):
    for picture in (Image.new("RGBA", (1, 1), "red"), Image.new("RGBA", (9, 5))):
        once = finished(picture, recipe)
        assert finished(once, recipe).tobytes() == once.tobytes()


def test_a_picture_too_large_for_pixel_art_is_named_at_once():
    large = Image.new("RGBA", (8192, 256), "red")
    with pytest.raises(StudioError, match="8,192 x 256 pixels, which is too large"):
        finished(large, RECIPES["settled"])
    assert finished(large, Recipe(hard_alpha=True)).size == large.size
    assert finished(large, Recipe(native=256, hard_alpha=True)).size == (256, 8)
    assert finished(large, PLAIN).size == large.size


def test_palettes_of_one_and_of_many_colours_are_taken():
    one = np.asarray(finished(blob(0), Recipe(hard_alpha=True, colours=("#c82832",), strays=True)))
    assert {tuple(pixel) for pixel in one.reshape(-1, 4).tolist()} == {(200, 40, 50, 255), (0,) * 4}
    many = tuple(f"#{n * 65793 % 2**24:06x}" for n in range(256))
    assert finished(blob(0), Recipe(hard_alpha=True, colours=many, strays=True)).size == (32, 32)

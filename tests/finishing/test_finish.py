"""The whole chain: in any recipe it ends where it began the second time."""

import numpy as np
import pytest
from PIL import Image

from studio.finishing.finish import finished
from studio.finishing.recipe import PLAIN, Recipe

PALETTE = ("#140c1c", "#7a1428", "#c82832", "#fafafa")
RECIPES = {
    "plain": PLAIN,
    "hard alpha": Recipe(hard_alpha=True),
    "colours": Recipe(hard_alpha=True, colours=PALETTE),
    "bayer": Recipe(hard_alpha=True, colours=PALETTE, dither="bayer"),
    "error": Recipe(hard_alpha=True, colours=PALETTE, dither="error"),
    "native": Recipe(native=16, hard_alpha=True, colours=PALETTE),
}


def _blob(seed, side=32):
    """A soft, noisy ball with a dark rim, as a model draws it."""
    random = np.random.default_rng(seed)
    y, x = np.mgrid[:side, :side]
    apart = np.hypot(y - side / 2 + 0.5, x - side / 2 + 0.5) + random.normal(0, 0.8, (side, side))
    rgba = np.zeros((side, side, 4))
    rgba[..., :3] = np.where((apart < side * 0.32)[..., None], (190, 50, 60), (30, 20, 40))
    rgba[..., :3] += random.normal(0, 25, (side, side, 3))
    rgba[..., 3] = np.clip((side * 0.4 - apart) * 128 + 128, 0, 255)
    return Image.fromarray(np.clip(rgba, 0, 255).astype(np.uint8), "RGBA")


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=RECIPES)
def test_finishing_a_finished_picture_changes_nothing(recipe):
    for seed in range(3):
        once = finished(_blob(seed), recipe)
        assert finished(_blob(seed), recipe).tobytes() == once.tobytes()
        again = finished(once, recipe)
        assert again.size == once.size and again.tobytes() == once.tobytes()


def test_the_plain_recipe_does_nothing():
    assert finished(_blob(0), PLAIN).tobytes() == _blob(0).tobytes()


def test_a_palette_and_hard_edges_are_all_that_is_left():
    found = np.asarray(finished(_blob(0), RECIPES["colours"]))
    seen = found[found[..., 3] > 0]
    assert set(seen[:, 3]) == {255}
    assert {"#" + bytes(one).hex() for one in seen[:, :3]} <= set(PALETTE)


@pytest.mark.parametrize("factor", [2, 3, 7])
def test_a_picture_enlarged_by_a_whole_factor_comes_back_to_the_pixel(factor):
    small = finished(_blob(2, 16), RECIPES["colours"])
    large = small.resize((16 * factor, 16 * factor), Image.Resampling.NEAREST)
    assert finished(large, RECIPES["native"]).tobytes() == small.tobytes()

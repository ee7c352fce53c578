"""Steps in words."""

from studio.finishing.recipe import Recipe
from studio.finishing.step_words import words
from studio.finishing.steps import NONE, Steps
from studio.pixels.grid import Grid


def test_only_what_is_done_is_told_in_its_order():
    assert words(NONE) == []
    recipe = Recipe(hard_alpha=True, colours=("#000000",), palette="props@3", canvas=(32, 48))
    steps = Steps(
        recipe, grid="set", set_grid=Grid(8.25, 8, 0, 0), hue=-30, taken=("stray 1,2",), edge_top=-2
    )
    assert words(steps) == [
        "grid 8.25 x 8 by hand",
        "hue -30°",
        "hard alpha",
        "props@3",
        "1 proposal taken",
        "edges +0, -2, +0, +0 px",
        "canvas 32 x 48",
    ]

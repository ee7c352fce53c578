"""Recipes as JSON, and what can't be one."""

import json

import pytest

from studio.errors import StudioError
from studio.finishing.recipe import PLAIN, Recipe, checked, read, written

WHOLE = Recipe(
    hard_alpha=True,
    native=32,
    colours=("#000000", "#ff0000"),
    palette="items@2",
    dither="bayer",
    strays=True,
    holes=True,
    outline="recolour",
    outline_colour="#000000",
    canvas=(32, 48),
    ground=2,
    background=True,
)


def test_a_recipe_comes_back_from_its_json():
    assert read(written(WHOLE)) == WHOLE and read(written(PLAIN)) == PLAIN
    assert written(PLAIN) == '{"schema":1}'
    assert read('{"schema":1,"colours":["#FF0000"]}').colours == ("#ff0000",)


def test_the_mark_tells_recipes_apart_by_what_they_do():
    assert WHOLE.mark == read(written(WHOLE)).mark and len(WHOLE.mark) == 12
    assert WHOLE.mark != PLAIN.mark != Recipe(strays=True).mark
    assert checked(Recipe(palette="a@1")).mark == PLAIN.mark


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("hard", True, "no 'hard'"),
        ("schema", 2, "later version"),
        ("strays", 1, "strays is 1"),
        ("native", -1, "native is -1"),
        ("dither", "floyd", "dither is 'floyd'"),
        ("outline", "thick", "outline is 'thick'"),
        ("outline_colour", "red", "'red' is not a colour"),
        ("colours", ["#12"], "'#12' is not a colour"),
        ("colours", "#123456", "colours is '#123456'"),
        ("colours", [f"#{n:06x}" for n in range(4000)], "4,000 colours"),
        ("canvas", [32], r"canvas is \(32,\)"),
        ("canvas", [32, 9000], "canvas is 9000"),
        ("ground", 2, "without a canvas"),
        ("palette", 3, "palette is 3"),
    ],
)
def test_what_can_not_be_is_named(key, value, said):
    with pytest.raises(StudioError, match=said):
        read(json.dumps({"schema": 1, key: value}))


@pytest.mark.parametrize("text", ["", "[1]", "{", "[" * 100_000])
def test_what_is_no_recipe_is_named(text):
    with pytest.raises(StudioError, match="recipe is not"):
        read(text)

"""Steps by hand: plain values that are kept, read again and named."""

from dataclasses import replace

import pytest

from studio.errors import StudioError
from studio.finishing import steps as all_steps
from studio.finishing.recipe import Recipe
from studio.finishing.steps import NONE, Steps
from studio.pixels.grid import Grid

MANY = Steps(
    Recipe(hard_alpha=True, colours=("#112233", "#ffffff"), canvas=(32, 48)),
    grid="set",
    set_grid=Grid(8.25, 8.0, 3.0, 0.0),
    hue=-30,
    gamma=1.5,
    edge_left=-2,
)


@pytest.mark.parametrize("steps", [NONE, MANY])
def test_steps_are_read_as_they_were_written(steps):
    told = all_steps.said_of(steps)
    assert all_steps.read(told) == steps
    assert all_steps.read(told).mark == steps.mark


def test_only_what_differs_is_written_and_named():
    assert all_steps.said_of(NONE) == {"schema": 1, "recipe": {"schema": 1}}
    assert NONE.mark == replace(NONE, recipe=Recipe(palette="props@3")).mark
    assert len({NONE.mark, MANY.mark, replace(MANY, hue=-29).mark}) == 3


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"schema": 2}, "later version"),
        ({"hues": 3}, "no step 'hues'"),
        ({"hue": 181}, "hue is 181"),
        ({"hue": "red"}, "hue is 'red'"),
        ({"black": 60, "white": 50}, "black is 60 and white 50"),
        ({"grid": "some"}, "grid is 'some'"),
        ({"grid": "set"}, "no grid is given"),
        ({"set_grid": [8, 8]}, r"set_grid is \[8, 8\]"),
        ({"set_grid": [0.5, 8, 0, 0]}, "step_x is 0.5"),
        ({"gamma": float("nan")}, "gamma is nan"),
        ({"anchor": "north"}, "anchor is 'north'"),
        ({"recipe": {"dither": "much"}}, "dither is 'much'"),
        ({"recipe": 3}, "not a JSON object"),
    ],
)
def test_what_can_t_be_is_named(given, why):
    with pytest.raises(StudioError, match=why):
        all_steps.read(given)


def test_numbers_that_come_as_texts_are_numbers_from_there_on():
    given = {"hue": "20", "black": "5", "white": "9e1", "gamma": "1.5", "shadow_x": 2.0}
    told = all_steps.read(given)
    same = Steps(hue=20, black=5, white=90, gamma=1.5, shadow_x=2)
    assert told == same and told.mark == same.mark
    assert type(told.hue) is int and type(told.shadow_x) is int and type(told.gamma) is float
    assert all_steps.read({"gamma": 2}).mark == Steps(gamma=2).mark

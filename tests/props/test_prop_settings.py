"""Settings of props as plain values, and the bounds of each."""

import json
from dataclasses import replace

import pytest

from studio.errors import StudioError
from studio.props.settings import DEPTHS, METHODS, NAMES, Settings, check, of_json, to_json

SET = Settings(
    "voxels",
    0.5,
    0.25,
    "picture",
    "#102030",
    "0f" * 32,
    1.75,
    "centre",
    "blend",
    "#ffffff",
    "kept",
    0.75,
    2.0,
    "down",
)


@pytest.mark.parametrize("settings", [Settings(), SET])
def test_there_and_back(settings) -> None:
    said = json.loads(json.dumps(to_json(settings)))
    assert of_json(said) == settings
    assert set(said) == {"schema", *NAMES}
    assert check(settings) == settings


@pytest.mark.parametrize("method", METHODS)
def test_the_depth_is_the_methods_own_where_none_is_given(method) -> None:
    assert of_json({"method": method}) == Settings(method, DEPTHS[method])
    assert of_json({"method": method, "depth": 0.4}).depth == 0.4


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ([], "The settings are \\[\\]"),
        ({"schema": 2}, "later version"),
        ({"detale": 1}, "no setting 'detale'.*Did you mean detail"),
    ],
)
def test_what_is_no_settings_is_named(given, said) -> None:
    with pytest.raises(StudioError, match=said):
        of_json(given)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"method": "sculpture"}, "method is 'sculpture'"),
        ({"depth": -0.1}, "depth is -0.1"),
        ({"depth": 2.5}, "depth is 2.5"),
        ({"bevel": 2}, "bevel is 2"),
        ({"bevel": True}, "bevel is True"),
        ({"back": "front"}, "back is 'front'"),
        ({"back_colour": "red"}, "back_colour is 'red'"),
        ({"back_picture": "../x"}, "back_picture is '../x'"),
        ({"back_picture": ""}, "No picture of the back"),
        ({"height_m": 0}, "height_m is 0"),
        ({"height_m": float("inf")}, "height_m is inf"),
        ({"pivot": "nose"}, "pivot is 'nose'"),
        ({"alpha": "soft"}, "alpha is 'soft'.*nothing, mask, blend"),
        ({"matte": "#fff"}, "matte is '#fff'"),
        ({"shadow": ""}, "shadow is ''"),
        ({"detail": 1.5}, "detail is 1.5"),
        ({"normal_strength": 5}, "normal_strength is 5"),
        ({"normal_y": "left"}, "normal_y is 'left'"),
        ({"method": ["card"]}, "method is \\['card'\\]"),
    ],
)
def test_each_value_that_can_not_be_is_named(changed, said) -> None:
    with pytest.raises(StudioError, match=said):
        check(replace(SET, **changed))


def test_numbers_may_be_written() -> None:
    assert check(replace(SET, height_m="1.5")).height_m == 1.5

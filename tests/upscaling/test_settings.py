"""Settings as plain values, and the bounds of each."""

import json
from dataclasses import fields, replace
from typing import Any

import pytest

from studio.errors import StudioError
from studio.upscaling import settings as all_settings
from studio.upscaling.settings import Region, Settings, TilePrompt, check, of_json, to_json

PLAIN = Settings("lanczos", 200, 100)
DRAWN = Settings(
    "diffusion",
    200,
    100,
    tile=64,
    overlap=32,
    style="items",
    version=3,
    adapters=(("glow", 2, 0.5), ("night", 1, -2.0)),
    regions=(Region(0, 10, 200, 90, 16, "a door", "people"),),
    tiles=(TilePrompt("main-2", "a lamp", "fog", True, 7), TilePrompt("seam-1")),
    reference="0f" * 32,
)


@pytest.mark.parametrize("settings", [PLAIN, DRAWN])
def test_there_and_back(settings: Settings) -> None:
    said = json.loads(json.dumps(to_json(settings)))
    assert of_json(said) == settings
    assert set(said) == {"schema", *all_settings.NAMES}
    assert check(settings, 100, 50) == settings


def test_what_is_missing_is_at_its_default() -> None:
    assert of_json({"method": "lanczos", "width": 200, "height": 100}) == PLAIN
    with pytest.raises(StudioError, match="name no width"):
        of_json({"method": "lanczos", "height": 3})


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ([], "The settings are \\[\\]"),
        ({"schema": 2}, "later version"),
        ({"strenght": 1}, "no 'strenght'.*Did you mean strength"),
        ({"regions": 3}, "regions is 3"),
        ({"regions": [{"x": 1}]}, "A region lacks a value"),
        ({"regions": [{"x": 1, "z": 2}]}, "A region has no 'z'"),
        ({"tiles": ["main-1"]}, "A tile's prompt is 'main-1'"),
        ({"adapters": [["glow", 1]]}, "A LoRA is"),
    ],
)
def test_what_is_no_settings_is_named(given: Any, said: str) -> None:
    full = {**to_json(PLAIN), **given} if isinstance(given, dict) else given
    with pytest.raises(StudioError, match=said):
        of_json(full)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"method": "magic"}, "method is 'magic'"),
        ({"width": 16_385}, "width is 16385"),
        ({"height": 0}, "height is 0"),
        ({"tile": 24}, "tile is 24"),
        ({"tile": 2056}, "tile is 2056"),
        ({"tile": 68}, "tile is 68.*multiple of 8"),
        ({"overlap": 33}, "overlap is 33.*0 to 32"),
        ({"overlap": -1}, "overlap is -1"),
        ({"drawn": 24}, "drawn is 24"),
        ({"drawn": 4096}, "drawn is 4096"),
        ({"batch": 0}, "batch is 0"),
        ({"first": "blur"}, "first is 'blur'"),
        ({"first": "model"}, "No upscaling model is named"),
        ({"method": "model", "model": ""}, "No upscaling model is named"),
        ({"strength": 1.1}, "strength is 1.1"),
        ({"strength": float("nan")}, "strength is nan"),
        ({"steps": 0}, "steps is 0"),
        ({"guidance": 51}, "guidance is 51"),
        ({"seed": -1}, "seed is -1"),
        ({"seed": 2**32}, "seed is 4294967296"),
        ({"seam": "yes"}, "seam is 'yes'"),
        ({"seam_strength": 2}, "seam_strength is 2"),
        ({"feather": 513}, "feather is 513"),
        ({"wrap": "yx"}, "wrap is 'yx'"),
        ({"hold": 1.5}, "hold is 1.5"),
        ({"palette_lock": 1}, "palette_lock is 1"),
        ({"alpha": "white"}, "alpha is 'white'"),
        ({"prompt": "a" * 2001}, "prompt has 2,001 characters"),
        ({"negative": 3}, "negative is 3"),
        ({"weight": 2.5}, "weight is 2.5"),
        ({"version": -1}, "version is -1"),
        ({"control": 1.6}, "control is 1.6"),
        ({"control_start": 0.8, "control_end": 0.2}, "control_start is 0.8"),
        ({"control_start": 0.5, "control_end": 0.5}, "control_start is 0.5"),
        ({"ip_adapter": "a" * 201}, "ip_adapter has 201 characters"),
        ({"method": "model", "model": "x"}, "regions are given \\(1\\), which model can't draw"),
        ({"reference": "../x"}, "reference is '../x'"),
        ({"reference_scale": -0.1}, "reference_scale is -0.1"),
        ({"style": "", "base": ""}, "style is '' and base ''"),
        ({"base": "pocket"}, "style is 'items' and base 'pocket'"),
        ({"adapters": (("a", 1, 1.0),) * 2}, "given twice"),
        ({"adapters": (("items", 1, 1.0),)}, "'items' is given twice"),
        ({"adapters": (("a", 0, 1.0),)}, "version of a is 0"),
        ({"adapters": (("a", 1, 3.0),)}, "strength of a is 3"),
        ({"adapters": tuple((f"a{k}", 1, 1.0) for k in range(5))}, "5 LoRAs"),
        ({"regions": (Region(0, 0, 201, 1),)}, "width of region 1 is 201"),
        ({"regions": (Region(200, 0, 1, 1),)}, "x of region 1 is 200"),
        ({"regions": (Region(0, 99, 1, 2),)}, "height of region 1 is 2"),
        ({"regions": (Region(0, 0, 1, 1, 1025),)}, "padding of region 1 is 1025"),
        ({"regions": (Region(0, 0, 1, 1),) * 65}, "65 regions"),
        ({"tiles": (TilePrompt("tile-1"),)}, "'tile-1' is no tile"),
        ({"tiles": (TilePrompt("main-1"),) * 2}, "given twice"),
        ({"tiles": (TilePrompt("main-1", seed=-3),)}, "seed is -3"),
        ({"tiles": (TilePrompt("main-1", locked=1),)}, "locked of main-1 is 1"),
    ],
)
def test_every_bound(changed: dict[str, Any], said: str) -> None:
    with pytest.raises(StudioError, match=said):
        check(replace(DRAWN, **changed), 100, 50)


def test_every_value_has_a_bound() -> None:
    bounded = {*all_settings._WHOLE, *all_settings._SHARES, *all_settings._TEXTS}
    bounded |= {*all_settings._CHOICES, *all_settings._SWITCHES}
    bounded |= {"overlap", "drawn", "seed", "reference", "adapters", "regions", "tiles"}
    assert bounded == {field.name for field in fields(Settings)}


def test_pixel_art_is_enlarged_by_whole_factors_alone() -> None:
    for method in ("nearest", "epx"):
        assert check(Settings(method, 200, 100), 100, 50).method == method
        with pytest.raises(StudioError, match="no whole number of times 100 x 60"):
            check(Settings(method, 200, 100), 100, 60)
    assert check(Settings("lanczos", 201, 100), 100, 60)


def test_a_model_needs_no_overlap_and_no_seam_pass() -> None:
    asked = Settings("model", 200, 100, tile=64, overlap=32, model="x", seam=True)
    found = check(asked, 100, 50)
    assert found == replace(asked, overlap=0, seam=False) == check(found, 100, 50)


def test_a_tile_may_be_as_small_as_the_practice_base_draws() -> None:
    assert check(replace(DRAWN, tile=32, overlap=16), 100, 50).tile == 32


def test_numbers_as_people_write_them_become_numbers() -> None:
    found = check(replace(DRAWN, width="200", tile="64", strength="0.5", seed="7"), 100, 50)
    assert (found.width, found.tile, found.strength, found.seed) == (200, 64, 0.5, 7)


def test_a_tile_gets_another_seed_and_keeps_its_words() -> None:
    found = all_settings.reseeded(DRAWN, {"main-2": 8, "main-1": 9})
    assert found.tiles == (
        TilePrompt("main-2", "a lamp", "fog", True, 8),
        TilePrompt("seam-1"),
        TilePrompt("main-1", seed=9),
    )

"""The job that says in words what each tile shows: none for what is dark, locked ones left out."""

import numpy as np
import pytest
from PIL import Image

from studio import context
from studio.errors import StudioError
from studio.generation import start_pictures
from studio.settings import load_settings
from studio.upscaling.settings import of_json
from studio.worker import submit
from studio.worker.kinds import describe_tiles
from studio.worker.kinds.describe_tiles import KIND
from studio.workflows import tile_captions
from tests.worker.kinds.step_by_step import NOW, Axe, Killed, begun, ran

SETTINGS = {"base": "pocket", "width": 128, "height": 128, "tile": 64, "overlap": 0}


@pytest.fixture
def studio(tmp_path) -> context.Studio:
    return context.open_studio(load_settings({}, home=str(tmp_path / "home")))


@pytest.fixture
def picture(studio) -> str:
    """Red with stripes at the left, black at the right."""
    pixels = np.zeros((64, 64, 4), np.uint8)
    pixels[..., 3] = 255
    pixels[:, :32, 0] = 200
    pixels[::2, :32, 0] = 120
    return start_pictures.keep_picture(studio.home, Image.fromarray(pixels, "RGBA"), by="ana")


def test_each_tile_gets_words_and_a_dark_one_none(studio, picture):
    given, wish = begun(studio, "describe_tiles", picture=picture, settings=SETTINGS)
    told = ran(KIND, given, wish)
    assert sorted(told["captions"]) == ["main-1", "main-2", "main-3", "main-4"]
    assert told["captions"]["main-2"] == told["captions"]["main-4"] == ""
    assert "red" in told["captions"]["main-1"] and told["model"] == "pocket-clip-v2"
    merged = tile_captions.merged(of_json(wish.settings), told["captions"])
    assert {one.key: one.prompt for one in merged.tiles} == told["captions"]


def test_locked_ones_and_all_but_those_named_are_left_out(studio, picture):
    locked = {"key": "main-1", "prompt": "my own", "locked": True}
    settings = {**SETTINGS, "tiles": [locked]}
    keys = ["main-1", "main-3"]
    asked = {"picture": picture, "settings": settings, "keys": keys}
    given, wish = begun(studio, "describe_tiles", **asked)
    assert sorted(ran(KIND, given, wish)["captions"]) == ["main-3"]
    merged = tile_captions.merged(of_json(wish.settings), {"main-1": "theirs", "main-3": "a wall"})
    assert {one.key: one.prompt for one in merged.tiles} == {"main-1": "my own", "main-3": "a wall"}


def test_cut_off_it_goes_on_with_the_rest(studio, picture, monkeypatch):
    monkeypatch.setattr(describe_tiles, "AT_ONCE", 1)
    given, wish = begun(studio, "describe_tiles", picture=picture, settings=SETTINGS)
    with monkeypatch.context() as patch:
        axe = Axe(2)
        axe.lay(patch, tile_captions, "crop")
        with pytest.raises(Killed):
            ran(KIND, given, wish)
    calls = []
    crop = tile_captions.crop
    monkeypatch.setattr(tile_captions, "crop", lambda *a: calls.append(1) or crop(*a))
    assert len(ran(KIND, given, wish)["captions"]) == 4 and len(calls) == 2


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ({"means": "magic"}, "can't describe"),
        ({"means": "vision"}, "no vision model"),
        ({"means": "endpoint"}, "no server"),
        ({"prompt": " "}, "empty"),
        ({"keys": ["main-99"]}, "no tiles"),
        ({"settings": {**SETTINGS, "method": "nearest"}}, "no tiles"),
    ],
)
def test_what_can_t_be_described_is_refused(studio, picture, asked, why):
    wish = {"picture": picture, "settings": SETTINGS, **asked}
    with pytest.raises(StudioError, match=why):
        submit.ask(studio, "describe_tiles", wish, asked_by="ana", now=NOW)


def test_a_tile_that_reaches_over_the_edge_goes_on_at_the_other_side():
    pixels = np.arange(8 * 8 * 4, dtype=np.uint8).reshape(8, 8, 4)
    box = describe_tiles.Tile("main-1", "main", 1, 0, 0, tile_captions.Box(12, 0, 8, 8)).box
    found = np.asarray(tile_captions.crop(Image.fromarray(pixels, "RGBA"), box, 16, 16))
    assert np.array_equal(found, pixels[:4][:, [6, 7, 0, 1]])

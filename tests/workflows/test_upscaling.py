"""What is asked of an enlarging, made whole before it is put in."""

import numpy as np
import pytest
from PIL import Image

from studio import context
from studio.errors import StudioError
from studio.generation import start_pictures
from studio.registry import stages, version_pins
from studio.settings import load_settings
from studio.upscaling import saved
from studio.workflows import upscale_sources, upscaling
from studio.workflows.upscaling import Size
from tests.furnished import bare_files
from tests.worker.kinds.step_by_step import NOW


@pytest.fixture
def studio(tmp_path) -> context.Studio:
    return context.open_studio(load_settings({}, home=str(tmp_path / "home")))


def source(studio, picture: Image.Image, name: str = "a well"):
    hash = start_pictures.keep_picture(studio.home, picture, by="ana")
    return upscale_sources.source(studio, hash, name)


@pytest.fixture
def sprite(studio):
    pixels = np.zeros((16, 24, 4), np.uint8)
    pixels[2:14, 2:22] = (200, 40, 30, 255)
    pixels[5:8, 5:9] = (20, 40, 130, 255)
    return source(studio, Image.fromarray(pixels, "RGBA"))


@pytest.fixture
def painted(studio):
    rgb = np.random.default_rng(2).integers(0, 256, (90, 60, 3), np.uint8)
    return source(studio, Image.fromarray(rgb, "RGB").convert("RGBA"))


def test_the_method_and_the_size_are_filled_in(studio, sprite, painted):
    found = upscaling.wanted(studio, sprite, {}, Size(factor=4)).settings
    assert (found.method, found.width, found.height) == ("nearest", 96, 64)
    broken = upscaling.wanted(studio, sprite, {}, Size(factor=1.5)).settings
    assert broken.method != "nearest"
    same = upscaling.wanted(studio, painted, {"method": "lanczos"}, Size()).settings
    assert (same.width, same.height) == (60, 90)
    long = upscaling.wanted(studio, painted, {"method": "lanczos"}, Size(long_side=256)).settings
    assert (long.width, long.height) == (171, 256)


def test_the_ip_adapter_of_a_reference_is_named_at_the_door(studio, painted, tmp_path):
    from studio.diffusion import control_intake
    from tests.diffusion import leads
    from tests.diffusion.conftest import make_base

    place = str(leads.ip_adapter(tmp_path / "looks", make_base("sd1").unet))
    hash = start_pictures.keep_picture(studio.home, leads.picture(), by="ana")
    given = {"method": "diffusion", "reference": hash}
    with pytest.raises(StudioError, match="takes no reference picture"):
        upscaling.wanted(studio, painted, given, Size(factor=2))
    for name in ("looks", "a-later-one"):
        about = {"kind": "reference", "family": "practice", "by": "ana", "now": NOW}
        control_intake.add(studio.home, name, place, **about)
        told = upscaling.wanted(studio, painted, given, Size(factor=2)).settings
        assert told.ip_adapter == name
        given = upscaling.as_json(told) | {"ip_adapter": ""}
    named = upscaling.as_json(told) | {"ip_adapter": "looks"}
    assert upscaling.wanted(studio, painted, named, Size()).settings.ip_adapter == "looks"


def test_what_was_filled_in_stays_when_it_is_asked_again(studio, painted):
    given = {"method": "diffusion", "prompt": "a well", "tiles": [{"key": "main-1", "seed": 3}]}
    first = upscaling.wanted(studio, painted, given, Size(factor=3))
    told = upscaling.as_json(first.settings)
    again = upscaling.wanted(studio, painted, told, Size())
    assert again.settings == first.settings and again.base == first.base == "pocket"
    assert (first.settings.tile, first.settings.overlap) == (32, 8)
    other = upscaling.wanted(studio, painted, given, Size(factor=3)).settings
    assert other.seed != first.settings.seed  # one in four billion


def test_tiles_are_drawn_with_other_seeds(studio, painted):
    given = {"method": "diffusion", "tiles": [{"key": "main-2", "prompt": "a wall"}]}
    found = upscaling.wanted(studio, painted, given, Size(factor=2), {"main-2": 9}).settings
    (tile,) = found.tiles
    assert (tile.key, tile.prompt, tile.seed) == ("main-2", "a wall", 9)
    with pytest.raises(StudioError, match="no tile 'main-99'"):
        upscaling.wanted(studio, painted, given, Size(factor=2), {"main-99": 1})


def test_the_estimate_counts_tiles_and_says_what_it_does_not_know(studio, painted):
    given = {"method": "diffusion", "tile": 64, "overlap": 0}
    asked = upscaling.wanted(studio, painted, given, Size(factor=4))
    found = upscaling.estimate(studio, asked, NOW)
    assert found.tiles == len(upscaling.tiles_of(asked.settings)) == 4 * 6
    assert found.seconds is None and not found.measured


@pytest.mark.slow
def test_the_plain_way_is_said_to_be_better_for_pixel_art(studio, sprite, painted):
    for method in ("lanczos", "diffusion"):
        asked = upscaling.wanted(studio, sprite, {"method": method}, Size(factor=4))
        assert any("nearest keeps every pixel" in one for one in upscaling.notes(asked))
    asked = upscaling.wanted(studio, painted, {"method": "lanczos"}, Size(factor=4))
    assert upscaling.notes(asked) == []


def test_a_prompt_beyond_the_context_is_told(studio, painted):
    given = {"method": "diffusion", "prompt": "a red potion with a cork " * 12}
    asked = upscaling.wanted(studio, painted, given, Size(factor=2))
    assert any("encoded in" in one for one in upscaling.notes(asked))


def test_saved_settings_are_those_of_any_picture(studio):
    saved.save(studio.engine, "look", {"hold": 0.5, "width": 9}, by="ana", now=NOW)
    assert upscaling.kept_settings(studio, "look") == {"hold": 0.5}
    with pytest.raises(StudioError, match="There is no setting 'glow'"):
        upscaling.check_names({"glow": 1})


def test_a_lora_needs_a_style_and_has_to_be_there(studio, painted):
    given = {"method": "diffusion", "adapters": [["props", 1, 0.5]]}
    with pytest.raises(StudioError, match="need a style"):
        upscaling.wanted(studio, painted, given, Size())


def test_a_persons_own_version_counts_where_none_is_named(studio, tmp_path):
    studio.client.create_registered_model("props")
    tags = {"base": "/pocket", "base_name": "pocket", "trigger_word": "<Props>"}
    for _ in range(2):
        studio.client.create_model_version("props", bare_files(tmp_path / "bare"), tags=tags)
    moved = {"to": "production", "actor": "ana", "why": "first", "now": NOW}
    stages.promote(studio.engine, studio.client, style="props", number=1, **moved)
    version_pins.pin(studio.engine, "props", "ana", "", 2, why="sharper", now=NOW)
    given = {"style": "props", "hold": 0.5}
    assert upscaling.pinned(studio, given, "ana") == {**given, "version": 2}
    assert upscaling.pinned(studio, given, "bo")["version"] == 1
    assert upscaling.pinned(studio, {**given, "version": 1}, "ana")["version"] == 1
    assert upscaling.pinned(studio, {"hold": 1}, "ana") == {"hold": 1}
    with pytest.raises(StudioError, match="no name for a style"):
        upscaling.pinned(studio, {"style": "../x"}, "ana")


def test_a_size_of_two_factors_is_not_left_to_whole_pixels(studio, sprite):
    found = upscaling.wanted(studio, sprite, {}, Size(size=(48, 48))).settings
    assert found.method not in ("nearest", "epx")


def test_what_is_no_list_of_loras_is_named(studio, painted):
    given = {"method": "diffusion", "adapters": 5, "prompt": "a well"}
    with pytest.raises(StudioError, match="adapters is 5"):
        upscaling.wanted(studio, painted, given, Size())


def test_the_pictures_of_a_folder_are_its_own(studio, tmp_path):
    folder = tmp_path / "art"
    (folder / "within").mkdir(parents=True)
    for name in ("b.png", "a.png", ".hidden.png", "within/c.png"):
        Image.new("RGB", (4, 4)).save(folder / name)
    (folder / "notes.txt").write_text("x")
    assert [file.name for file in upscale_sources.files_in(folder)] == ["a.png", "b.png"]
    with pytest.raises(StudioError, match="holds no picture"):
        upscale_sources.files_in(tmp_path)
    found = upscale_sources.bring(studio, folder / "a.png")
    assert (found.about, found.width, found.asset) == ("a", 4, None)

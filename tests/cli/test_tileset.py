"""`tileset`: two files in, an engine's files out; a kept set again, with a quarter painted over."""

import json

import pytest
from PIL import Image

from studio.cli.main import main
from tests.tiles.drawn import GRASS, WATER, texture


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("STUDIO_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("STUDIO_USER", "ana")
    texture(GRASS, 16, 1).save(tmp_path / "grass.png")
    texture(WATER, 16, 2).save(tmp_path / "water.png")
    return tmp_path


def _call(folder, *words):
    return main(["tileset", *words, "--out", str(folder / "out"), "--json"])


@pytest.mark.slow
def test_a_set_is_made_exported_and_fixed(folder, capsys):
    both = ["--inner", str(folder / "grass.png"), "--outer", str(folder / "water.png")]
    asked = [*both, "--size", "16", "--set", "blob", "--seed", "4", "--format", "tiled,godot"]
    assert _call(folder, *asked) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["tiles"] == 144 and told["schema"] == 1
    names = {file.name for file in (folder / "out").iterdir()}
    assert names == {
        "grass_on_water_blob.png",
        "grass_on_water_blob.tsx",
        "grass_on_water_blob_sample.tmx",
        "grass_on_water_blob.tres",
    }
    assert Image.open(folder / "out" / "grass_on_water_blob.png").size == (8 * 16, 18 * 16)
    Image.new("RGBA", (8, 8), "red").save(folder / "red.png")
    fix = f"nw-convex-1={folder / 'red.png'}"
    assert _call(folder, "--of", told["id"], "--fix", fix, "--format", "sheet") == 0
    again = json.loads(capsys.readouterr().out)
    assert again["id"] != told["id"]
    sheet = Image.open(folder / "out" / "grass_on_water_blob.png")
    assert sheet.getpixel((19, 3)) == (255, 0, 0, 255)  # of the single tile's first quarter


@pytest.mark.parametrize(
    "words, said",
    [
        (["--inner", "nobody"], "'nobody'"),
        (["--inner", "grass.png"], "no such file"),
        ([], "inner terrain is missing"),
        (["--of", "x", "--inner", "y"], "--of names a set"),
        (["--of", "x", "--format", "unity"], "'unity'"),
    ],
)
def test_what_is_wrong_is_named(folder, capsys, words, said):
    assert _call(folder, *words) == 2
    assert said in json.loads(capsys.readouterr().out)["error"]

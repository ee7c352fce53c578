"""A prop's files and its asset: what is written, where it lies, and what is said."""

from __future__ import annotations

import json

import numpy as np
import pytest
from PIL import Image

from studio.assets import files, records
from studio.database import engine as db
from studio.errors import StudioError
from studio.generation.lists import as_png
from studio.props import glb
from studio.props.model import Material, Model, Part, Texture
from studio.workflows import prop_files
from studio.workflows.prop_files import About
from tests.worker.kinds.step_by_step import NOW


@pytest.fixture
def engine(tmp_path, either_database):
    engine = db.open_database(tmp_path)
    yield engine
    engine.dispose()


def quad(normal: bool = False) -> Model:
    """A square of 2 m, its feet at 0, with a texture of four pixels."""
    corners = np.array([[-1, 0, 0], [1, 0, 0], [1, 2, 0], [-1, 2, 0]], np.float32)
    uv = np.array([[0, 1], [1, 1], [1, 0], [0, 0]], np.float32)
    front = np.tile(np.array([0, 0, 1], np.float32), (4, 1))
    triangles = np.array([[0, 1, 2], [0, 2, 3]], np.uint32)
    colour = Texture(as_png(Image.new("RGBA", (2, 2), "red")), True)
    bumps = (
        Texture(as_png(Image.new("RGBA", (2, 2), (128, 128, 255, 255))), True) if normal else None
    )
    material = Material("sign", colour, double_sided=True, normal=bumps)
    return Model((Part(corners, front, uv, triangles, material),), "sign")


def about(**more) -> About:
    given = {"key": "props/job-1/1", "name": " A\nsign ", "method": "card", "made_by": "prop"}
    return About(**{**given, "settings": {"depth": 0.1}, **more})


def written(folder, model=None, **more) -> prop_files.Written:
    model = model or quad()
    return prop_files.write(folder, model, glb.write(model, extras={}), **more)


def test_what_is_written_can_be_told_in_json(tmp_path):
    made = written(tmp_path, normal=Image.new("RGBA", (4, 4), (128, 128, 255, 255)))
    assert set(made.files) == set(prop_files.ROLES)
    assert prop_files.of_json(json.loads(json.dumps(made.as_json()))) == made
    for name, content in made.files.values():
        assert files.read(tmp_path / name) == content
    assert made.hashes == {name: content.hash for name, content in made.files.values()}
    figures = made.figures
    assert (figures["triangles"], figures["closed"], figures["open_edges"]) == (2, False, 4)
    assert (figures["width_m"], figures["height_m"], figures["depth_m"]) == (2, 2, 0)
    assert figures["bytes"] == made.files["model"][1].bytes
    with Image.open(tmp_path / "poster.webp") as poster:
        assert poster.format == "WEBP" and poster.size == (512, 512)


def test_a_model_s_own_normal_map_is_its_normal_map(tmp_path):
    assert "normal" not in written(tmp_path / "plain").files
    made = written(tmp_path / "bumpy", quad(normal=True))
    assert (made.files["normal"][0], made.files["texture"][0]) == ("normal.png", "texture.png")


def test_a_model_without_a_triangle_is_refused(tmp_path):
    with pytest.raises(StudioError, match="no triangle"):
        prop_files.write(tmp_path, Model(()), b"")
    assert list(tmp_path.iterdir()) == []


def test_files_are_put_away_by_their_hashes_and_once(tmp_path):
    made, home = written(tmp_path / "work"), tmp_path / "home"
    places = prop_files.put_away(home, tmp_path / "work", made)
    for path, content in places.values():
        assert files.read(path) == content and path.stem == content.hash
        assert path.parent.parent == home / "props"
    times = {path: path.stat().st_ino for path, _ in places.values()}
    assert prop_files.put_away(home, tmp_path / "work", made) == places
    assert {path: path.stat().st_ino for path in times} == times


def test_an_asset_says_all_of_it_and_is_there_once(engine, tmp_path):
    made = written(tmp_path / "work")
    places = prop_files.put_away(tmp_path, tmp_path / "work", made)
    more = {"remarks": ["Flat.", "Flat."], "style": "signs", "version": 2, "seed": 5}
    told = about(prompt="a red sign", more={"cost": {"micros": 9, "currency": "EUR"}}, **more)
    new = prop_files.new(told, places, made.figures)
    (id,) = records.put(engine, [new], by="ana", now=NOW)
    assert records.put(engine, [new], by="bo", now=NOW) == [id]
    asset = prop_files.get(engine, id)
    assert (asset.name, asset.category, asset.style, asset.seed) == ("A sign", "card", "signs", 5)
    assert asset.recipe["figures"] == made.figures and asset.recipe["remarks"] == ["Flat."]
    assert asset.recipe["cost"] == {"micros": 9, "currency": "EUR"}
    assert "a red sign" in asset.text and "a sign" in asset.text and "card" in asset.text
    kept = prop_files.file_of(engine, id, "model")
    assert tmp_path / kept.path == places["model"][0] and kept.content == places["model"][1]
    with pytest.raises(StudioError, match="has no 'normal'"):
        prop_files.file_of(engine, id, "normal")
    with pytest.raises(StudioError, match="no asset 'gone'"):
        prop_files.get(engine, "gone")


def test_a_name_is_one_line_of_words():
    assert prop_files.called("  a\n b\t") == "a b"
    assert prop_files.called("x" * 99) == "x" * 60
    assert prop_files.called(" ") == "prop"

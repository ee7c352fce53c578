"""Props as files to keep: each form, the manifest with its licence, and what a prop has not."""

from __future__ import annotations

import io
import json
import zipfile

import numpy as np
import pytest
from PIL import Image

from studio import context
from studio.assets import records
from studio.errors import StudioError
from studio.props import glb
from studio.settings import load_settings
from studio.worker.kinds.prop import KIND
from studio.workflows import prop_exports, prop_files
from tests.prop_pictures import kept, sprite
from tests.worker.kinds.step_by_step import NOW, begun, ran
from tests.workflows.test_prop_files import about, quad, written


@pytest.fixture
def studio(tmp_path) -> context.Studio:
    return context.open_studio(load_settings({}, home=str(tmp_path / "home")))


@pytest.fixture
def prop(studio) -> str:
    id = kept(studio, sprite(), "Arrow of fire!")
    given, wish = begun(studio, "prop", pictures=[id], settings={"method": "card"})
    return str(ran(KIND, given, wish)["props"][0])


def put(studio, **more) -> str:
    """A prop that has a model and a poster alone."""
    folder = studio.home / "made-up"
    model = quad()
    made = written(folder, model)
    there = prop_files.put_away(studio.home, folder, made)
    few = {role: there[role] for role in ("model", "poster")}
    new = prop_files.new(about(**more), few, made.figures)
    return records.put(studio.engine, [new], by="ana", now=NOW)[0]


def opened(made) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(made.data)).convert("RGBA"))


def test_every_form_can_be_had(studio, prop):
    assert prop_exports.forms_of(studio.engine, prop) == tuple(prop_exports.FORMS)
    made = {form: prop_exports.download(studio, prop, form) for form in prop_exports.FORMS}
    assert {form: one.name for form, one in made.items()} == {
        "glb": "Arrow_of_fire.glb",
        "obj": "Arrow_of_fire-obj.zip",
        "png": "Arrow_of_fire.png",
        "texture": "Arrow_of_fire-texture.png",
        "normals": "Arrow_of_fire-normals.png",
        "normals-down": "Arrow_of_fire-normals-down.png",
        "manifest": "Arrow_of_fire.json",
        "zip": "Arrow_of_fire.zip",
    }
    assert glb.read(made["glb"].data).triangle_count > 4
    assert made["glb"].media_type == "model/gltf-binary"
    with zipfile.ZipFile(io.BytesIO(made["obj"].data)) as archive:
        assert {name.rpartition(".")[2] for name in archive.namelist()} == {"obj", "mtl", "png"}
    with zipfile.ZipFile(io.BytesIO(made["zip"].data)) as archive:
        assert archive.namelist() == [one.name for form, one in made.items() if form != "zip"]
        assert archive.read("Arrow_of_fire.glb") == made["glb"].data
    assert prop_exports.download(studio, prop, "zip") == made["zip"]


def test_normal_maps_come_with_green_up_and_down(studio, prop):
    up, down = (opened(prop_exports.download(studio, prop, n)) for n in ("normals", "normals-down"))
    assert np.array_equal(up[..., (0, 2, 3)], down[..., (0, 2, 3)])
    green = up[..., 1]  # 128 leans neither way
    assert np.array_equal(np.where(green == 128, 128, 255 - green), down[..., 1])
    id = kept(studio, sprite(), "other")
    settings = {"method": "card", "normal_y": "down"}
    given, wish = begun(studio, "prop", pictures=[id], settings=settings)
    (other,) = ran(KIND, given, wish)["props"]
    for form, same in (("normals-down", down), ("normals", up)):  # but for how it is rounded
        made = opened(prop_exports.download(studio, other, form))
        assert np.abs(made.astype(int) - same).max() <= 1


def test_the_manifest_says_where_it_comes_from(studio, prop):
    told = json.loads(prop_exports.download(studio, prop, "manifest").data)
    assert told == prop_exports.manifest(studio, prop)
    assert (told["schema"], told["id"], told["style"], told["version"]) == (1, prop, "props", 3)
    assert (told["seed"], told["by"], told["method"]) == (7, "ana", "card")
    assert told["recipe"]["settings"]["method"] == "card"
    assert told["licence"] == {
        "base": "pocket",
        "base_licence": "CC0-1.0",
        "model_licence": "",
        "commercial": True,
    }
    model = prop_files.file_of(studio.engine, prop, "model")
    assert told["files"]["model"]["sha256"] == model.content.hash


@pytest.mark.parametrize(
    ("more", "commercial"),
    [
        ({}, None),  # a picture that was brought
        ({"base": "pocket"}, True),
        ({"base": "somebody/else"}, None),
        ({"base": "pocket", "licence": "MIT"}, True),
        ({"base": "pocket", "licence": "cc-by-nc-4.0"}, False),
        ({"base": "pocket", "provider": "meshy"}, None),
    ],
)
def test_what_nobody_knows_of_a_licence_is_not_said(studio, more, commercial):
    asset = prop_files.get(studio.engine, put(studio, more=more))
    assert prop_exports.licence_of(asset)["commercial"] is commercial


def test_what_a_prop_has_not_is_not_offered(studio):
    id = put(studio)
    assert prop_exports.forms_of(studio.engine, id) == ("glb", "obj", "png", "manifest", "zip")
    with pytest.raises(StudioError, match="has no normal"):
        prop_exports.download(studio, id, "normals-down")
    with pytest.raises(StudioError, match="no form 'fbx'"):
        prop_exports.download(studio, id, "fbx")
    with pytest.raises(StudioError, match="is no prop but a picture"):
        prop_exports.download(studio, kept(studio, sprite()), "glb")


def test_several_are_one_zip_with_a_folder_each(studio, prop):
    other = put(studio, key="props/elsewhere/1")
    made = prop_exports.zipped(studio, [prop, other, prop])
    with zipfile.ZipFile(io.BytesIO(made.data)) as archive:
        folders = {name.partition("/")[0] for name in archive.namelist()}
    assert folders == {f"Arrow_of_fire-{prop[:6]}", f"A_sign-{other[:6]}"}
    for ids in ([], [f"{number}" for number in range(201)]):
        with pytest.raises(StudioError, match="props are named"):
            prop_exports.zipped(studio, ids)

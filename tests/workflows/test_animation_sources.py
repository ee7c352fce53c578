"""Animations that somebody brings: what a JSON names, and several files as one."""

import json

import pytest

from studio.errors import StudioError
from studio.sheets import packing
from studio.sheets.formats import aseprite_json
from studio.sheets.packing import Packing
from studio.workflows import animation_sources
from tests.sheets.drawn import same, walk, with_normals


@pytest.mark.parametrize(
    ("meta", "named"),
    [
        ({"image": "hero.png"}, ("hero.png", "")),
        (
            {"image": "C:\\art\\hero.png", "normalMap": "../art/hero-n.png"},
            ("hero.png", "hero-n.png"),
        ),
        ({}, ("walk.png", "")),
        ({"image": None, "normalMap": 3}, ("walk.png", "3")),
    ],
)
def test_the_pictures_that_a_json_names_are_known_without_their_folders(meta, named):
    data = json.dumps({"frames": [{}], "meta": meta}).encode()
    assert animation_sources.pictures_of(data, "art/walk.json") == named


def test_what_is_no_sheet_s_json_is_named():
    with pytest.raises(StudioError, match="walk.json: this is no JSON"):
        animation_sources.pictures_of(b"{", "walk.json")


def test_a_json_is_opened_with_its_normal_sheet():
    made = with_normals(walk("hero"))
    placed = packing.pack(made, Packing())
    text = aseprite_json.write(made, placed, "hero.png", "hash", "hero-normal.png").encode()
    found, remarks = animation_sources.opened(text, "hero.json", placed.image, placed.normals)
    assert same(found, made) and len(found.normals) == 4 and remarks == ()


def test_two_animations_are_one_with_the_tags_and_slices_of_both():
    first = {"name": "walk", "frames": [{"picture": "a"}, {"picture": "b"}], "pivot": [1.0, 2.0]}
    second = {
        "name": "hit",
        "frames": [{"picture": "c"}],
        "tags": [{"name": "hit", "first": 0, "last": 0}],
        "slices": [{"name": "hand", "box": [0, 0, 2, 2]}],
        "pivot": [9.0, 9.0],
    }
    found = animation_sources.joined(first, second)
    assert [one["picture"] for one in found["frames"]] == ["a", "b", "c"]
    assert found["tags"] == [{"name": "hit", "first": 2, "last": 2}]
    assert found["slices"] == [{"name": "hand", "box": [0, 0, 2, 2], "frame": 2}]
    assert (found["name"], found["pivot"]) == ("walk", [1.0, 2.0])

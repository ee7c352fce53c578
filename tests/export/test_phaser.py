"""Phaser's animations last as long as the sheet says."""

import json

import pytest

from studio.export import phaser
from studio.export.building import Place, build
from studio.export.profiles import Profile
from tests.export.drawn import picture, sheet, walk

PHASER = Profile(engine="phaser")


def test_animations_last_as_long_as_the_sheet_says():
    told = json.loads(build(sheet(), "heroes/ana", PHASER, Place()).files["heroes/ana.anims.json"])
    walking, hit = told["anims"]
    assert (walking["key"], walking["repeat"], hit["repeat"]) == ("ana_walk", -1, 0)
    assert [one["duration"] for one in walking["frames"]] == [83, 83, 166, 83]
    assert 1000 / walking["frameRate"] == pytest.approx(83)
    shown = [(one["key"], one["frame"]) for one in walking["frames"]]
    assert shown == [("ana", f"ana_{number:02d}") for number in (0, 1, 2, 1)]


def test_without_tags_all_frames_are_one():
    (one,) = json.loads(phaser.animations(type(walk())(16, 12, walk().regions), "ana"))["anims"]
    assert one["key"] == "ana_default" and len(one["frames"]) == 3


def test_a_picture_is_a_file_alone():
    assert set(build(picture(), "gem", PHASER, Place()).files) == {"gem.png"}

"""Phaser and Pixi: the hash puts each frame where it was; times and pivots are the sheet's."""

import json

import numpy as np

from studio.export import pieces
from studio.export.building import Place, build
from studio.export.profiles import Profile
from tests.export.drawn import picture, sheet

PHASER = Profile(engine="phaser")


def test_each_frame_is_rebuilt_from_the_hash():
    whole = sheet()
    files = build(whole, "heroes/ana", PHASER, Place()).files
    ends = (".png", "_n.png", ".json", ".anims.json")
    assert set(files) == {f"heroes/ana{end}" for end in ends}
    told = json.loads(files["heroes/ana.json"])
    assert told["meta"]["image"] == "ana.png" and told["meta"]["size"] == {"w": 40, "h": 16}
    assert told["meta"]["normalMap"] == "ana_n.png"
    alone = pieces.singly(whole)
    for (name, frame), one in zip(told["frames"].items(), alone, strict=True):
        assert name.startswith("ana_") and not frame["rotated"]
        x, y, w, h = frame["frame"].values()
        canvas = np.zeros((frame["sourceSize"]["h"], frame["sourceSize"]["w"], 4), np.uint8)
        left, top = frame["spriteSourceSize"]["x"], frame["spriteSourceSize"]["y"]
        canvas[top : top + h, left : left + w] = np.asarray(whole.image)[y : y + h, x : x + w]
        assert np.array_equal(canvas, np.asarray(one.image))
        assert frame["pivot"] == {"x": 0.5, "y": 11 / 12}
    assert [one["duration"] for one in told["frames"].values()] == [83, 83, 166]
    assert [one["trimmed"] for one in told["frames"].values()] == [False, True, False]
    assert told["animations"]["walk"] == ["ana_00", "ana_01", "ana_02", "ana_01"]


def test_animations_last_as_long_as_the_sheet_says():
    told = json.loads(build(sheet(), "ana", PHASER, Place()).files["ana.anims.json"])
    walk, hit = told["anims"]
    assert (walk["key"], walk["repeat"], hit["repeat"]) == ("walk", -1, 0)
    lasts = [1000 / walk["frameRate"] + one.get("duration", 0) for one in walk["frames"]]
    assert np.allclose(lasts, [83, 83, 166, 83]) and walk["frames"][0]["key"] == "ana"


def test_a_picture_is_a_file_alone():
    assert set(build(picture(), "gem", PHASER, Place()).files) == {"gem.png"}

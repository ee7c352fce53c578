"""JSON beside a sheet: Aseprite's as hash and array, TexturePacker's, ours there and back, others'
read, and what is refused by name."""

import json

import pytest

from studio.errors import StudioError
from studio.sheets import packing, sheet
from studio.sheets.formats import aseprite_json, texturepacker
from studio.sheets.packing import Packing
from tests.sheets.drawn import noise, same, walk, with_normals


@pytest.mark.parametrize("how", [Packing(), Packing(way="grid", trim=False, merge=False)])
@pytest.mark.parametrize("form", ["hash", "array", "texturepacker"])
def test_every_frame_and_all_that_is_said_comes_back(form, how):
    made = with_normals(walk())
    placed = packing.pack(made, how)
    if form == "texturepacker":
        text = texturepacker.write(made, placed, "walk.png", "walk-normal.png")
        back = texturepacker.read(text, placed.image, "walk.json", placed.normals)
    else:
        text = aseprite_json.write(made, placed, "walk.png", form, "walk-normal.png")
        back = aseprite_json.read(text, placed.image, "walk.json", placed.normals)
    assert same(back, made) and sheet.to_json(back) == sheet.to_json(made)
    meta = json.loads(text)["meta"]
    assert meta["size"] == {"w": placed.image.width, "h": placed.image.height}
    assert (meta["image"], meta["normalMap"]) == ("walk.png", "walk-normal.png")


def test_83_ms_stay_83_and_the_pivot_is_on_its_pixel():
    made = walk()
    placed = packing.pack(made, Packing())
    told = json.loads(aseprite_json.write(made, placed, "walk.png"))
    assert [one["duration"] for one in told["frames"].values()] == [83, 84, 85, 86]
    pivot = next(one for one in told["meta"]["slices"] if one["name"] == "pivot")
    assert pivot["keys"][0]["pivot"] == {"x": 11, "y": 30}
    atlas = json.loads(texturepacker.write(made, placed, "walk.png"))
    for one in atlas["frames"].values():
        assert one["pivot"] == one["anchor"]
        assert (one["pivot"]["x"] * 24, one["pivot"]["y"] * 32) == (11.5, 30.0)


def test_animations_of_an_atlas_are_played_in_their_direction():
    made = walk()
    told = json.loads(texturepacker.write(made, packing.pack(made, Packing()), "walk.png"))
    assert told["animations"]["there and back"] == ["step 1", "step 2", "step 3", "step 2"]
    assert told["animations"]["walk"] == [f"step {number}" for number in range(4)]


def _others(**more):
    """As another program wrote it: one frame, trimmed, without anything of ours."""
    frame = {
        "filename": "a 0.aseprite",
        "frame": {"x": 1, "y": 2, "w": 4, "h": 3},
        "rotated": False,
        "trimmed": True,
        "spriteSourceSize": {"x": 2, "y": 5, "w": 4, "h": 3},
        "sourceSize": {"w": 8, "h": 9},
        "duration": 120,
        **more,
    }
    tags = [{"name": "idle", "from": 0, "to": 0, "direction": "pingpong", "repeat": "3"}]
    return {"frames": [frame], "meta": {"frameTags": tags, "slices": []}}


def test_files_of_other_programs_are_read():
    picture = noise(8, 8, 1)
    found = aseprite_json.read(json.dumps(_others()), picture, "hero.json")
    assert (found.name, found.width, found.height, found.pivot) == ("hero", 8, 9, (4.0, 9.0))
    (frame,) = found.frames
    assert (frame.duration_ms, frame.name) == (120, "a 0.aseprite")
    assert frame.image.crop((2, 5, 6, 8)).tobytes() == picture.crop((1, 2, 5, 5)).tobytes()
    (tag,) = found.tags
    assert (tag.name, tag.direction, tag.repeat) == ("idle", "pingpong", 2)  # there, back, there
    plain = {"a.png": _others(pivot={"x": 0.5, "y": 1.0})["frames"][0]}
    atlas = texturepacker.read(json.dumps({"frames": plain}), picture, "hero.json")
    assert atlas.pivot == (4.0, 9.0) and atlas.frames[0].name == "a.png"


@pytest.mark.parametrize(
    ("told", "says"),
    [
        ("{", "this is no JSON"),
        ("[]", "describes no sheet"),
        ({"frames": {}}, "0 frames"),
        (_others(rotated=True), "'a 0.aseprite' is turned"),
        (_others(frame={"x": 6, "y": 2, "w": 4, "h": 3}), "is not on the sheet of 8 x 8"),
        (_others(frame={"x": 6}), "can't be read"),
        (_others(frame={"x": float("inf"), "y": 0, "w": 1, "h": 1}), "can't be read"),
        (_others(spriteSourceSize={"x": 10**30, "y": 0}), "of its canvas"),
        ({**_others(), "meta": {"housestyle": {"pivot": [1]}}}, "tags or slices can't be read"),
        (_others(duration=70_000), "lasts 70000 ms"),
        (_others(duration=0), "lasts 0 ms"),
        ({"frames": ["a"]}, "'a' is no frame"),
    ],
)
def test_what_can_t_be_read_is_named(told, says):
    text = told if isinstance(told, str) else json.dumps(told)
    with pytest.raises(StudioError, match=says) as error:
        aseprite_json.read(text, noise(8, 8, 1), "hero.json")
    assert error.value.message.startswith("hero.json") and error.value.remedy


def test_frames_of_two_canvases_and_a_normal_sheet_of_another_size_are_refused():
    told = _others()
    told["frames"].append({**told["frames"][0], "sourceSize": {"w": 9, "h": 9}})
    with pytest.raises(StudioError, match="frames of 8 x 9 and of 9 x 9"):
        aseprite_json.read(json.dumps(told), noise(8, 8, 1), "hero.json")
    with pytest.raises(StudioError, match="normal sheet is 4 x 4, the sheet 8 x 8"):
        aseprite_json.read(json.dumps(_others()), noise(8, 8, 1), "hero.json", noise(4, 4, 1))


def test_more_than_there_is_room_for_is_refused_before_it_is_made():
    told = _others(sourceSize={"w": 4_096, "h": 4_096})
    told["frames"] *= 16
    with pytest.raises(StudioError, match="16 frames of 4,096 x 4,096 are too many pixels"):
        aseprite_json.read(json.dumps(told), noise(8, 8, 1), "hero.json")


def test_inner_padding_is_no_part_of_the_picture():
    source = {"x": 2, "y": 5, "w": 4, "h": 3}
    told = _others(frame={"x": 0, "y": 1, "w": 6, "h": 5}, spriteSourceSize=source)
    picture = noise(8, 8, 1)
    (frame,) = aseprite_json.read(json.dumps(told), picture, "hero.json").frames
    assert frame.image.crop((2, 5, 6, 8)).tobytes() == picture.crop((1, 2, 5, 5)).tobytes()


def test_a_pivot_that_is_no_number_is_named():
    told = {"frames": {"a.png": _others(pivot={"x": 10**400, "y": 1})["frames"][0]}}
    with pytest.raises(StudioError, match="can't be read"):
        texturepacker.read(json.dumps(told), noise(8, 8, 1), "hero.json")

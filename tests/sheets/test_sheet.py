"""Animations: what they may be, what is refused by name, JSON there and back."""

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from studio.errors import StudioError
from studio.sheets import sheet
from studio.sheets.sheet import FLAT, Animation, Frame, Slice, Tag
from tests.sheets.drawn import noise, same, walk, with_normals


def test_all_but_the_pixels_is_plain_json_there_and_back():
    made = with_normals(walk())
    told = sheet.to_json(made)
    pictures = [frame.image for frame in made.frames]
    back = sheet.of_json(told, pictures, made.normals)
    assert sheet.to_json(back) == told and same(back, made)
    assert (back.tags, back.slices, back.pivot) == (made.tags, made.slices, made.pivot)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"frames": ()}, "has no frame"),
        ({"frames": (Frame(noise(8, 8, 1)),)}, "Frame 1 is 8 x 8, the canvas 24 x 32"),
        ({"tags": (Tag("run", 2, 4),)}, "goes from frame 2 to 4"),
        ({"tags": (Tag("run", 2, 1),)}, "goes from frame 2 to 1"),
        ({"tags": (Tag("run", 0, 1, "sideways"),)}, "'sideways'"),
        ({"tags": (Tag(" ", 0, 1),)}, "no name of a tag"),
        ({"slices": (Slice("box", (0, 0, 0, 4)),)}, "has the box 0, 0, 0, 4"),
        ({"slices": (Slice("box", (0, 0, 4, 4), (2, 0, 2, 0)),)}, "has the borders"),
        ({"slices": (Slice("box", (0, 0, 4, 4), frame=9),)}, "begins at frame 9"),
        ({"slices": (Slice("pivot", (0, 0, 4, 4)),)}, "No slice may be called 'pivot'"),
        ({"slices": (Slice("box", (0, 0, 4, 4), pivot=(9_000, 0)),)}, "has the pivot 9000, 0"),
        ({"palette": ("red",)}, "'red' is not a colour"),
        ({"normals": (noise(24, 32, 1),)}, "1 normal maps for 4 frames"),
        ({"pivot": (float("nan"), 0.0)}, "pivot is nan"),
    ],
)
def test_what_can_t_be_is_named(change, says):
    with pytest.raises(StudioError, match=says) as told:
        sheet.check(replace(walk(), **change))
    assert told.value.remedy


@pytest.mark.parametrize("ms", [0, 70_000, -1, 1.5])
def test_a_duration_that_no_format_holds_is_named_with_its_frame(ms):
    made = walk()
    frames = (made.frames[0], replace(made.frames[1], duration_ms=ms), *made.frames[2:])
    with pytest.raises(StudioError, match=f"Frame 2 lasts {ms} ms"):
        sheet.check(replace(made, frames=frames))


def test_colours_of_what_is_transparent_are_dropped():
    pixels = np.full((4, 4, 4), 9, np.uint8)
    pixels[..., 3] = [0, 255, 0, 1]
    picture = Image.fromarray(pixels, "RGBA")
    made = sheet.check(Animation("a", 4, 4, (Frame(picture),), normals=(picture,)))
    drawn, normals = np.asarray(made.frames[0].image), np.asarray(made.normals[0])
    assert (drawn[:, [0, 2]] == 0).all() and (drawn[:, [1, 3], :3] == 9).all()
    assert (normals[:, 0] == FLAT).all()


def test_pictures_of_several_sizes_are_padded_with_their_feet_together():
    small, large = Image.new("RGBA", (4, 6), "red"), Image.new("RGBA", (8, 10), "blue")
    first, second = sheet.padded([small, large])
    assert first.size == second.size == (8, 10)
    assert first.getbbox() == (2, 4, 6, 10) and second.getbbox() == (0, 0, 8, 10)
    (middle, _) = sheet.padded([small, large], anchor=(0.5, 0.5))
    assert middle.getbbox() == (2, 2, 6, 8)


@pytest.mark.parametrize(
    ("direction", "order"),
    [
        ("forward", [1, 2, 3]),
        ("reverse", [3, 2, 1]),
        ("pingpong", [1, 2, 3, 2]),
        ("pingpong_reverse", [3, 2, 1, 2]),
    ],
)
def test_a_tag_is_played_in_its_direction(direction, order):
    assert sheet.order(Tag("walk", 1, 3, direction)) == order


def test_a_tag_of_two_and_of_one_show_no_end_twice():
    assert sheet.order(Tag("two", 0, 1, "pingpong")) == [0, 1]
    assert sheet.order(Tag("one", 2, 2, "pingpong")) == [2]


def test_frames_without_names_of_their_own_are_numbered():
    made = walk()
    assert sheet.frame_names(made) == ["step 0", "step 1", "step 2", "step 3"]
    alike = replace(made, frames=tuple(replace(one, name="Step") for one in made.frames))
    assert sheet.frame_names(alike) == ["walk_00", "walk_01", "walk_02", "walk_03"]


@pytest.mark.parametrize(
    ("told", "says"),
    [
        ({"name": "a", "first": 0}, "A tag has no 'last'"),
        ({"name": "a", "first": 0, "last": 1, "colour": "red"}, "A tag has no 'colour'"),
        (["a"], "is no tag"),
    ],
)
def test_tags_of_json_are_read_or_named(told, says):
    with pytest.raises(StudioError, match=says):
        sheet.tag_of(told)


def test_room_is_asked_for_before_frames_are_made():
    sheet.check_room(4_096, 4_096, 15)
    with pytest.raises(StudioError, match="16 frames of 4,096 x 4,096 are too many pixels"):
        sheet.check_room(4_096, 4_096, 16)
    with pytest.raises(StudioError, match="The canvas is 4,097 x 1"):
        sheet.check_room(4_097, 1, 1)


def test_of_slices_of_one_name_one_begins_with_a_frame():
    twice = (Slice("hit", (0, 0, 4, 4)), Slice("hit", (4, 4, 4, 4)))
    with pytest.raises(StudioError, match="Two slices called 'hit' begin at frame 0"):
        sheet.check(replace(walk(), slices=twice))
    sheet.check(replace(walk(), slices=(twice[0], replace(twice[1], frame=2))))


def test_a_description_with_a_number_beyond_all_bounds_is_refused():
    made = walk()
    told = {**sheet.to_json(made), "width": float("inf")}
    with pytest.raises(StudioError, match="no description of an animation"):
        sheet.of_json(told, [frame.image for frame in made.frames])

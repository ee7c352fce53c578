"""What the functions of Animate's frames return: orders, the frame of a moment, lists changed."""

from __future__ import annotations

import pytest

from studio.sheets import sheet
from studio.sheets.sheet import Tag

pytestmark = pytest.mark.slow
FRAMES = "animate_frames"


@pytest.mark.parametrize("direction", sheet.DIRECTIONS)
@pytest.mark.parametrize(("first", "last"), [(1, 4), (0, 1), (2, 2)])
def test_a_tag_is_played_as_the_studio_plays_it(run, direction, first, last):
    tag = {"first": first, "last": last, "direction": direction}
    played = run(FRAMES, "orderOf", "return orderOf(given, 6);", tag)
    assert played == sheet.order(Tag("a", first, last, direction))


def test_the_frame_of_a_moment_is_shown_as_long_as_it_lasts(run):
    body = "return given.map((ms) => frameAt([0, 2, 1], [100, 30, 50], ms));"
    moments = [0, 99, 100, 149, 150, 179, 180, 279, 280]
    assert run(FRAMES, "frameAt", body, moments) == [0, 0, 2, 2, 1, 1, 0, 0, 2]


def test_tags_follow_frames_that_come_and_go(run):
    tags = [{"name": "a", "first": 0, "last": 1}, {"name": "b", "first": 2, "last": 2}]
    body = "return [shiftTags(given, 1, -1), shiftTags(given, 2, -1), shiftTags(given, 0, 1)];"
    gone, last_gone, came = run(FRAMES, "shiftTags", body, tags)
    assert [(one["first"], one["last"]) for one in gone] == [(0, 0), (1, 1)]
    assert [one["name"] for one in last_gone] == ["a"]
    assert [(one["first"], one["last"]) for one in came] == [(1, 2), (3, 3)]


def test_an_item_is_moved_within_its_list(run):
    body = "return [moveItem(given, 0, 1), moveItem(given, 2, 0), moveItem(given, 1, 9)];"
    moved = run(FRAMES, "moveItem", body, ["a", "b", "c"])
    assert moved == [["b", "a", "c"], ["c", "a", "b"], ["a", "c", "b"]]


def test_a_canvas_fits_by_a_whole_factor(run):
    body = "return given.map((size) => fittingFactor(size, 640, 360));"
    assert run(FRAMES, "fittingFactor", body, [[32, 32], [64, 100], [900, 10]]) == [8, 3, 1]

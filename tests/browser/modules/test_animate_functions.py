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


@pytest.mark.parametrize(
    ("at", "loops", "beside"),
    [(0, True, [3, 1]), (0, False, [1]), (3, True, [2, 0]), (3, False, [2]), (5, True, [])],
)
def test_the_frames_beside_one_are_those_that_are_played(run, at, loops, beside):
    body = "return besideOf([0, 1, 2, 3], given[0], given[1]);"
    assert run(FRAMES, "besideOf", body, [at, loops]) == beside


def test_the_frame_beside_is_told_once_and_never_itself(run):
    body = "return [besideOf([0, 1], 0), besideOf([2], 2)];"
    assert run(FRAMES, "besideOf", body) == [[1], []]


def _slices(*frames):
    return [{"name": name, "frame": frame} for name, frame in frames]


def test_slices_follow_frames_that_come_and_go(run):
    given = _slices(("a", 0), ("b", 2), ("b", 1))
    body = "return [shiftSlices(given, 1, -1, 3), shiftSlices(given, 0, -1, 3), "
    body += "shiftSlices(given, 1, 1, 5), shiftSlices(given, 2, -1, 2)];"
    second, first, came, last = run(FRAMES, "shiftSlices", body, given)
    assert second == _slices(("a", 0), ("b", 1))  # the later b begins where the first began
    assert first == _slices(("a", 0), ("b", 0), ("b", 1))
    assert came == _slices(("a", 0), ("b", 2), ("b", 3))
    assert last == _slices(("a", 0), ("b", 1))  # frame 2 was the last


def test_a_slice_holds_until_another_of_its_name(run):
    given = _slices(("a", 0), ("b", 1), ("a", 2))
    body = "return [0, 1, 3].map((at) => slicesAt(given, at).map((one) => one.frame));"
    assert run(FRAMES, "slicesAt", body, given) == [[0], [0, 1], [2, 1]]


def test_a_box_has_both_pixels_and_stays_on_the_canvas(run):
    body = "return given.map(([from, to]) => boxBetween(from, to, [24, 32]));"
    pairs = [[[2.2, 3.9], [5.1, 3.1]], [[5, 9], [2, 4]], [[-4, -4], [99, 99]]]
    assert run(FRAMES, "boxBetween", body, pairs) == [[2, 3, 4, 1], [2, 4, 4, 6], [0, 0, 24, 32]]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({}, ""),
        ({"name": ""}, "name"),
        ({"name": "pivot"}, "pivot"),
        ({"box": [0, 0, 0, 4]}, "a pixel each way"),
        ({"box": [0, 0, 1.5, 4]}, "whole numbers"),
        ({"borders": [2, 0, 2, 0]}, "between its borders"),
        ({"borders": [1, 1, 1, 1], "pivot": [-3, 2]}, ""),
        ({"frame": 4}, "from 1 to 4"),
    ],
)
def test_what_is_wrong_with_a_slice_is_said(run, change, says):
    given = {"name": "hand", "box": [0, 0, 4, 4], "borders": None, "pivot": None, "frame": 0}
    flaw = run(FRAMES, "sliceFlaw", "return sliceFlaw(given, 4);", {**given, **change})
    assert says in flaw if says else flaw == ""


def test_a_slice_is_kept_from_the_fields_shown_and_undone(blank, mount):
    mount("animate", _desk(83, 83))
    blank.get_by_text("Slices and nine-slice borders").click()
    values = {"Name": "panel", "Left": 2, "Top": 2, "Width": 20, "Height": 20}
    part = blank.locator('[data-part="slicing"]')
    for label, value in values.items():
        part.get_by_label(label, exact=True).fill(str(value))
    for side, value in zip(("Left", "Top", "Right", "Bottom"), (3, 4, 5, 6), strict=True):
        part.get_by_label(f"{side} border").fill(str(value))
    blank.get_by_role("button", name="Keep the slice").click()
    assert blank.get_by_text("panel: 2, 2, 20, 20; borders 3, 4, 5, 6").count() == 1
    (said,) = blank.evaluate("window.said")
    kept = {"name": "panel", "box": [2, 2, 20, 20], "borders": [3, 4, 5, 6]}
    assert said["slices"] == [{**kept, "pivot": None, "frame": 0}]
    blank.get_by_role("button", name="Undo").click()
    assert blank.evaluate("window.said").pop()["slices"] == []


def _desk(*durations):
    frame = {"of": {"picture": "a"}, "src": "", "box": None, "left": 0, "top": 0, "name": ""}
    return {
        "frames": [{**frame, "ms": ms} for ms in durations],
        "canvas": [24, 32],
        "tags": [],
        "slices": [],
        "pivot": [12, 32],
        "scene": None,
        "editable": True,
        "directions": list(sheet.DIRECTIONS),
    }


def test_a_duration_is_typed_of_the_frame_that_stands_still(blank, mount):
    mount("animate", _desk(60_000, 90))
    play = blank.get_by_role("button", name="Play")
    assert play.get_attribute("aria-pressed") == "true"
    field = blank.locator('[data-part="ms"]')
    field.focus()
    assert play.get_attribute("aria-pressed") == "false"
    field.fill("83")
    field.press("Tab")
    (said,) = blank.evaluate("window.said")
    assert [one["ms"] for one in said["frames"]] == [83, 90]


def test_the_pivot_is_set_without_a_pointer(blank, mount):
    mount("animate", _desk(100))
    field = blank.locator('[data-part="pivotX"]')
    assert field.input_value() == "12"
    field.fill("10.5")
    field.press("Tab")
    assert blank.evaluate("window.said").pop()["pivot"] == [10.5, 32]
    field.fill("9000")
    field.press("Tab")
    assert "-4096 to 8192" in blank.locator('[data-part="told"]').inner_text()
    assert len(blank.evaluate("window.said")) == 1

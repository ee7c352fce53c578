"""The finishing desk in chromium: its grid's lines, its proposals, what is told of a pixel."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from studio.web.javascript import FOLDER

pytestmark = pytest.mark.slow
Mount = Callable[[str, dict[str, Any]], None]
GRID = {"step_x": 10, "step_y": 10, "offset_x": 0, "offset_y": 0}
HELD_MS = 450  # longer than what counts as held


def _address(picture: Image.Image) -> str:
    data = io.BytesIO()
    picture.save(data, "PNG")
    return f"data:image/png;base64,{base64.b64encode(data.getvalue()).decode()}"


def _pictures() -> tuple[str, str]:
    """A finished picture of 8 x 8 pixels, its left half red, and the raw one, ten times that."""
    pixels = np.zeros((8, 8, 4), np.uint8)
    pixels[:, :4] = (255, 0, 0, 255)
    small = Image.fromarray(pixels, "RGBA")
    return _address(small.resize((80, 80), Image.Resampling.NEAREST)), _address(small)


def _data(**more: Any) -> dict[str, Any]:
    before, after = _pictures()
    proposals = [
        {"id": name, "kind": "stray", "text": f"Stray {name}", "pixels": [[place, place]]}
        for place, name in enumerate("abc")
    ]
    usual = {"before": before, "after": after, "grid": GRID, "proposals": proposals, "taken": []}
    return {**usual, "left": [], "palette": ["#00ff00", "#ff0000"], "editable": True, **more}


@pytest.fixture
def desk(blank: Page, mount: Mount) -> Callable[..., None]:
    """Draws the desk with its styles, and waits until the pictures are there."""
    blank.add_style_tag(path=FOLDER / "finish.css")

    def draw(**more: Any) -> None:
        mount("finish", _data(**more))
        expect(blank.locator("[data-part=cells]")).not_to_be_empty()
        expect(blank.locator("[data-part=factor]")).not_to_have_text("1 ×")

    return draw


def _said(page: Page, count: int) -> Any:
    page.wait_for_function("count => window.said.length === count", arg=count)
    return page.evaluate("window.said.at(-1)")


def _pane(page: Page, name: str) -> dict[str, float]:
    """Where the picture of a pane lies on the page: it is square and centred."""
    box = page.locator(f"[data-pane={name}] canvas").bounding_box()
    assert box is not None
    factor = float(page.locator("[data-part=factor]").inner_text().split()[0])
    return {
        "x": box["x"] + (box["width"] - 8 * factor) / 2,
        "y": box["y"] + (box["height"] - 8 * factor) / 2,
        "factor": factor,
    }


def test_cells_count_that_are_at_least_half_seen(run):
    body = "return given.map(([step, offset, size]) => countCells(step, offset, size));"
    asked = [(10, 0, 80), (10, 4, 84), (10, 6, 86), (10.3, 0, 330), (10, 0, 84), (10, 0, 86)]
    assert run("finish_grid", "countCells", body, asked) == [8, 8, 9, 32, 8, 9]


def test_the_first_line_sets_the_offset_and_others_the_step(run):
    body = """return [
        moveLine(given, "x", 0, 13, false), moveLine(given, "x", 4, 42, false),
        moveLine(given, "y", 4, 42, true), moveLine(given, "x", 4, -50, false),
        lineAt(10, 2, 80, 33, 2), lineAt(10, 2, 80, 36, 2), lineAt(10, 2, 80, 92, 2)];"""
    *moved, near, far, outside = run("finish_grid", "lineAt, moveLine", body, GRID)
    assert moved[0] == {**GRID, "offset_x": 3}
    assert moved[1] == {**GRID, "step_x": 10.5}
    assert moved[2] == {**GRID, "step_x": 10.5, "step_y": 10.5}
    assert moved[3] == {**GRID, "step_x": 1}
    assert (near, far, outside) == (3, -1, -1)


def test_a_pixel_is_told_with_its_place_in_the_palette(run):
    body = """return given.map((rgba) => tellPixel([3, 4], rgba, ["#ff0000", "#00ff00"]));"""
    asked = [(0, 255, 0, 255), (1, 2, 3, 128), (9, 9, 9, 0)]
    assert run("finish_view", "tellPixel", body, asked) == [
        "3, 4 · #00ff00 · palette 2 of 2",
        "3, 4 · #010203 · alpha 128 · not in the palette",
        "3, 4 · transparent",
    ]


def test_a_picture_is_centred_until_it_is_larger_than_its_pane(run):
    body = "return given.map(([look, size]) => cornerOf(look, size, [100, 100]));"
    look = {"factor": 10, "x": 0, "y": 20}
    assert run("finish_view", "cornerOf", body, [(look, (8, 8)), (look, (40, 40))]) == [
        [10, 10],
        [0, -150],
    ]


def test_proposals_are_taken_and_left_by_a_key_each_and_the_next_comes(blank, desk):
    desk(taken=["b"])
    blank.locator("[data-part=panes]").focus()
    blank.keyboard.press("ArrowRight")
    blank.keyboard.press("y")  # b is taken: on to c
    assert _said(blank, 1) == {"grid": GRID, "taken": ["b", "a"], "left": []}
    blank.keyboard.press("n")
    assert _said(blank, 2) == {"grid": GRID, "taken": ["b", "a"], "left": ["c"]}
    expect(blank.locator("[data-part=count]")).to_have_text("2 of 3 taken, 0 open")
    desk(taken=["b", "a"])  # an answer that was on its way undoes nothing
    expect(blank.locator("[data-part=count]")).to_have_text("2 of 3 taken, 0 open")
    blank.keyboard.press("Shift+N")
    assert _said(blank, 3)["taken"] == []
    desk(taken=["c"])  # the page decided otherwise
    expect(blank.locator("[data-part=count]")).to_have_text("1 of 3 taken, 2 open")


def test_a_line_is_dragged_and_moved_by_keys(blank, desk):
    desk()
    pane = _pane(blank, "before")
    at = pane["y"] + 3.5 * pane["factor"]
    blank.mouse.move(pane["x"] + 4 * pane["factor"], at)
    blank.mouse.down()
    blank.mouse.move(pane["x"] + 5 * pane["factor"], at)
    blank.mouse.up()
    grid = {**GRID, "step_x": 12.5, "step_y": 12.5}
    assert _said(blank, 1)["grid"] == grid
    blank.keyboard.press("ArrowLeft")
    blank.keyboard.press("Shift+ArrowLeft")  # one answer for keys that follow each other
    assert _said(blank, 2)["grid"] == {**GRID, "step_x": 12.225, "step_y": 12.225}
    blank.get_by_label("Same step both ways").uncheck()
    blank.get_by_label("Offset Y").fill("2")
    blank.keyboard.press("Enter")
    assert _said(blank, 3)["grid"]["offset_y"] == 2
    blank.get_by_role("button", name="No grid").click()
    assert _said(blank, 4)["grid"] is None


def test_raw_is_shown_while_its_key_is_held_and_until_it_is_pressed_again(blank, desk):
    desk()
    named = blank.locator("[data-part=named]")
    blank.keyboard.press("r")
    expect(named).to_have_text("Raw")
    blank.keyboard.press("r")
    expect(named).to_have_text("Finished")
    blank.keyboard.down("r")
    blank.wait_for_timeout(HELD_MS)
    expect(named).to_have_text("Raw")
    blank.keyboard.up("r")
    expect(named).to_have_text("Finished")


def test_what_lies_under_the_pointer_is_told(blank, desk):
    desk()
    pane = _pane(blank, "after")
    where = blank.locator("[data-part=where]")
    blank.mouse.move(pane["x"] + 1.5 * pane["factor"], pane["y"] + 2.5 * pane["factor"])
    expect(where).to_have_text("1, 2 · #ff0000 · palette 2 of 2")
    raw = _pane(blank, "before")
    blank.mouse.move(raw["x"] + 6.55 * raw["factor"], raw["y"] + 2.55 * raw["factor"])
    expect(where).to_have_text("65, 25 · transparent")


def test_who_may_only_look_decides_nothing(blank, desk):
    desk(editable=False)
    blank.locator("[data-part=panes]").focus()
    for key in ("ArrowRight", "y", "Shift+Y"):
        blank.keyboard.press(key)
    expect(blank.get_by_label("Step X")).to_be_disabled()
    expect(blank.get_by_role("button", name="Take all")).to_be_disabled()
    assert blank.evaluate("window.said") == []

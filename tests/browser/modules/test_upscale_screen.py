"""The stage of Upscale in chromium: levels, tiles and their states, keys, the chosen tile."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Page, Route, expect

from studio.web.javascript import FOLDER

pytestmark = pytest.mark.slow
Mount = Callable[[str, dict[str, Any]], None]
SIDE, TILE, SHARED = 1024, 400, 88  # of the result, of its 3 x 3 tiles, and what two of them share
SIZES = [[1024, 1024], [512, 512], [256, 256]]
COLOURS = {"before": (200, 0, 0, 255), "after": (0, 200, 0, 255), "tile": (0, 0, 200, 255)}


def _tiles() -> list[list[Any]]:
    starts = (0, TILE - SHARED, 2 * (TILE - SHARED))
    places = [(left, top) for top in starts for left in starts]
    return [[f"main-{k}", *place, TILE, TILE] for k, place in enumerate(places, 1)]


def _layer(name: str) -> dict[str, Any]:
    url = f"/upscale/levels/{name}"
    return {"url": url, "mark": name, "sizes": SIZES, "side": 256, "sharp": True}


def _data(**more: Any) -> dict[str, Any]:
    usual: dict[str, Any] = {
        "subject": "one",
        "size": [SIDE, SIDE],
        "sharp": True,
        "before": _layer("before"),
        "after": None,
        "tiles": _tiles(),
        "states": "",
        "job": None,
        "running": False,
        "state": "",
        "tile": "",
        "current": "",
        "prompts": {},
        "all": {"prompt": "a meadow", "negative": ""},
        "append": True,
        "counted": None,
        "words": True,
        "editable": True,
        "redo": False,
        "why": "",
        "around": 300,
    }
    return {**usual, **more}


class Studio:
    """What answers the stage: pieces of one colour, tiles, and states that a test sets."""

    def __init__(self, page: Page) -> None:
        self.asked: list[str] = []
        self.states = "w" * 9
        self.state = "running"
        page.route("**/upscale/**", self._answer)

    def _answer(self, route: Route) -> None:
        path = route.request.url.partition("localhost")[2]
        self.asked.append(path)
        if "/state/" in path:
            body = {"state": self.state, "done": 0, "total": 9, "says": "", "states": self.states}
            route.fulfill(body=json.dumps(body), content_type="application/json")
            return
        name = next(name for name in COLOURS if f"/{name}" in path)
        file = io.BytesIO()
        Image.new("RGBA", (64, 64), COLOURS[name]).save(file, "PNG")
        route.fulfill(body=file.getvalue(), content_type="image/png")


@pytest.fixture
def studio(blank: Page) -> Iterator[Studio]:
    blank.add_style_tag(path=FOLDER / "upscale.css")
    yield Studio(blank)


@pytest.fixture
def stage(mount: Mount, studio: Studio) -> Callable[..., None]:
    def draw(**more: Any) -> None:
        mount("upscale", _data(**more))

    return draw


def _pixel(page: Page, share: tuple[float, float], part: str = "canvas") -> list[int]:
    """The colour on a canvas at a share of its width and height."""
    script = """([part, x, y]) => {
      const canvas = document.querySelector(`[data-part="${part}"]`);
      return [...canvas.getContext("2d").getImageData(
        Math.floor(canvas.width * x), Math.floor(canvas.height * y), 1, 1).data];
    }"""
    return list(page.evaluate(script, [part, *share]))


def _until(page: Page, colour: tuple[int, ...], share: tuple[float, float] = (0.47, 0.47)) -> None:
    for _ in range(100):
        if _pixel(page, share) == list(colour):
            return
        page.wait_for_timeout(50)
    raise AssertionError((_pixel(page, share), colour))


def _said(page: Page, count: int) -> Any:
    page.wait_for_function("count => window.said?.length >= count", arg=count)
    return page.evaluate("count => window.said[count - 1]", count)


def test_the_level_is_the_coarsest_that_has_a_pixel_for_each_of_the_screens(run):
    body = "return given.map((scale) => levelFor([1024, 1024], [[1024], [512], [256]], scale));"
    asked = [4, 1, 0.9, 0.5, 0.3, 0.25, 0.01]
    assert run("upscale_view", "levelFor", body, asked) == [0, 0, 0, 1, 1, 2, 2]


def test_pieces_are_those_that_are_seen(run):
    body = "return given.map(([size, share]) => piecesIn(size, 256, share));"
    found = run(
        "upscale_view",
        "piecesIn",
        body,
        [([1000, 300], [0, 0, 1, 1]), ([1000, 300], [0.3, 0, 0.5, 0.1]), ([10, 10], [0, 0, 1, 1])],
    )
    assert found[0] == [[c, r] for r in (0, 1) for c in range(4)]
    assert found[1] == [[1, 0]] and found[2] == [[0, 0]]


def test_cells_meet_in_the_middle_of_what_tiles_share(run):
    body = """const tiles = readTiles(given);
      const cells = cellsOf(tiles, [1024, 1024]);
      return [[...cells], tileAt(cells, [355, 0]), tileAt(cells, [356, 1023]),
        tileAt(cells, [-1, 0]),
        tileBeside(tiles, cells, "", [1, 0]), tileBeside(tiles, cells, "main-1", [1, 0]),
        tileBeside(tiles, cells, "main-1", [-1, 0]), tileBeside(tiles, cells, "main-2", [0, 1]),
        nameTile(tiles, cells, "main-6")];"""
    names = "cellsOf, nameTile, readTiles, tileAt, tileBeside"
    cells, *found = run("upscale_view", names, body, _tiles())
    assert cells[0] == ["main-1", [0, 0, 356, 356]] and cells[4][1] == [356, 356, 668, 668]
    assert found == [
        "main-1",
        "main-8",
        "",
        "main-1",
        "main-2",
        "main-1",
        "main-5",
        "Tile 6 of 9: row 2, column 3",
    ]


def test_a_tile_that_goes_round_an_edge_shows_the_picture_again_there(run):
    body = "return given.map(([tile, size]) => cornersOf(tile, size));"
    inner = {"left": 0, "top": 0, "width": 400, "height": 400}
    round_x = {**inner, "left": 800}
    both = {**round_x, "top": 700}
    found = run(
        "upscale_view", "cornersOf", body, [(one, [1024, 1024]) for one in (inner, round_x, both)]
    )
    assert found == [[[0, 0]], [[0, 0], [1024, 0]], [[0, 0], [1024, 0], [0, 1024], [1024, 1024]]]


def test_the_pane_of_such_a_tile_is_full(blank, stage):
    stage(tiles=[["main-1", 824, 0, 400, 400]], current="main-1")
    for _ in range(100):
        if _pixel(blank, (0.9, 0.5), "tile-before") == list(COLOURS["before"]):
            return
        blank.wait_for_timeout(50)
    raise AssertionError(_pixel(blank, (0.9, 0.5), "tile-before"))


def test_a_tile_that_is_drawn_again_is_another_picture(run):
    body = """let turns = {};
      turns = countTurns(turns, {}, {a: "drawn"});
      const first = {...turns};
      turns = countTurns(turns, {a: "drawn"}, {a: "waiting"});
      turns = countTurns(turns, {a: "waiting"}, {a: "drawn"});
      return [first, turns, readStates([{key: "a"}, {key: "b"}], "df"),
        tellProgress([{key: "a"}, {key: "b"}], {a: "drawn", b: "failed"})];"""
    names = "countTurns, readStates, tellProgress"
    assert run("upscale_poll", names, body) == [
        {},
        {"a": 1},
        {"a": "drawn", "b": "failed"},
        "1 of 2 tiles are drawn, 1 failed.",
    ]


def test_a_tiles_words_follow_those_for_all_or_replace_them(run):
    body = "return given.map((one) => joinPrompt(...one));"
    asked = [("a", "b", True), ("a", "b", False), ("a", " ", False), ("", "b", True)]
    assert run("upscale_tile", "joinPrompt", body, asked) == ["a, b", "b", "a", "b"]


def test_the_picture_is_there_and_comes_nearer_to_its_pixels(blank, stage, studio):
    stage()
    _until(blank, COLOURS["before"])
    factor = blank.locator("[data-part=factor]")
    for _ in range(8):
        blank.keyboard.press("+")
    expect(factor).to_have_text("9 ×")
    blank.wait_for_timeout(200)
    assert any("/levels/before/0/" in path for path in studio.asked)
    blank.keyboard.press("0")
    expect(factor).to_contain_text("%")


def test_before_and_after_stand_under_a_slider(blank, stage):
    stage(after=_layer("after"))
    _until(blank, COLOURS["after"])
    blank.keyboard.press("l")  # without lines
    blank.keyboard.press("w")
    _until(blank, COLOURS["before"], (0.47, 0.47))
    assert _pixel(blank, (0.53, 0.47)) == list(COLOURS["after"])
    blank.locator("[data-part=wipe]").evaluate(
        "(slider) => { slider.value = 100; slider.dispatchEvent(new Event('input')); }"
    )
    _until(blank, COLOURS["before"], (0.6, 0.47))
    blank.keyboard.press("w")
    blank.keyboard.press("r")
    _until(blank, COLOURS["before"])
    expect(blank.locator("[data-part=named]")).to_have_text("Before")


def test_tiles_are_seen_while_others_wait_and_the_end_is_said(blank, stage, studio):
    stage(job=7, running=True, state="/upscale/state/7?boxes=0", tile="/upscale/tile/7")
    _until(blank, COLOURS["before"])
    studio.states = "wwwwdwwww"
    _until(blank, COLOURS["tile"])
    expect(blank.locator("[data-part=progress]")).to_have_text("1 of 9 tiles are drawn.")
    assert _pixel(blank, (0.47, 0.15)) == list(COLOURS["before"])
    studio.states, studio.state = "d" * 9, "done"
    assert _said(blank, 1) == 7
    asked = len([path for path in studio.asked if "/state/" in path])
    blank.wait_for_timeout(1500)
    assert len([path for path in studio.asked if "/state/" in path]) == asked


def test_keys_go_from_tile_to_tile_and_show_one_large(blank, stage):
    blank.set_viewport_size({"width": 1280, "height": 900})
    stage()
    name = blank.locator("[data-part=name]")
    expect(name).to_be_hidden()
    blank.locator("[data-part=stage]").focus()
    blank.keyboard.press("ArrowRight")
    expect(name).to_have_text("Tile 1 of 9: row 1, column 1")
    blank.keyboard.press("ArrowRight")
    blank.keyboard.press("ArrowDown")
    expect(name).to_have_text("Tile 5 of 9: row 2, column 2")
    assert _said(blank, 1) == "main-5"  # once, for the address
    blank.keyboard.press("Enter")
    expect(blank.locator("[data-part=factor]")).to_have_text("1 ×")
    blank.keyboard.press("]")
    expect(name).to_have_text("Tile 6 of 9: row 2, column 3")
    blank.keyboard.press("Escape")
    expect(name).to_be_hidden()


def test_a_click_chooses_and_a_drag_does_not(blank, stage):
    stage()
    _until(blank, COLOURS["before"])
    box = blank.locator("[data-part=canvas]").first.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    blank.mouse.move(x, y)
    blank.mouse.down()
    blank.mouse.move(x + 40, y + 40)
    blank.mouse.up()
    expect(blank.locator("[data-part=name]")).to_be_hidden()
    blank.mouse.click(x, y)
    expect(blank.locator("[data-part=name]")).to_have_text("Tile 5 of 9: row 2, column 2")


def test_what_is_typed_for_a_tile_is_said_and_stays(blank, stage):
    stage(current="main-2")
    blank.locator("[data-part=prompt]").fill("a pond")
    expect(blank.locator("[data-part=sent]")).to_have_text("Sent as: a meadow, a pond")
    own = {"prompt": "a pond", "negative": "", "locked": False, "seed": None}
    assert _said(blank, 1) == {"main-2": own}
    blank.locator("[data-part=prompt]").fill("a pond with reeds")
    stage(current="main-2", prompts={"main-2": own})  # an answer that was on its way
    expect(blank.locator("[data-part=prompt]")).to_have_value("a pond with reeds")
    blank.get_by_label("Locked").check()
    expect(blank.locator("[data-part=prompt]")).to_be_disabled()
    assert blank.evaluate("window.said.length") >= 1
    stage(current="main-2", prompts={})  # the page decided otherwise
    blank.wait_for_timeout(700)
    stage(current="main-2", prompts={"main-2": {**own, "prompt": "sand"}})
    expect(blank.locator("[data-part=prompt]")).to_have_value("sand")


def test_a_tile_is_asked_for_anew_with_another_seed(blank, stage):
    stage(current="main-2", redo=True, after=_layer("after"), job=7, states="d" * 9)
    blank.locator("[data-part=stage]").focus()
    blank.keyboard.press("d")
    first = _said(blank, 1)
    assert first["key"] == "main-2" and 0 <= first["seed"] < 2**32
    blank.keyboard.press("d")
    assert _said(blank, 2)["seed"] != first["seed"]
    expect(blank.locator("[data-part=told]")).to_contain_text("is asked for anew")


def test_who_may_only_look_writes_nothing_and_is_told_why(blank, stage):
    stage(current="main-2", editable=False, why="Enlarging is for artists.")
    for part in ("prompt", "negative", "seed", "locked"):
        expect(blank.locator(f"[data-part={part}]")).to_be_disabled()
    expect(blank.get_by_text("Enlarging is for artists.")).to_be_visible()
    blank.locator("[data-part=stage]").focus()
    for key in ("d", "k"):
        blank.keyboard.press(key)
    blank.wait_for_timeout(700)
    assert blank.evaluate("window.said") == []


@pytest.mark.parametrize("width", [390, 768, 1920])
def test_nothing_stands_out_at_the_side(blank, stage, width):
    blank.set_viewport_size({"width": width, "height": 900})
    stage(current="main-2", after=_layer("after"))
    wide = blank.evaluate(
        "() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]"
    )
    assert wide[0] <= wide[1]

"""Screens that show pictures in chromium: walls, one large, in a scene, side by side."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from studio.web.javascript import FOLDER
from tests.browser.modules.screens import DOT, SCENE, last_said, view_of


@pytest.mark.parametrize(
    ("side", "width", "address"), [(96, "96px", "/p"), (20, "auto", "/p?side=40")]
)
def test_a_wall_enlarges_by_whole_factors_and_asks_for_smaller_copies(
    blank, mount, side, width, address
):
    tile = {
        "id": "x",
        "url": "/p",
        "href": "/Picture?id=x",
        "width": 32,
        "height": 24,
        "alt": "a gem",
        "said": "<b>a gem</b>",
        "about": "",
        "verdict": "approved",
        "mark": "approved",
    }
    mount("wall", {"tiles": [tile], "side": side, "current": "x"})
    image = blank.locator("img")
    assert image.evaluate("i => i.style.width") == width
    assert image.get_attribute("src") == address
    assert blank.locator(".said").text_content() == "<b>a gem</b>"  # as text
    blank.locator("a").click()
    assert last_said(blank) == "x"


def test_a_click_sets_a_pin_where_it_was(blank, mount):
    for styles in ("closeup", "view"):
        blank.add_style_tag(path=FOLDER / f"{styles}.css")
    mount("view", view_of())
    image = blank.locator("img")
    expect(image).to_be_visible()
    box = image.bounding_box()
    assert box is not None
    image.click(position={"x": box["width"] / 4, "y": box["height"] * 3 / 4})
    assert last_said(blank) == pytest.approx([0.25, 0.75], abs=0.02)
    pin = blank.locator(".pin")
    assert not pin.evaluate("p => p.hidden")
    assert float(pin.evaluate("p => parseFloat(p.style.left)")) == pytest.approx(25, abs=2)


def test_a_picture_is_looked_at_by_whole_pixels(blank, mount):
    blank.add_style_tag(content=".stage { width: 500px; height: 400px; overflow: auto }")
    mount("view", view_of(ways={"ArrowRight": "next"}))
    image = blank.locator("img")

    def width() -> float:
        return float(image.evaluate("i => parseFloat(i.style.width)"))

    fits = width()
    assert fits == 350
    blank.keyboard.press("+")
    assert width() > fits and width() % 50 == 0
    blank.keyboard.press("z")
    assert width() == 50
    blank.keyboard.press("0")
    assert width() == fits
    blank.keyboard.press("-")
    assert width() < fits and width() % 50 == 0
    blank.keyboard.press("ArrowRight")
    assert last_said(blank) == "next"
    mount(
        "view", view_of(url=f"{DOT}#2", width=5000, height=2500)
    )  # larger than the window: smooth and whole
    assert width() < 2000 and image.evaluate("i => i.className") == "smooth"


def test_r_shows_the_raw_picture_and_nobody_else_hears_it(blank, mount):
    blank.evaluate("document.addEventListener('keydown', (e) => (window.heard ??= []).push(e.key))")
    mount("view", view_of(raw=f"{DOT}#raw"))
    image, button = blank.locator("img"), blank.locator("[data-do=raw]")
    blank.keyboard.press("r")
    assert image.get_attribute("src") == f"{DOT}#raw"
    expect(button).to_have_attribute("aria-pressed", "true")
    mount("view", view_of(url=f"{DOT}#2", raw=f"{DOT}#raw"))  # another picture is shown as it is
    assert image.get_attribute("src") == f"{DOT}#2"
    assert blank.evaluate("window.heard") is None
    mount("view", view_of(url=f"{DOT}#3"))
    blank.keyboard.press("r")
    assert image.get_attribute("src") == f"{DOT}#3" and not button.is_visible()
    assert blank.evaluate("window.heard") == ["r"]


def test_a_picture_from_the_clipboard_is_handed_on(blank, mount):
    paste = """type => {
        const held = new DataTransfer();
        held.items.add(new File(["abc"], "x.png", { type }));
        document.body.dispatchEvent(
            new ClipboardEvent("paste", { clipboardData: held, bubbles: true, composed: true }));
    }"""
    mount("view", view_of())
    blank.evaluate(paste, "text/plain")
    expect(blank.locator("[data-part=told]")).to_have_text("The clipboard holds no picture.")
    blank.evaluate(paste, "image/png")
    blank.wait_for_function("window.said.length")
    assert last_said(blank) == "YWJj"


def _tiles(*ids: str) -> list[dict[str, Any]]:
    usual = {"kind": "picture", "url": DOT, "href": "#", "width": 1, "height": 1, "alt": ""}
    more = {"about": "", "verdict": "", "mark": ""}
    return [{"id": id, "said": id, **usual, **more} for id in ids]


def _wall(*chosen: str, mark: int = 0) -> dict[str, Any]:
    more = {"side": 96, "current": "", "choosing": True, "chosen": list(chosen), "mark": mark}
    return {"tiles": _tiles("a", "b", "c", "d"), **more}


def test_pictures_are_chosen_by_box_range_and_click(blank, mount):
    mount("wall", _wall())
    blank.get_by_label("Choose b").click()
    assert last_said(blank) == ["b"] and blank.get_by_label("Choose b").is_checked()
    blank.locator('[data-id="d"] a').click(modifiers=["Shift"])
    assert last_said(blank) == ["b", "c", "d"]
    blank.locator('[data-id="c"] a').click()  # while some are chosen a click chooses
    assert last_said(blank) == ["b", "d"]
    mount("wall", _wall("a"))  # an answer that was under way undoes nothing
    assert blank.locator(".chosen").count() == 2
    mount("wall", _wall(mark=1))  # the page let all go
    assert blank.locator(".chosen").count() == 0
    blank.locator('[data-id="c"] a').click()
    assert last_said(blank) == "c"  # is opened


def test_a_wall_that_opens_keeps_its_choice_and_r_shows_what_is_raw(blank, mount):
    data = _wall("a", "b", "c", "d") | {"opening": True}
    data["tiles"][1]["raw"] = f"{DOT}#raw"
    mount("wall", data)
    blank.locator('[data-id="c"] a').click()
    assert last_said(blank) == "c"
    blank.get_by_label("Choose c").click()
    assert last_said(blank) == ["a", "b", "d"]
    blank.keyboard.press("r")
    expect(blank.locator("li.raw")).to_have_count(1)
    assert blank.locator('[data-id="b"] img').get_attribute("src") == f"{DOT}#raw"
    blank.keyboard.press("r")
    expect(blank.locator("li.raw")).to_have_count(0)


def test_pictures_are_chosen_with_the_keyboard_alone(blank, mount):
    mount("wall", _wall())
    blank.keyboard.press("Tab")
    assert blank.evaluate("document.activeElement.closest('li').dataset.id") == "a"
    blank.keyboard.press("ArrowRight")
    blank.keyboard.press(" ")
    assert last_said(blank) == ["b"]
    blank.keyboard.press("Shift+ArrowRight")
    blank.keyboard.press("Shift+ArrowRight")
    assert last_said(blank) == ["b", "c", "d"]
    blank.keyboard.press("Control+a")
    assert sorted(last_said(blank)) == ["a", "b", "c", "d"]
    blank.keyboard.press("End")
    blank.keyboard.press(" ")
    assert sorted(last_said(blank)) == ["a", "b", "c"]
    blank.keyboard.press("Tab")  # one stop for the whole wall
    assert blank.evaluate("document.activeElement === document.body") is True


def test_a_pages_picture_goes_into_its_scene_and_stays_there_for_the_next(blank, mount):
    for styles in ("scenery", "closeup", "view"):
        blank.add_style_tag(path=FOLDER / f"{styles}.css")
    mount("view", view_of(scene=SCENE))
    pane, stage = blank.locator('[data-part="pane"]'), blank.locator('[data-part="stage"]')
    expect(pane).to_be_hidden()
    blank.keyboard.press("c")
    expect(pane.locator('img[alt="a gem"]')).to_be_visible()
    # In the place of the picture, and nearer with it.
    assert pane.bounding_box() == stage.bounding_box()
    grown = pane.locator('img[alt="a gem"]').evaluate("i => i.width")
    blank.keyboard.press("+")
    assert pane.locator('img[alt="a gem"]').evaluate("i => i.width") > grown
    pane.click()
    assert blank.evaluate("window.said.length") == 0  # a pin is set on the picture alone
    mount("view", view_of(scene=SCENE, url=f"{DOT}#next", alt="a sword"))
    expect(pane.locator('img[alt="a sword"]')).to_be_visible()
    blank.keyboard.press("c")
    expect(pane).to_be_hidden()
    mount("view", view_of(scene=None))
    blank.keyboard.press("c")
    expect(pane).to_be_hidden()


def test_a_click_shows_a_whole_row_large_at_one_zoom(blank, mount):
    rows = "".join(
        f'<tr><th>{name}</th><td><img alt="base {name}" src="{DOT}"></td>'
        f'<td><figure><img alt="version {name}" src="{DOT}"><figcaption>60% alike</figcaption>'
        "</figure></td></tr>"
        for name in ("gem", "tree")
    )
    link = f'<div class="hs-row"><a href="#there"><img alt="linked" src="{DOT}"></a></div>'
    table = f'<div class="hs-table"><table><tbody>{rows}</tbody></table></div>{link}'
    mount("enlarge", {})
    blank.evaluate("html => document.body.insertAdjacentHTML('beforeend', html)", table)
    light, images = blank.locator("dialog"), blank.locator("dialog .pane img")
    blank.get_by_alt_text("linked").click()  # leads where it led
    expect(light).to_be_hidden()
    assert blank.url.endswith("#there")
    opener = blank.get_by_role("button", name="version gem")
    opener.focus()
    blank.keyboard.press("Enter")
    expect(light).to_be_visible()
    expect(light.get_by_text("gem", exact=True)).to_be_visible()
    expect(images).to_have_count(2)
    expect(light.locator("figcaption")).to_have_text(["base gem", "60% alike"])
    blank.keyboard.press("+")
    blank.keyboard.press("+")
    moved = [image.evaluate("one => one.style.transform") for image in images.all()]
    assert moved[0] == moved[1] and moved[0].endswith("scale(2.25)")
    blank.keyboard.press("ArrowDown")
    expect(images.first).to_have_attribute("alt", "base tree")
    expect(light.get_by_role("button", name="Next row")).to_be_disabled()
    blank.keyboard.press("Escape")
    expect(light).to_be_hidden()
    assert opener.evaluate("one => one === document.activeElement")

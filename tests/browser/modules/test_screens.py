"""Screens by themselves in chromium, given data as Streamlit gives it: what they show and say."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from studio.web.javascript import FOLDER

DOT = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGA"
    "WjR9awAAAABJRU5ErkJggg=="
)
SETTLED_MS = 250  # keys that come sooner were meant for the picture before


def _sitting(**more: Any) -> dict[str, Any]:
    """Two pairs to vote on, or two pictures to rate."""
    queue = [
        {"item": item, "prompt": f"prompt {item}", "left": DOT, "right": DOT, "picture": DOT}
        for item in (1, 2)
    ]
    return {
        "at": 7,
        "person": "Ana",
        "question": "Which?",
        "queue": queue,
        "taken": [],
        "last": None,
        "done": 0,
        "total": 2,
        "strip": [],
        "said": "",
        "size": 0,
        **more,
    }


def _said(page: Page) -> Any:
    return page.evaluate("window.said.at(-1)")


def _press(page: Page, *keys: str) -> None:
    for key in keys:
        page.wait_for_timeout(SETTLED_MS)
        page.keyboard.press(key)


def test_a_vote_is_sent_again_until_it_is_taken(blank, mount):
    mount("vote", _sitting())
    expect(blank.locator('[data-part="right"] img')).to_be_visible()
    _press(blank, "ArrowLeft")
    (vote,) = _said(blank)
    assert (vote["say"], vote["item"]) == ("left", 1) and "entry" not in vote
    expect(blank.locator('[data-part="count"]')).to_have_text("1 of 2")
    _press(blank, "t")
    assert [(action["say"], action["item"]) for action in _said(blank)] == [("left", 1), ("tie", 2)]
    mount("vote", _sitting(taken=[vote["id"]], done=1, queue=[]))
    stored = blank.evaluate("JSON.parse(sessionStorage.getItem('housestyle vote 7 Ana'))")
    assert [action["say"] for action in stored] == ["tie"]  # a reload sends what is not taken
    expect(blank.locator('[data-part="count"]')).to_have_text("2 of 2")


def test_undo_names_the_vote_and_brings_its_pair_back(blank, mount):
    mount("vote", _sitting())
    expect(blank.locator('[data-part="right"] img')).to_be_visible()
    _press(blank, "b", "u")
    vote, undo = _said(blank)
    assert (vote["say"], undo["say"], undo["of"], undo["item"]) == ("bad", "undo", vote["id"], 1)
    expect(blank.locator('[data-part="prompt"]')).to_have_text("“prompt 1”")
    expect(blank.locator('[data-part="last"]')).to_have_text("Taken back: both bad")


def test_keys_too_soon_or_with_control_say_nothing(blank, mount):
    mount("vote", _sitting())
    expect(blank.locator('[data-part="right"] img')).to_be_visible()
    _press(blank, "t")
    blank.keyboard.press("t")  # before the next pair can have been seen
    _press(blank, "Control+b", "q")
    assert len(_said(blank)) == 1


def test_a_rating_goes_from_criterion_to_criterion_and_waits_for_all(blank, mount):
    criteria = [
        {"name": name, "help": "", "low": 1, "high": 5} for name in ("style", "craft", "prompt")
    ]
    mount("rate", _sitting(criteria=criteria))
    expect(blank.locator('[data-part="pane"] img')).to_be_visible()
    _press(blank, "5", "9", "4", "Enter")  # 9 is no score, and one is missing
    assert _said(blank) is None
    blank.keyboard.press("ArrowLeft")  # from above the scale one down
    blank.keyboard.press("Enter")
    (rating,) = _said(blank)
    assert rating["scores"] == {"style": 5, "craft": 4, "prompt": 5}


def test_a_file_that_did_not_arrive_is_tried_again(blank, mount):
    asked: list[str] = []

    def answer(route: Route) -> None:
        asked.append(route.request.url)
        first = asked.count(route.request.url) == 1
        status = 503 if first and "b.png" in route.request.url else 204
        status = 422 if "c.exe" in route.request.url else status
        route.fulfill(status=status)

    blank.route("**/upload", lambda route: route.fulfill(json={"token": "t1"}))
    blank.route("**/upload/t1?*", answer)
    limits = {"most_bytes": 1000, "most_files": 9, "instead": ""}
    mount("upload", {"token": "", "hint": "any", **limits})
    files = [("a.png", b"1"), ("b.png", b"22"), ("c.exe", b"3"), (".hidden", b"4")]
    blank.locator('[data-part="files-input"]').set_input_files(
        [{"name": name, "mimeType": "", "buffer": data} for name, data in files]
    )
    blank.wait_for_function("window.said.length === 1")
    assert _said(blank) == {"token": "t1", "sent": 3}
    assert sorted(url.split("name=")[1].split("&")[0] for url in asked) == [
        "a.png",
        "b.png",
        "b.png",
        "c.exe",
    ]
    assert blank.locator('[data-part="wrong"]').is_hidden()


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
    assert _said(blank) == "x"


def _view(**more: Any) -> dict[str, Any]:
    usual = {"url": DOT, "alt": "a gem", "width": 50, "height": 50, "pin": None, "pinning": True}
    return {**usual, "pasting": True, "copied": "/copied.png", "ways": {}, "around": 300, **more}


def test_a_click_sets_a_pin_where_it_was(blank, mount):
    blank.add_style_tag(path=FOLDER / "view.css")
    mount("view", _view())
    image = blank.locator("img")
    expect(image).to_be_visible()
    box = image.bounding_box()
    assert box is not None
    image.click(position={"x": box["width"] / 4, "y": box["height"] * 3 / 4})
    assert _said(blank) == pytest.approx([0.25, 0.75], abs=0.02)
    pin = blank.locator(".pin")
    assert not pin.evaluate("p => p.hidden")
    assert float(pin.evaluate("p => parseFloat(p.style.left)")) == pytest.approx(25, abs=2)


def test_a_picture_is_looked_at_by_whole_pixels(blank, mount):
    blank.add_style_tag(content=".stage { width: 500px; height: 400px; overflow: auto }")
    mount("view", _view(ways={"ArrowRight": "next"}))
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
    assert _said(blank) == "next"
    mount(
        "view", _view(url=f"{DOT}#2", width=5000, height=2500)
    )  # larger than the window: smooth and whole
    assert width() < 2000 and image.evaluate("i => i.className") == "smooth"


def test_r_shows_the_raw_picture_and_nobody_else_hears_it(blank, mount):
    blank.evaluate("document.addEventListener('keydown', (e) => (window.heard ??= []).push(e.key))")
    mount("view", _view(raw=f"{DOT}#raw"))
    image, button = blank.locator("img"), blank.locator("[data-do=raw]")
    blank.keyboard.press("r")
    assert image.get_attribute("src") == f"{DOT}#raw"
    expect(button).to_have_attribute("aria-pressed", "true")
    mount("view", _view(url=f"{DOT}#2", raw=f"{DOT}#raw"))  # another picture is shown as it is
    assert image.get_attribute("src") == f"{DOT}#2"
    assert blank.evaluate("window.heard") is None
    mount("view", _view(url=f"{DOT}#3"))
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
    mount("view", _view())
    blank.evaluate(paste, "text/plain")
    expect(blank.locator("[data-part=told]")).to_have_text("The clipboard holds no picture.")
    blank.evaluate(paste, "image/png")
    blank.wait_for_function("window.said.length")
    assert _said(blank) == "YWJj"


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
    assert _said(blank) == ["b"] and blank.get_by_label("Choose b").is_checked()
    blank.locator('[data-id="d"] a').click(modifiers=["Shift"])
    assert _said(blank) == ["b", "c", "d"]
    blank.locator('[data-id="c"] a').click()  # while some are chosen a click chooses
    assert _said(blank) == ["b", "d"]
    mount("wall", _wall("a"))  # an answer that was under way undoes nothing
    assert blank.locator(".chosen").count() == 2
    mount("wall", _wall(mark=1))  # the page let all go
    assert blank.locator(".chosen").count() == 0
    blank.locator('[data-id="c"] a').click()
    assert _said(blank) == "c"  # is opened


def test_a_wall_that_opens_keeps_its_choice_and_r_shows_what_is_raw(blank, mount):
    data = _wall("a", "b", "c", "d") | {"opening": True}
    data["tiles"][1]["raw"] = f"{DOT}#raw"
    mount("wall", data)
    blank.locator('[data-id="c"] a').click()
    assert _said(blank) == "c"
    blank.get_by_label("Choose c").click()
    assert _said(blank) == ["a", "b", "d"]
    blank.keyboard.press("r")
    assert blank.locator("li.raw").count() == 1
    assert blank.locator('[data-id="b"] img').get_attribute("src") == f"{DOT}#raw"
    blank.keyboard.press("r")
    assert blank.locator("li.raw").count() == 0


def test_pictures_are_chosen_with_the_keyboard_alone(blank, mount):
    mount("wall", _wall())
    blank.keyboard.press("Tab")
    assert blank.evaluate("document.activeElement.closest('li').dataset.id") == "a"
    blank.keyboard.press("ArrowRight")
    blank.keyboard.press(" ")
    assert _said(blank) == ["b"]
    blank.keyboard.press("Shift+ArrowRight")
    blank.keyboard.press("Shift+ArrowRight")
    assert _said(blank) == ["b", "c", "d"]
    blank.keyboard.press("Control+a")
    assert sorted(_said(blank)) == ["a", "b", "c", "d"]
    blank.keyboard.press("End")
    blank.keyboard.press(" ")
    assert sorted(_said(blank)) == ["a", "b", "c"]
    blank.keyboard.press("Tab")  # one stop for the whole wall
    assert blank.evaluate("document.activeElement === document.body") is True


FIELDS = """() => {
    document.body.innerHTML = '<div class="st-key-draft-x"><textarea></textarea></div>' +
        '<textarea id="other"></textarea>';
    window.left = [];
    document.addEventListener("focusout", (event) => window.left.push(event.target.value));
}"""


def test_what_is_typed_is_sent_without_leaving_the_field(blank, mount):
    blank.evaluate(FIELDS)
    mount("typing", {})
    blank.locator("textarea").first.type("the hilt")
    blank.wait_for_function("window.left.length")
    assert blank.evaluate("window.left") == ["the hilt"]
    assert blank.evaluate("document.activeElement.value") == "the hilt"
    blank.locator("#other").type("x")  # no draft is kept of it; leaving the first is said as ever
    blank.wait_for_timeout(600)
    assert blank.evaluate("window.left") == ["the hilt", "the hilt"]


def test_what_was_typed_when_the_person_left_is_there_again(blank, mount):
    blank.evaluate(FIELDS)
    mount("typing", {})
    blank.locator("textarea").first.type("the hilt!")
    blank.evaluate("dispatchEvent(new PopStateEvent('popstate'))")
    assert blank.evaluate("window.left") == []  # nothing calls the page back that is left
    blank.evaluate(FIELDS)  # another page, and back
    blank.evaluate("document.querySelector('textarea').value = 'the'")
    mount("typing", {})
    blank.wait_for_function("window.left.length")
    assert set(blank.evaluate("window.left")) == {"the hilt!"}
    assert blank.locator("textarea").first.input_value() == "the hilt!"
    assert blank.evaluate("sessionStorage.length") == 0


def test_a_line_is_copied(blank, mount):
    rows = [
        {"name": "Seed", "value": "41", "copied": True},
        {"name": "Size", "value": "<b>1", "copied": False},
    ]
    blank.context.grant_permissions(["clipboard-read", "clipboard-write"])
    mount("recipe", {"rows": rows})
    assert blank.locator("dd span").all_text_contents() == ["41", "<b>1"]
    blank.get_by_role("button", name="Copy seed").click()
    expect(blank.get_by_role("status")).to_have_text("Seed copied.")
    assert blank.evaluate("navigator.clipboard.readText()") == "41"


def _pictures(*taken: str, **more: Any) -> dict[str, Any]:
    """Two pictures of a dataset."""
    pictures = [
        {
            "hash": hash,
            "url": DOT,
            "width": 1,
            "height": 1,
            "caption": "old",
            "name": f"{hash}.png",
            "category": "",
            "changed": [],
            "removed": False,
            "masked": False,
            "notes": [],
        }
        for hash in ("aa", "bb")
    ]
    usual = {"side": 100, "editable": True, "chosen": [], "chosen_mark": 0, "reveal": 0}
    usual["place"] = "Ana items"
    return {"pictures": pictures, "taken": list(taken), **usual, **more}


def test_captions_go_out_until_they_are_taken(blank, mount):
    mount("pictures", _pictures())
    first = blank.get_by_label("Caption of aa.png")
    first.fill("a  red gem ")
    first.press("Enter")  # and on to the next picture
    (sent,) = _said(blank)
    assert (sent["do"], sent["hash"], sent["value"]) == ("caption", "aa", "a red gem")
    expect(blank.get_by_label("Caption of bb.png")).to_be_focused()
    mount("pictures", _pictures())
    expect(first).to_have_value("a red gem")  # what is on its way is not undone by old data
    blank.get_by_role("button", name="Remove bb.png").click()
    assert [action["do"] for action in _said(blank)] == ["caption", "remove"]
    mount("pictures", _pictures(sent["id"]))
    blank.get_by_role("button", name="Details of aa.png").click()
    assert [action["do"] for action in _said(blank)] == ["remove", "open"]


SCENE = {
    "url": DOT,
    "width": 64,
    "height": 64,
    "scale": 1,
    "x": 0.5,
    "ground": 0.75,
    "neighbours": [f"{DOT}#1", f"{DOT}#2"],
}
GUIDE = {
    "facts": [{"label": "View", "says": "<b>from the front</b>"}],
    "palette": ["#aabbcc"],
    "do": [{"url": DOT, "says": "a clean edge"}],
    "dont": [],
}


def test_c_shows_both_pictures_of_a_pair_in_the_scene_and_back(blank, mount):
    pair = {"item": 1, "prompt": "a gem", "left": f"{DOT}#left", "right": f"{DOT}#right"}
    mount("vote", _sitting(scene=SCENE, guide=GUIDE, queue=[pair]))
    expect(blank.locator('[data-part="right"] img')).to_be_visible()
    expect(blank.locator('[data-part="guide"]')).to_contain_text("<b>from the front</b>")
    expect(blank.locator('[data-part="guide"] figure.do')).to_have_text("a clean edge")
    _press(blank, "c")
    for side in ("left", "right"):
        expect(blank.locator(f'[data-part="{side}"].scene img')).to_have_count(3)
    _press(blank, "w")  # wiping shows them as they were
    expect(blank.locator(".scene:visible")).to_have_count(0)
    _press(blank, "c", "c")
    expect(blank.locator('[data-part="right"] img')).to_have_count(1)
    expect(blank.locator(".scene:visible")).to_have_count(0)


def test_without_a_scene_c_does_nothing(blank, mount):
    mount("rate", _sitting(criteria=[{"name": "match", "help": "", "low": 1, "high": 5}]))
    expect(blank.locator('[data-part="pane"] img')).to_be_visible()
    expect(blank.locator("[data-do=scene]")).to_be_hidden()
    _press(blank, "c")
    expect(blank.locator(".scene:visible")).to_have_count(0)


def test_a_pages_picture_goes_into_its_scene_and_stays_there_for_the_next(blank, mount):
    data = {"picture": DOT, "alt": "a gem", "scene": SCENE, "guide": None}
    mount("scene", data)
    pane = blank.locator('[data-part="pane"]')
    expect(pane).to_be_hidden()
    blank.keyboard.press("c")
    expect(pane.locator('img[alt="a gem"]')).to_be_visible()
    mount("scene", {**data, "picture": f"{DOT}#next", "alt": "a sword"})
    expect(pane.locator('img[alt="a sword"]')).to_be_visible()
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


def test_a_caption_that_was_being_written_is_there_after_a_reload(blank, mount):
    mount("pictures", _pictures())
    first = blank.get_by_label("Caption of aa.png")
    first.fill("a red")
    blank.reload()
    assert not blank.evaluate("window.said")  # nobody left the field
    mount("pictures", _pictures(place="Ben items"))
    expect(first).to_have_value("old")  # it is not his
    blank.reload()
    mount("pictures", _pictures())
    expect(first).to_have_value("a red")
    expect(blank.get_by_label("Caption of bb.png")).to_have_value("old")
    blank.get_by_role("button", name="Not saved yet: save").click()
    (sent,) = _said(blank)
    assert (sent["do"], sent["hash"], sent["value"]) == ("caption", "aa", "a red")
    blank.reload()
    mount("pictures", _pictures())
    expect(first).to_have_value("old")  # sent: the studio has it now


def test_who_may_only_look_has_no_field_and_no_box(blank, mount):
    mount("pictures", _pictures(editable=False))
    assert blank.get_by_label("Caption of aa.png").evaluate("field => field.readOnly")
    expect(blank.get_by_role("checkbox")).to_have_count(0)
    expect(blank.get_by_role("button", name="Remove aa.png")).to_have_count(0)
    expect(blank.get_by_role("button", name="Details of aa.png")).to_be_visible()


def test_what_has_just_come_is_scrolled_into_sight_once(blank, mount):
    mount("pictures", _pictures(side=900))
    seen = "scrollY + innerHeight / 2 > document.querySelector('.card').offsetTop"
    blank.evaluate("document.body.style.paddingTop = '4000px'; scrollTo(0, 0)")
    mount("pictures", _pictures(side=900, reveal=1))
    blank.wait_for_function("scrollY > 3000")
    assert blank.evaluate(seen)
    blank.evaluate("scrollTo(0, 0)")
    mount("pictures", _pictures(side=900, reveal=1))
    blank.wait_for_timeout(SETTLED_MS)
    assert blank.evaluate("scrollY") == 0


def _palette(**more: Any) -> dict[str, Any]:
    table = {
        "colours": ["#2b1a0f", "#5c3a1c", "#a87848", "#e8f0f8"],
        "names": ["", "", "", "<b>snow</b>"],
        "ramps": [{"name": "wood", "places": [0, 1, 2]}],
    }
    return {"table": table, "mark": "a:1", "editable": True, **more}


def test_a_palette_is_ordered_and_edited_by_keys(blank, mount):
    mount("palette", _palette())
    swatches = blank.get_by_role("option")
    expect(swatches).to_have_count(4)
    expect(swatches.nth(3)).to_have_accessible_name("#e8f0f8, <b>snow</b>, colour 4 of 4")
    swatches.first.focus()
    blank.keyboard.press("End")
    expect(blank.get_by_role("status")).to_have_text("#e8f0f8, <b>snow</b>, colour 4 of 4")
    blank.keyboard.press("Shift+ArrowLeft")
    assert _said(blank)["colours"] == ["#2b1a0f", "#5c3a1c", "#e8f0f8", "#a87848"]
    assert _said(blank)["ramps"] == [{"name": "wood", "places": [0, 1, 3]}]
    blank.keyboard.press("Enter")
    blank.keyboard.type("#FFFFFF")
    blank.keyboard.press("Tab")
    assert _said(blank)["colours"][2] == "#ffffff"
    blank.get_by_label("Hex").fill("#2b1a0f")
    blank.keyboard.press("Tab")
    expect(blank.get_by_role("status")).to_have_text("#2b1a0f is colour 1 already.")
    swatches.nth(2).focus()
    blank.keyboard.press("Delete")
    assert len(_said(blank)["colours"]) == 3
    blank.keyboard.press("Control+z")
    assert len(_said(blank)["colours"]) == 4
    # What Streamlit draws meanwhile undoes nothing; a new mark does.
    mount("palette", _palette())
    assert swatches.nth(2).get_attribute("title").startswith("#ffffff")
    mount("palette", _palette(mark="a:2"))
    assert swatches.nth(2).get_attribute("title").startswith("#a87848")


def test_a_palette_is_ordered_by_dragging_and_gathered_into_ramps(blank, mount):
    mount("palette", _palette())
    swatches = blank.get_by_role("option")
    swatches.nth(3).drag_to(swatches.nth(0), target_position={"x": 2, "y": 10})
    assert _said(blank)["colours"][0] == "#e8f0f8"
    swatches.nth(0).click()
    swatches.nth(1).click(modifiers=["Control"])
    blank.get_by_role("button", name="Make a ramp").click()
    assert _said(blank)["ramps"][1] == {"name": "ramp 2", "places": [1, 0]}
    blank.keyboard.type("snow")
    blank.keyboard.press("Tab")
    assert _said(blank)["ramps"][1]["name"] == "snow"
    blank.get_by_role("button", name="Dissolve wood").click()
    assert [one["name"] for one in _said(blank)["ramps"]] == ["snow"]


def test_a_locked_palette_is_looked_at_only(blank, mount):
    mount("palette", _palette(editable=False))
    expect(blank.get_by_role("button")).to_have_count(0)
    blank.get_by_role("option").first.focus()
    for key in ("Delete", "Shift+ArrowRight", "Enter"):
        blank.keyboard.press(key)
    assert blank.evaluate("window.said") == []
    expect(blank.get_by_role("option")).to_have_count(4)

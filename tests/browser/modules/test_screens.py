"""Screens by themselves in chromium, given data as Streamlit gives it: what they show and say."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

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


def test_a_click_sets_a_pin_where_it_was(blank, mount):
    mount("pin", {"url": DOT, "alt": "", "width": 50, "height": 50, "side": 200, "pin": None})
    image = blank.locator("img")
    expect(image).to_be_visible()
    image.click(position={"x": 50, "y": 150})
    assert _said(blank) == pytest.approx([0.25, 0.75], abs=0.01)
    pin = blank.locator(".pin")
    assert not pin.evaluate("p => p.hidden")
    assert float(pin.evaluate("p => parseFloat(p.style.left)")) == pytest.approx(25, abs=1)


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

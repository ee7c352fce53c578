"""Screens that are typed into or dropped on, in chromium: what is sent, and what is kept."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Route, expect

from tests.browser.modules.screens import DOT, SETTLED_MS, last_said


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
    assert last_said(blank) == {"token": "t1", "sent": 3}
    assert sorted(url.split("name=")[1].split("&")[0] for url in asked) == [
        "a.png",
        "b.png",
        "b.png",
        "c.exe",
    ]
    assert blank.locator('[data-part="wrong"]').is_hidden()


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
    # Another page, and back: in one step, since the first call may still put in what was held.
    blank.evaluate(f"({FIELDS})(); document.querySelector('textarea').value = 'the'")
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
    (sent,) = last_said(blank)
    assert (sent["do"], sent["hash"], sent["value"]) == ("caption", "aa", "a red gem")
    expect(blank.get_by_label("Caption of bb.png")).to_be_focused()
    mount("pictures", _pictures())
    expect(first).to_have_value("a red gem")  # what is on its way is not undone by old data
    blank.get_by_role("button", name="Remove bb.png").click()
    assert [action["do"] for action in last_said(blank)] == ["caption", "remove"]
    mount("pictures", _pictures(sent["id"]))
    blank.get_by_role("button", name="Details of aa.png").click()
    assert [action["do"] for action in last_said(blank)] == ["remove", "open"]


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
    (sent,) = last_said(blank)
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
    blank.evaluate("document.body.style.padding = '4000px 0'; scrollTo(0, 0)")
    mount("pictures", _pictures(side=900, reveal=1))
    blank.wait_for_function(seen)
    blank.evaluate("scrollTo(0, 0)")
    mount("pictures", _pictures(side=900, reveal=1))
    blank.wait_for_timeout(SETTLED_MS)
    assert blank.evaluate("scrollY") == 0

"""The counter below the prompts in chromium: told while they are typed, kept as a draft."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

FIELDS = """document.body.insertAdjacentHTML("beforeend",
  `<div class="st-key-prompt"><textarea></textarea></div>
   <div class="st-key-negative"><input></div>`)"""
GIF = "R0lGODlhAQABAIAAAP///wAAACwAAAAAAQABAAACAkQBADs="
PASTE = f"""(where) => {{
  const bytes = Uint8Array.from(atob("{GIF}"), (one) => one.charCodeAt(0));
  const clipboardData = new DataTransfer();
  clipboardData.items.add(new File([bytes], "image.png", {{ type: "image/png" }}));
  document.querySelector(where).dispatchEvent(
    new ClipboardEvent("paste", {{ clipboardData, bubbles: true, composed: true }}));
}}"""


def reading(sent: str = "", tokens: str = "0 of 30 tokens", *notes: dict[str, str]) -> dict:
    return {"sent": sent, "tokens": tokens, "negative_tokens": "", "notes": list(notes)}


def data(**more: Any) -> dict[str, Any]:
    told: dict[str, Any] = {"style": "props", "version": 1, "adapters": [], "values": {}}
    told |= {"prompt": "", "negative": "", "read": reading(), "most": 20, "hint": "Say what."}
    return {**told, "tab": "t1", **more}


@pytest.fixture
def typed(blank: Page, mount: Any) -> Iterator[list[tuple[str, Any]]]:
    """The screen beside two fields; what it asks the studio, by path."""
    asked: list[tuple[str, Any]] = []

    def answer(route: Route) -> None:
        path = route.request.url.removeprefix("http://localhost").partition("?")[0]
        body = route.request.post_data_buffer
        asked.append((path, json.loads(body or b"{}") if path.startswith("/prompt") else body))
        if path == "/prompt/read":
            text = asked[-1][1]["prompt"]
            note = {"kind": "warning", "text": f"<b>{text}</b> is unknown."}
            route.fulfill(
                json=reading(f"<Props> {text}", f"{len(text.split())} of 30 tokens", note)
            )
        elif path == "/start":
            route.fulfill(json={"start": "ab" * 32})
        else:
            route.fulfill(status=204)

    for path in ("**/prompt/*", "**/start?*"):
        blank.route(path, answer)
    mount("prompt", data())
    blank.evaluate(FIELDS)
    yield asked


@pytest.mark.slow
def test_it_is_counted_and_kept_while_somebody_types(blank: Page, mount: Any, typed: Any) -> None:
    expect(blank.get_by_text("Say what.")).to_be_visible()
    count = blank.locator('[data-part="count"]')
    blank.locator("textarea").press_sequentially("a red gem")
    expect(count).to_have_text("3 of 30 tokens · 9 of 20 characters")
    expect(blank.locator('[data-part="start"]')).to_have_text("Sent as: <Props> a red gem")
    expect(blank.locator("li.warning")).to_have_text("<b>a red gem</b> is unknown.")  # as text
    expect(blank.get_by_text("Say what.")).to_be_hidden()
    blank.wait_for_timeout(900)
    drafts = [body for path, body in typed if path == "/prompt/draft"]
    now, was = {"prompt": "a red gem", "negative": ""}, {"was": "", "was_negative": ""}
    assert drafts == [{**now, "tab": "t1", **was}]
    asks = [body["prompt"] for path, body in typed if path == "/prompt/read"]
    assert len(asks) < 9 and asks[-1] == "a red gem"  # not at each key
    # A rerun that knows an older text takes nothing back.
    mount("prompt", data(prompt="a re", read=reading("<Props> a re")))
    expect(blank.locator('[data-part="start"]')).to_have_text("Sent as: <Props> a red gem")
    mount("prompt", data(prompt="a red gem", read=reading("<P> a red gem", "9 of 30 tokens")))
    expect(count).to_have_text("9 of 30 tokens · 9 of 20 characters")


def test_too_many_characters_are_said_at_once(blank: Page, typed: Any) -> None:
    count = blank.locator('[data-part="count"]')
    blank.locator("textarea").fill("x" * 21)
    expect(count).to_contain_text("21 of 20 characters")
    assert "over" in (count.get_attribute("class") or "")
    blank.locator("textarea").fill("x" * 20)
    expect(count).to_contain_text("20 of 20 characters")
    assert "over" not in (count.get_attribute("class") or "")
    blank.locator(".st-key-negative input").fill("blur")
    expect(blank.locator('[data-part="negative"]')).to_contain_text("4 of 20 characters")


def test_a_pasted_picture_is_sent_and_named(blank: Page, typed: Any) -> None:
    blank.evaluate(PASTE, "textarea")
    blank.wait_for_function("window.said?.length === 1")
    assert blank.evaluate("window.said[0]") == "ab" * 32
    assert [path for path, _ in typed] == ["/start"]
    # Words are pasted into the field, also where a picture of them comes along.
    words = 'clipboardData.setData("text/plain", "x");\n  clipboardData.items'
    blank.evaluate(PASTE.replace("clipboardData.items", words), "textarea")
    blank.wait_for_timeout(100)
    assert len(typed) == 1

"""What both screens that show one picture closely do alike: buttons, keys, the ground, the end."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from studio.web import components
from studio.web.javascript import FOLDER
from tests.browser.modules.screens import DOT, view_of

REPEATED = {"url": DOT, "alt": "a wall", "width": 50, "height": 50, "way": "both", "verdict": ""}
DATA = {
    "view": view_of(ways={"n": "next"}),
    "repeat": {"pictures": [REPEATED], "around": 300, "ways": {"n": "next"}},
}
ENDED = """async (screen) => {
  const { mount } = await import(`/${screen}.js`);
  const heard = (name, value) => window.said.push(value);
  const draw = (data) => mount({ parentElement: document.body, data, setTriggerValue: heard });
  const ends = [draw(window.data), draw(window.data)];
  return [() => ends[0](), () => ends[1]()].map((end) => {
    end();
    document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "n", bubbles: true }));
    return window.said.length;
  });
}"""


@pytest.fixture(params=list(DATA))
def screen(request: pytest.FixtureRequest, blank: Page, mount: Any) -> str:
    """Each of them, drawn in a stage of 600 x 600 px."""
    name = str(request.param)
    for part in (*components.SHARED[name], name):
        blank.add_style_tag(path=FOLDER / f"{part}.css")
    blank.add_style_tag(content=".stage { width: 600px; height: 600px }")
    mount(name, DATA[name])
    return name


def _scale(page: Page) -> int:
    said = page.locator("[data-part=scale]").text_content() or ""
    return int(said.partition("shown at ")[2].partition("x")[0])


@pytest.mark.slow
def test_keys_buttons_and_the_wheel_change_the_scale_alike(blank: Page, screen: str) -> None:
    fits = _scale(blank)
    assert fits == {"view": 11, "repeat": 4}[screen]
    blank.keyboard.press("+")
    by_key = _scale(blank)
    assert by_key > fits
    blank.locator("[data-do=fit]").click()
    assert _scale(blank) == fits
    blank.locator("[data-do=nearer]").click()
    assert _scale(blank) == by_key
    blank.keyboard.press("0")
    blank.locator("[data-part=stage]").hover()
    blank.keyboard.down("Control")
    blank.mouse.wheel(0, -100)
    blank.keyboard.up("Control")
    expect(blank.locator("[data-part=scale]")).to_contain_text(f"shown at {by_key}x")


def test_the_ground_is_kept_by_the_browser_for_both(blank: Page, screen: str) -> None:
    button = blank.locator("[data-do=ground]")
    expect(button).to_have_attribute("aria-pressed", "false")
    blank.keyboard.press("g")
    expect(button).to_have_attribute("aria-pressed", "true")
    blank.locator("[data-part=colour]").fill("#ff0000")
    kept = blank.evaluate("localStorage.getItem('housestyle ground')")
    assert kept == '{"flat":true,"colour":"#ff0000"}'


def test_a_call_that_ended_silences_no_newer_one(blank: Page, screen: str) -> None:
    blank.keyboard.press("n")
    assert blank.evaluate("window.said") == ["next"]
    blank.evaluate("(data) => { window.data = data; }", DATA[screen])
    # The older of two ends, and the newer still hears; then that ends, and nobody does.
    assert blank.evaluate(ENDED, screen) == [2, 2]

"""With the keyboard alone: the first Tab comes to a way past the menu, and nobody else sees it."""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Running, drawn_all, somebody
from tests.browser.furnished import STYLE, Furnished

pytestmark = pytest.mark.slow
SIZE = "(one) => [one.getBoundingClientRect().width, one.getBoundingClientRect().height]"
# Whether what lies in the middle of the link is the link: nothing covers it.
UNCOVERED = """(one) => {
  const box = one.getBoundingClientRect();
  return document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2) === one;
}"""
IN_MAIN = "() => document.activeElement.closest('[data-testid=stMain]') !== null"


@pytest.mark.parametrize(("scheme", "width"), [("light", 1400), ("dark", 1400), ("light", 390)])
def test_the_first_tab_leads_past_the_menu(
    running: Running, browser: Browser, there: Furnished, scheme: str, width: int
) -> None:
    with somebody(browser, running, "Ana", scheme) as context:
        page = context.new_page()
        page.set_viewport_size({"width": width, "height": 900})
        for path in ("/", f"/Generate?style={STYLE}", f"/Picture?id={there.picture}"):
            page.goto(running.url + path)
            drawn_all(page)
            _past_the_menu(page)


def _past_the_menu(page: Page) -> None:
    skip = page.get_by_role("link", name="Skip to main content")
    assert max(skip.evaluate(SIZE)) <= 1
    address = page.url
    page.keyboard.press("Tab")
    expect(skip).to_be_focused()
    assert min(skip.evaluate(SIZE)) > 20 and skip.evaluate(UNCOVERED)
    assert _too_pale(page) == []
    page.keyboard.press("Enter")
    assert max(skip.evaluate(SIZE)) <= 1
    assert page.evaluate("document.activeElement.dataset.testid") == "stMain"
    page.keyboard.press("Tab")
    assert page.evaluate(IN_MAIN) and page.url == address


def _too_pale(page: Page) -> list[Any]:
    """What axe-core says of the link's colours."""
    rules = {"runOnly": ["color-contrast"], "resultTypes": ["violations"]}
    found = Axe().run(page, context='[data-testid="stSkipToContent"]', options=rules)
    return [one["nodes"] for one in found.response["violations"]]

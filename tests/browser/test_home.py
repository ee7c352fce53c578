"""Home on a desk: production on top with its pictures, then what waits; on a phone what waits is
first."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Locator

from tests.browser.conftest import Running, drawn_all, somebody
from tests.browser.furnished import STYLE, Furnished


@pytest.mark.slow
@pytest.mark.parametrize(("width", "columns"), [(390, 1), (1440, 2)])
def test_home_has_one_column_on_a_phone(
    running: Running, browser: Browser, there: Furnished, width: int, columns: int
) -> None:
    with somebody(browser, running, "Ana") as context:
        page = context.new_page()
        page.set_viewport_size({"width": width, "height": 900})
        page.goto(running.url)
        drawn_all(page)
        picture = page.locator(".hs-shelf img").first
        picture.wait_for()
        assert picture.evaluate("(one) => one.complete && one.naturalWidth") > 0
        heads = [page.get_by_role("heading", name=name) for name in ("For you", "At work")]
        waits, works = (head.bounding_box() for head in heads)
        shown = picture.bounding_box()
        assert waits and works and shown
        assert (waits["x"] == works["x"]) is (columns == 1)
        assert (shown["y"] < waits["y"]) is (columns == 2)
        assert shown["y"] < works["y"]
        if columns == 1:
            assert waits["y"] < 300  # on the first screen
            _says_all_in_little(page.locator('[class*="st-key-style-card-"]').first)
        wider = "(all) => all.scrollWidth - all.clientWidth"
        assert page.get_by_test_id("stMain").evaluate(wider) == 0
        # The card's own: the sidebar has one of that name.
        page.get_by_test_id("stMain").get_by_role("link", name="Versions").first.click()
        page.wait_for_url(f"**/Registry?style={STYLE}**")


def _says_all_in_little(card: Locator) -> None:
    """On a phone: the style, its state, since when and by whom, and both ways on; of a long reason
    two lines."""
    box, since = card.bounding_box(), card.get_by_text(re.compile("^Since "))
    assert box and box["height"] <= 230
    assert since.evaluate("(one) => getComputedStyle(one).webkitLineClamp") == "2"
    for part in (
        card.get_by_text(STYLE, exact=True),
        card.get_by_text("is in production"),
        since,
        card.get_by_role("link", name="Draw"),
        card.get_by_role("link", name="Versions"),
    ):
        inside = part.bounding_box()
        assert inside and inside["height"] > 0
        assert inside["y"] + inside["height"] <= box["y"] + box["height"]

"""Home on a desk: production on top with its pictures, then what waits; on a phone what waits is
first."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

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
            card = page.locator('[class*="st-key-style-card-"]').first.bounding_box()
            assert card and card["height"] < 320
        wider = "(all) => all.scrollWidth - all.clientWidth"
        assert page.get_by_test_id("stMain").evaluate(wider) == 0
        # The card's own: the sidebar has one of that name.
        page.get_by_test_id("stMain").get_by_role("link", name="Versions").first.click()
        page.wait_for_url(f"**/Registry?style={STYLE}**")

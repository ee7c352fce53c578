"""The report on paper: the table alone, without menu and fields, as wide as the page."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import Running, drawn_all, somebody
from tests.browser.furnished import STYLE, Furnished


@pytest.mark.slow
def test_the_report_prints_its_table_alone(
    running: Running, browser: Browser, there: Furnished
) -> None:
    with somebody(browser, running, "Ana") as context:
        page = context.new_page()
        page.goto(f"{running.url}/Report?style={STYLE}")
        drawn_all(page)
        table = page.locator(".hs-report table")
        expect(table.get_by_role("rowheader", name="Style match", exact=True)).to_be_visible()
        hidden = (
            page.get_by_test_id("stSidebar"),
            page.locator(".st-key-report-choices"),
            page.locator(".st-key-report-actions"),
        )
        expect(hidden[1]).to_be_visible()
        page.emulate_media(media="print")
        for one in hidden:
            expect(one).to_be_hidden()
        expect(table.get_by_role("rowheader", name="Style match", exact=True)).to_be_visible()
        wider = "(one) => one.scrollWidth - one.clientWidth"
        assert page.locator(".hs-report").evaluate(wider) <= 0
        assert page.pdf(landscape=True).startswith(b"%PDF")

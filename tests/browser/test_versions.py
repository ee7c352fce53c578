"""Versions in a browser: the table is clicked, and the dialog of a move keeps what is typed."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from studio.registry import stages
from tests.browser.conftest import drawn_all
from tests.browser.furnished import STYLE, Furnished, with_the_first

pytestmark = pytest.mark.slow
Visit = Callable[..., Page]
# How far the dialog reaches below what is seen of it, and how much of it is hidden by scrolling.
BEYOND = """(dialog) => {
  const box = dialog.getBoundingClientRect();
  const hidden = [...dialog.querySelectorAll('*')].map((e) =>
    getComputedStyle(e).overflowY === 'auto' ? e.scrollHeight - e.clientHeight : 0);
  return Math.max(box.bottom - innerHeight, ...hidden);
}"""


def test_a_row_is_clicked_and_back_undoes_it(visit: Visit, there: Furnished) -> None:
    page = visit(f"/Registry?style={STYLE}&version=1")
    drawn_all(page)
    page.locator("table.versions tr", has_text="Version 2").click()
    expect(page).to_have_url(re.compile(rf"style={STYLE}.*version=2|version=2.*style={STYLE}"))
    expect(page.get_by_role("heading", name="Version 2", exact=True)).to_be_visible()
    current = page.locator("table.versions tr.current")
    expect(current).to_contain_text("Version 2")
    page.go_back()
    expect(page.get_by_role("heading", name="Version 1", exact=True)).to_be_visible()
    expect(current).to_contain_text("Version 1")
    page.get_by_role("link", name="Version 1", exact=True).focus()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Version 2", exact=True)).to_be_visible()


def test_a_grave_move_is_seen_at_once_and_its_reason_outlives_the_dialog(
    visit: Visit, there: Furnished
) -> None:
    with_the_first(there)
    page = visit(f"/Registry?style={STYLE}&version=2")
    page.set_viewport_size({"width": 1440, "height": 900})
    drawn_all(page)
    page.get_by_role("button", name="Put into production").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.locator(".hs-pair img").first).to_be_visible()
    expect(dialog.get_by_text("What will happen")).to_be_visible()
    expect(dialog.get_by_text("Gates", exact=True)).to_be_visible()
    why = dialog.get_by_label("Why")
    why.fill("the outlines are")
    expect(dialog.get_by_text("Draft, not saved")).to_be_visible()  # sent, and nothing closed
    assert dialog.evaluate(BEYOND) <= 1
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    page.reload()
    drawn_all(page)
    page.get_by_role("button", name="Put into production").click()
    expect(why).to_have_value("the outlines are")
    why.fill("the outlines are calmer")
    dialog.get_by_role("button", name="Put into production: version 2").click()
    expect(page.get_by_text("Version 2 is in production now.")).to_be_visible()
    expect(dialog).to_have_count(0)
    assert stages.history(there.studio.engine, STYLE)[-1].reason == "the outlines are calmer"
    # One source: the table, the card and what stands above say the same, drawn after the move.
    expect(page.locator("table.versions tr.current")).to_contain_text("in production")
    expect(page.locator(".hs-facts")).to_contain_text("in production")
    page.get_by_role("button", name="Go back to version 1").click()
    dialog.get_by_label("Why").fill("too dark in the game")
    dialog.get_by_role("button", name="Go back to version 1").click()
    expect(page.get_by_text("Version 1 is in production again.")).to_be_visible()
    expect(page.locator("table.versions tr", has_text="Version 1")).to_contain_text("in production")

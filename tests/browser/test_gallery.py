"""The gallery in a real browser: what was typed comes back, many are chosen and judged by keys."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from studio.assets.search import Wanted
from studio.generation import gallery_table
from tests.browser.conftest import drawn_all
from tests.browser.furnished import STYLE, Furnished

Visit = Callable[..., Page]


@pytest.mark.slow
def test_a_note_that_was_typed_and_not_saved_outlasts_back(visit: Visit, there: Furnished) -> None:
    page = visit(f"/Gallery?style={STYLE}", person="Gil")
    drawn_all(page)
    page.locator(f'.wall a[href*="{there.picture}"]').click()
    note = page.get_by_label("Note for whoever edits it")
    note.click()
    note.press_sequentially(" and the hilt", delay=5)
    page.go_back()  # at once, while the field has the keyboard
    expect(page.get_by_role("heading", name="Gallery")).to_be_visible()
    page.go_forward()
    expect(page.get_by_label("Note for whoever edits it")).to_have_value(
        re.compile(r"and the hilt|the hilt")
    )
    expect(page.get_by_text("not saved").first).to_be_visible()
    page.reload()
    expect(page.get_by_label("Note for whoever edits it")).to_have_value(re.compile("the hilt"))
    page.get_by_role("button", name="Discard draft").click()
    expect(page.get_by_text("not saved")).to_have_count(0)
    expect(page.get_by_label("Note for whoever edits it")).not_to_have_value(re.compile("hilt"))


@pytest.mark.slow
def test_many_are_chosen_judged_and_undone_by_keys(visit: Visit, there: Furnished) -> None:
    page = visit(f"/Gallery?style={STYLE}", person="Hal")
    drawn_all(page)
    wanted = Wanted(style=STYLE)
    before = gallery_table.tally(there.studio.engine, wanted)
    first = page.locator(".wall a").first
    first.focus()
    page.keyboard.press("Control+a")
    expect(page.get_by_text(re.compile(r"3 chosen"))).to_be_visible()
    page.keyboard.press("a")
    expect(page.get_by_text(re.compile("3: Approved|Approved\\."))).to_be_visible()
    assert gallery_table.tally(there.studio.engine, wanted) == {"approved": 3}
    page.keyboard.press("u")
    expect(page.get_by_text("Choose by the boxes").first).to_be_visible()
    expect(page.locator(".mark.approved:not(:empty)")).to_have_count(before.get("approved", 0))
    assert gallery_table.tally(there.studio.engine, wanted) == before


@pytest.mark.slow
def test_one_goes_on_by_keys_and_judges_in_the_whole_window(visit: Visit, there: Furnished) -> None:
    order = gallery_table.ids_of(there.studio.engine, Wanted(style=STYLE))
    page = visit(f"/Picture?id={order[0]}&style={STYLE}", person="Ida")
    drawn_all(page)
    expect(page.get_by_text("1 of 3")).to_be_visible()
    expect(page.get_by_text("shown at")).to_be_visible()  # keys are heard from here on
    page.wait_for_timeout(1500)  # a key that comes sooner was meant for the one before
    page.keyboard.press("ArrowRight")
    expect(page.get_by_text("2 of 3")).to_be_visible()
    page.wait_for_timeout(1500)  # a key that comes sooner was meant for the one before
    page.keyboard.press("n")
    expect(page.get_by_text("3 of 3")).to_be_visible()
    page.wait_for_timeout(1500)  # a key that comes sooner was meant for the one before
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_text("2 of 3")).to_be_visible()
    assert f"id={order[1]}" in page.url and f"style={STYLE}" in page.url
    page.go_back()
    expect(page.get_by_text("3 of 3")).to_be_visible()
    page.get_by_role("link", name="Gallery").last.click()
    page.get_by_role("link", name="Judge one by one").click()
    expect(page.get_by_role("heading", name="Judge")).to_be_visible()
    expect(page.locator('[data-testid="stSidebar"]')).to_be_hidden()
    page.wait_for_timeout(1500)  # a key that comes sooner was meant for the one before
    page.keyboard.press("Escape")
    expect(page.get_by_role("heading", name="Gallery")).to_be_visible()

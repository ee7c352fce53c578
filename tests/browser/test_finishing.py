"""From the gallery through Finish to the finished picture in a real browser, by keys."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from studio.assets import family, records
from studio.assets.search import Wanted
from studio.generation import gallery_table
from studio.workflows import finishing
from tests.browser.conftest import drawn_all
from tests.browser.furnished import STYLE, Furnished

Visit = Callable[..., Page]
pytestmark = pytest.mark.slow


def settle(page: Page) -> None:
    drawn_all(page)
    page.wait_for_timeout(1500)  # a key that comes sooner was meant for what was shown before


def pictures(there: Furnished) -> set[str]:
    return set(gallery_table.ids_of(there.studio.engine, Wanted(style=STYLE)))


def test_one_is_chosen_finished_by_hand_kept_seen_raw_and_taken_back(
    visit: Visit, there: Furnished
) -> None:
    before = pictures(there)
    page = visit(f"/Gallery?style={STYLE}", person="Fin")
    settle(page)
    page.locator(".wall a").first.focus()
    page.keyboard.press("Space")
    expect(page.get_by_text("1 chosen")).to_be_visible()
    page.get_by_role("button", name="Finish", exact=True).click()
    expect(page.get_by_role("heading", name="Finish")).to_be_visible()
    settle(page)
    page.get_by_role("button", name="Set a grid by hand").click()
    step = page.get_by_label("Step X")
    step.fill("2")
    step.press("Tab")
    expect(page.get_by_text("16 x 16 px at its native size")).to_be_visible()
    settle(page)
    page.reload()
    settle(page)
    expect(page.get_by_label("Step X")).to_have_value("2")  # the draft
    ran = page.evaluate("performance.getEntriesByType('resource').length")
    page.keyboard.press("r")
    expect(page.locator("[data-do=raw]")).to_have_attribute("aria-pressed", "true")
    page.wait_for_timeout(800)
    assert page.locator('[data-testid="stStatusWidget"]').count() == 0, ran
    page.keyboard.press("r")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("Kept as a picture of its own")).to_be_visible()
    (new,) = pictures(there) - before
    (parent,) = family.parents(there.studio.engine, new)
    assert parent.id in before
    steps = finishing.steps_of(records.get(there.studio.engine, new))
    assert steps is not None and steps.set_grid is not None and steps.set_grid.step_x == 2
    page.get_by_role("link", name="See it").click()
    expect(page.get_by_text("16 x 16 px, shown at")).to_be_visible()
    settle(page)
    page.keyboard.press("r")
    expect(page.get_by_text("32 x 32 px, shown at")).to_be_visible()
    expect(page.get_by_text("The raw picture.")).to_be_visible()
    page.keyboard.press("r")
    expect(page.get_by_text("16 x 16 px, shown at")).to_be_visible()
    page.go_back()
    settle(page)
    page.keyboard.press("u")
    expect(page.get_by_text("Kept as a picture of its own")).to_have_count(0)
    assert pictures(there) == before


def test_many_stand_on_a_wall_and_one_is_left_out(visit: Visit, there: Furnished) -> None:
    page = visit(f"/Finish?style={STYLE}", person="Mio")
    settle(page)
    expect(page.get_by_role("button", name=re.compile("^Keep 3"))).to_be_visible()
    page.locator(".wall input").first.click()
    expect(page.get_by_role("button", name=re.compile("^Keep 2"))).to_be_visible()
    page.reload()
    settle(page)
    expect(page.get_by_role("button", name=re.compile("^Keep 2"))).to_be_visible()
    page.keyboard.press("r")
    expect(page.locator(".wall li.raw")).to_have_count(3)
    page.get_by_role("button", name="Leave none out").click()
    expect(page.get_by_role("button", name=re.compile("^Keep 3"))).to_be_visible()
    page.locator(".wall a").last.click()
    expect(page.get_by_role("link", name="All 3")).to_be_visible()

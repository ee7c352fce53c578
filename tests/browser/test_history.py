"""The browser's Back, Forward and reload keep and undo what was chosen; the frame's own keys."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Running, drawn_all
from tests.browser.furnished import STYLE, Furnished

Visit = Callable[..., Page]
pytestmark = pytest.mark.slow


def _link(page: Page, label: str) -> None:
    page.get_by_test_id("stSidebar").get_by_role("link", name=label, exact=True).click()


def _steps(page: Page) -> int:
    return int(page.evaluate("history.length"))


def test_back_undoes_each_tab_and_then_leaves_the_page(
    visit: Visit, running: Running, there: Furnished
) -> None:
    page = visit("/")
    drawn_all(page)
    before = _steps(page)
    _link(page, "Datasets")
    expect(page.get_by_role("tab", name="Pictures")).to_have_attribute("aria-selected", "true")
    expect(page).to_have_url(re.compile(r"/Datasets\?.*set="))
    for tab in ("Captions", "Versions"):
        page.get_by_role("tab", name=tab, exact=True).click()
        expect(page).to_have_url(re.compile(f"tab={tab}"))
    assert _steps(page) == before + 3  # the page and two tabs; what it filled in made no step
    for tab in ("Captions", "Pictures"):
        page.go_back()
        expect(page.get_by_role("tab", name=tab, exact=True)).to_have_attribute(
            "aria-selected", "true"
        )
    page.go_back()
    expect(page.get_by_role("heading", level=1, name="Today")).to_be_visible()
    page.go_forward()
    page.go_forward()
    expect(page.get_by_role("tab", name="Captions", exact=True)).to_have_attribute(
        "aria-selected", "true"
    )
    page.reload()
    expect(page.get_by_role("tab", name="Captions", exact=True)).to_have_attribute(
        "aria-selected", "true"
    )


def test_typing_makes_no_step_and_is_kept(visit: Visit, there: Furnished) -> None:
    page = visit(f"/Datasets?set={STYLE}&tab=Pictures")
    drawn_all(page)
    before = _steps(page)
    words = page.get_by_label("Search", exact=True)
    for text in ("potion", "ring"):
        words.fill(text)
        words.press("Enter")
        expect(page).to_have_url(re.compile(f"q={text}"))
    assert _steps(page) == before
    page.reload()
    expect(words).to_have_value("ring")


def test_a_picture_of_the_gallery_is_one_step_away(visit: Visit, there: Furnished) -> None:
    page = visit(f"/Gallery?style={STYLE}")
    drawn_all(page)
    search = page.get_by_label("Search prompts and names", exact=True)
    search.fill("ring")
    search.press("Enter")
    expect(page).to_have_url(re.compile("text=ring"))
    page.reload()
    drawn_all(page)
    expect(search).to_have_value("ring")
    before, address = _steps(page), page.url
    page.locator(f'.wall a[href*="{there.picture}"]').click()
    expect(page).to_have_url(re.compile(rf"/Picture\?.*id={there.picture}"))
    expect(page.get_by_text("shown at")).to_be_visible()
    assert _steps(page) == before + 1
    page.go_back()
    expect(page).to_have_url(address)
    expect(search).to_have_value("ring")
    expect(page.locator(f'.wall a[href*="{there.picture}"]')).to_be_visible()


def test_a_choice_is_a_step_and_back_takes_it_back(visit: Visit, there: Furnished) -> None:
    page = visit(f"/Train?data={STYLE}")
    drawn_all(page)
    expect(page).to_have_url(re.compile("preset=balanced"))
    before = _steps(page)
    page.get_by_role("radio", name="Fast").click()
    expect(page).to_have_url(re.compile("preset=fast"))
    page.get_by_role("radio", name="Queue").click()
    expect(page).to_have_url(re.compile("show=Queue"))
    assert _steps(page) == before + 2
    page.go_back()
    expect(page.get_by_role("radio", name="Fast")).to_be_checked()
    page.go_back()
    expect(page.get_by_role("radio", name="Balanced")).to_be_checked()
    expect(page).to_have_url(re.compile("preset=balanced"))


def test_a_link_on_the_page_itself_stands_in_the_address(visit: Visit, there: Furnished) -> None:
    page = visit(f"/Vote?ballot={there.ballot}")
    drawn_all(page)
    page.get_by_role("link", name="All ballots").click()
    expect(page).not_to_have_url(re.compile("ballot="))
    page.go_back()
    expect(page).to_have_url(re.compile(f"ballot={there.ballot}"))
    expect(page.get_by_role("link", name="All ballots")).to_be_visible()


def test_what_comes_late_of_a_page_that_was_left_changes_nothing(
    visit: Visit, there: Furnished
) -> None:
    page = visit("/Guide")
    drawn_all(page)
    before = _steps(page)
    # A click on a link, and what the page before still adds to its address meanwhile.
    page.evaluate(
        """() => {
        document.dispatchEvent(new PointerEvent("pointerdown"));
        history.pushState({}, "", "/Guide?late=1");
        history.pushState({}, "", "/Vote");
        }"""
    )
    assert _steps(page) == before + 1
    page = visit(f"/Vote?ballot={there.ballot}")
    drawn_all(page)
    page.get_by_role("link", name="All ballots").click()
    expect(page).not_to_have_url(re.compile("ballot="))
    drawn_all(page)
    page.go_back()
    expect(page).to_have_url(re.compile(f"ballot={there.ballot}"))
    page.evaluate('history.pushState({}, "", "/Vote?sides=late")')
    assert f"ballot={there.ballot}" in page.url and "late" not in page.url


def test_a_page_that_there_is_not(visit: Visit, running: Running, there: Furnished) -> None:
    page = visit("/Nope")
    expect(page.get_by_role("alert")).to_have_text("There is no page “Nope” here.")
    page.get_by_role("link", name="Datasets").click()
    expect(page.get_by_role("heading", level=1, name="Datasets")).to_be_visible()


def test_groups_stay_as_they_were_left_and_work_by_keyboard(visit: Visit, there: Furnished) -> None:
    page = visit("/Vote", person="Gil")
    drawn_all(page)
    bar = page.get_by_test_id("stSidebar")
    expect(bar.get_by_role("link", name="Admin")).to_be_hidden()
    expect(bar.get_by_role("link", name="Datasets")).to_be_visible()
    for group in ("Studio", "Train"):
        with page.expect_response(re.compile("/sidebar")):
            bar.locator("summary", has_text=re.compile(f"^\\W*{group}|{group}$")).focus()
            page.keyboard.press("Enter")
    expect(bar.get_by_role("link", name="Admin")).to_be_visible()
    expect(bar.get_by_role("link", name="Datasets")).to_be_hidden()
    page.reload()
    drawn_all(page)
    expect(bar.get_by_role("link", name="Admin")).to_be_visible()
    expect(bar.get_by_role("link", name="Datasets")).to_be_hidden()
    bar.get_by_role("link", name="Admin").click()
    expect(page.get_by_role("heading", level=1, name="Admin")).to_be_visible()
    expect(bar.get_by_role("link", name="Datasets")).to_be_hidden()


def test_question_mark_shows_the_keys_unless_somebody_writes(
    visit: Visit, there: Furnished
) -> None:
    page = visit(f"/Generate?style={STYLE}")
    drawn_all(page)
    prompt = page.get_by_label("Prompt", exact=True)
    prompt.fill("who")
    prompt.press("?")
    expect(prompt).to_have_value("who?")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.get_by_role("heading", level=1).click()
    page.keyboard.press("?")
    keys = page.get_by_role("dialog")
    expect(keys.get_by_role("heading", name="Generate", exact=True)).to_be_visible()
    page.keyboard.press("Escape")
    expect(keys).to_have_count(0)

"""Every page with data in it, in light and dark: readable, labelled, in order, and what people
wrote stays text."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Running, drawn_all, somebody
from tests.browser.furnished import STYLE, Furnished

PAGES = {
    "Home": "/",
    "Datasets": f"/Datasets?set={STYLE}",
    "its compared versions": f"/Datasets?set={STYLE}&tab=Compare",
    "its statistics": f"/Datasets?set={STYLE}&tab=Statistics",
    "its captions": f"/Datasets?set={STYLE}&tab=Captions",
    "how it grows": f"/Datasets?set={STYLE}&tab=Grow",
    "its consents": f"/Datasets?set={STYLE}&tab=Consent",
    "Train": f"/Train?data={STYLE}",
    "the night": "/Train?show=Queue",
    "sweeps": "/Train?show=Sweeps",
    "Evaluate": f"/Evaluate?style={STYLE}&versions=1,2",
    "Rate": "/Rate",
    "a round": "/Rate?round={round}",
    "Vote": "/Vote",
    "a ballot": "/Vote?ballot={ballot}",
    "Palettes": "/Palettes",
    "a palette": f"/Palettes?palette=relics&style={STYLE}",
    "a locked palette": "/Palettes?palette=locked",
    "Registry": f"/Registry?style={STYLE}&version=1",
    "its release": f"/Registry?style={STYLE}&show=Release",
    "its gates": f"/Registry?style={STYLE}&show=Gates",
    "its history": f"/Registry?style={STYLE}&show=History",
    "LoRA files": "/Registry?show=LoRA+files",
    "the former Adapters": "/Adapters?show=Merge",
    "Generate": f"/Generate?style={STYLE}",
    "a part of a picture": "/Generate?part={picture}",
    "Picture": "/Picture?id={picture}",
    "Finish": "/Finish?id={picture}",
    "many to finish": "/Finish?job={job}",
    "Upscale": "/Upscale",
    "a picture to enlarge": "/Upscale?id={picture}",
    "a picture to draw larger": "/Upscale?id={picture}&method=diffusion",
    "upscaling models": "/Upscale?show=Models",
    "Props": "/Props",
    "a wish": "/Props?wish={wish}",
    "a picture to become a prop": "/Props?id={picture}",
    "a prop by a service": "/Props?id={picture}&way=By+a+provider",
    "a prop by a GPU": "/Props?id={picture}&way=On+your+own+GPU",
    "a prop": "/Props?prop={prop}",
    "history of props": "/Props?show=History",
    "Export": "/Export",
    "a picture to export": "/Export?id={picture}",
    "export profiles": "/Export?show=Profiles",
    "exports": "/Export?show=History",
    "Gallery": f"/Gallery?style={STYLE}",
    "boards": "/Gallery?show=boards",
    "a board": "/Gallery?board={board}",
    "Judge": "/Gallery?mode=judge&job={job}",
    "Lists": "/Lists",
    "Tiles": "/Tiles",
    "Animate": "/Animate",
    "a picture to animate": "/Animate?id={picture}",
    "a motion": "/Animate?show=Motion",
    "sheets": "/Animate?show=Sheets",
    "Characters": "/Characters",
    "the former Lists": "/Assets",
    "Costs": "/Costs",
    "charges": "/Costs?show=Charges",
    "unconfirmed calls": "/Costs?show=Unconfirmed",
    "limits on spending": "/Costs?show=Limits",
    "prices": "/Costs?show=Prices",
    "one-time costs": "/Costs?show=One-time+costs",
    "the report": f"/Report?style={STYLE}",
    "what the game took": f"/Report?style={STYLE}&show=Used",
    "minutes by hand": "/Report?show=Minutes+by+hand",
    "Admin": "/Admin",
    "its jobs": "/Admin?show=Jobs",
    "its webhooks": "/Admin?show=Webhooks",
    "its settings": "/Admin?show=Settings",
}
SETTLED_MS = 400  # after another width of the screen
WIDER = "(all) => all.scrollWidth - all.clientWidth"
# Where the keyboard is, shadow roots included: what has it, where it is, whether it can be seen.
FOCUSED = """() => {
  let at = document.activeElement;
  while (at.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
  const box = at.getBoundingClientRect();
  const main = document.querySelector('[data-testid=stMain]');
  return {what: at.outerHTML.slice(0, 200), main: main.contains(document.activeElement),
    x: box.x, y: box.y + main.scrollTop, width: box.width};
}"""


@pytest.fixture(scope="module")
def page(running: Running, browser: Browser) -> Iterator[Page]:
    """One page for all, or each would load the whole of Streamlit anew."""
    context = somebody(browser, running, "Ana")
    yield context.new_page()
    context.close()


@pytest.mark.slow
@pytest.mark.parametrize("name", PAGES)
def test_a_page(running: Running, page: Page, there: Furnished, name: str) -> None:
    _go(running, page, there, name, "light")
    assert page.locator('[data-testid="stException"]').count() == 0
    assert _violations(page) == []
    _in_order(page)
    # What people wrote is shown, and is nothing but text.
    assert page.evaluate("window.hacked") is None
    assert page.locator('img[src="x"], a[href^="javascript"]').count() == 0
    assert page.locator('a[href*="evil.example"]').count() == 0


@pytest.mark.slow
@pytest.mark.parametrize("name", PAGES)
def test_a_page_in_the_dark_and_on_narrow_screens(
    running: Running, page: Page, there: Furnished, name: str
) -> None:
    _go(running, page, there, name, "dark")
    assert _violations(page, {"runOnly": ["color-contrast"]}) == []
    usual = page.viewport_size
    assert usual is not None
    beside = {}
    for width in (1024, 390):
        page.set_viewport_size({"width": width, "height": 900})
        page.wait_for_timeout(SETTLED_MS)
        beside[width] = page.get_by_test_id("stMain").evaluate(WIDER)
    page.set_viewport_size(usual)
    assert beside == {1024: 0, 390: 0}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("at", "shows"),
    [("", "Recent Experiments"), ("#/experiments", "Default"), ("#/models", STYLE)],
)
def test_mlflows_own_pages_draw_themselves(
    running: Running, browser: Browser, there: Furnished, at: str, shows: str
) -> None:
    with somebody(browser, running, "Ana") as context:
        page = context.new_page()
        page.goto(f"{running.url}/mlflow/{at}")
        expect(page.locator("#root")).to_contain_text(shows)


@pytest.mark.slow
def test_screens_come_by_one_request_and_are_kept(
    running: Running, browser: Browser, there: Furnished
) -> None:
    script = """() => performance.getEntriesByType("resource")
        .filter((one) => one.name.includes("/screens/"))
        .map((one) => one.transferSize)"""
    fetched = []
    with somebody(browser, running, "Fay") as context:
        for name in ("a ballot", "Datasets", "Picture", "Judge", "Home"):
            page = context.new_page()
            page.goto(running.url + PAGES[name].format(**vars(there)))
            drawn_all(page)
            if name != "Home":
                # Not wait_for_function, whose eval the page's policy forbids.
                end = time.monotonic() + 30
                while not page.evaluate(script) and time.monotonic() < end:
                    page.wait_for_timeout(50)
            fetched.append(page.evaluate(script))
            page.close()
    assert len(fetched[0]) == 1 and 0 < fetched[0][0] < 80_000
    assert fetched[1:] == [[0], [0], [0], []]


def _go(running: Running, page: Page, there: Furnished, name: str, theme: Any) -> None:
    page.emulate_media(color_scheme=theme)
    page.goto(running.url + PAGES[name].format(**vars(there)))
    drawn_all(page)


def _violations(page: Page, options: dict[str, Any] | None = None) -> list[str]:
    """What axe-core calls serious or critical, with the place."""
    found = Axe().run(page, options={"resultTypes": ["violations"], **(options or {})})
    return [
        f"{one['id']}: {node['html'][:160]} {node['failureSummary'][:200]}"
        for one in found.response["violations"]
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"]
    ]


def _in_order(page: Page) -> None:
    """Tab comes first to a way past the menu; then it goes on, down the page or into the next
    column, over things that can be seen."""
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to main content")).to_be_focused()
    page.keyboard.press("Enter")
    inside: list[dict[str, Any]] = []
    for _ in range(20):
        page.keyboard.press("Tab")
        reached = page.evaluate(FOCUSED)
        if not reached["main"] or len(inside) == 10:  # the page has no more, or enough
            break
        if inside and reached["what"].startswith("<iframe") and reached == inside[-1]:
            continue  # it goes on inside the frame
        inside.append(reached)
    assert inside, "the keyboard never comes into the page"
    assert all(one["width"] > 0 for one in inside), inside
    # Nothing holds it; a table has several stops in one place.
    assert len({(one["x"], one["y"], one["what"]) for one in inside}) > len(inside) * 0.6, inside
    up = [(a, b) for a, b in zip(inside, inside[1:], strict=False) if b["y"] < a["y"] - 200]
    up = [(a, b) for a, b in up if b["x"] <= a["x"]]
    assert not up, up

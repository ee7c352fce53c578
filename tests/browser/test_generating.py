"""Generate in a browser: what stands in the field is drawn, a part is painted and drawn."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from studio.generation import prompt_drafts, start_pictures
from studio.jobs import queue
from tests.browser.conftest import drawn_all
from tests.browser.furnished import STYLE, Furnished
from tests.browser.modules.test_prompt_screen import PASTE

pytestmark = pytest.mark.slow
Visit = Callable[..., Page]


def asked(there: Furnished) -> list[dict]:
    return [job.payload for job in queue.listing(there.studio.engine, kind="generate")]


def test_what_stands_in_the_field_is_drawn(visit: Visit, there: Furnished) -> None:
    page = visit(f"/Generate?style={STYLE}", person="Mia")
    drawn_all(page)
    field, draw = page.get_by_label("Prompt", exact=True), page.get_by_role("button", name="Draw")
    count = page.locator('[data-part="count"]')
    field.press_sequentially("a red potion")
    expect(count).to_contain_text("12 of 2,000 characters")
    expect(count).to_contain_text(" of 30 tokens")  # without leaving the field
    field.press("Control+Enter")
    expect(page).to_have_url(re.compile("job="))
    before = asked(there)
    assert before[0]["prompt"] == "a red potion"
    # Too long: said while it is typed, on the first screen, and the old one is not drawn.
    field.fill("a gem, " * 300)
    expect(count).to_contain_text("2,100 of 2,000 characters")
    assert draw.first.is_visible()
    box = draw.first.bounding_box()
    assert box is not None and box["y"] + box["height"] < 1000
    field.press("Control+Enter")
    expect(page.get_by_text("The prompt's length is 2100.")).to_be_visible()
    assert asked(there) == before
    # An empty one, beside the field.
    field.fill("")
    field.press("Control+Enter")
    expect(page.get_by_text("The prompt is empty.")).to_be_visible()
    # A reload costs nothing of what was typed, left or not.
    field.press_sequentially("a blue gem 🔥")
    expect(page.get_by_text("never learned: 🔥")).to_be_visible()
    page.wait_for_timeout(1200)
    assert prompt_drafts.read(there.studio.engine, "Mia")["prompt"] == "a blue gem 🔥"
    page.reload()
    expect(field).to_have_value("a blue gem 🔥")
    page.set_viewport_size({"width": 390, "height": 844})
    box = draw.first.bounding_box()
    assert box is not None and box["y"] + box["height"] <= 844
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_picture_is_pasted_and_a_part_of_it_painted(visit: Visit, there: Furnished) -> None:
    page = visit(f"/Generate?part={there.picture}", person="Nia")
    drawn_all(page)
    view, state = page.locator(".view"), page.locator("[data-part=state]")
    expect(state).to_have_text("Nothing is painted yet.")
    page.get_by_label("Pixels wide").fill("3")
    box = page.locator(".sheet").bounding_box()
    assert box is not None
    by = box["width"] / 32
    view.scroll_into_view_if_needed()
    page.mouse.move(box["x"] + 5.5 * by, box["y"] + 4.5 * by)
    page.mouse.down()
    page.mouse.move(box["x"] + 10.5 * by, box["y"] + 4.5 * by, steps=3)
    page.mouse.up()
    expect(state).to_have_text("What is tinted is drawn anew.")
    page.get_by_label("Prompt", exact=True).fill("a brass handle")
    page.get_by_role("button", name="Draw").first.click()
    expect(page).to_have_url(re.compile("job="))
    payload = asked(there)[0]
    want = np.zeros((32, 32), np.uint8)
    want[3:6, 4:12] = 255
    with Image.open(start_pictures.path(there.studio.home, payload["mask"])) as kept:
        assert np.array_equal(np.asarray(kept), want)
    assert payload["prompt"] == "a brass handle"
    page.get_by_role("button", name="Undo").click()
    expect(state).to_have_text("Nothing is painted yet.")
    page.evaluate(PASTE, "body")
    expect(page.locator(".sheet")).to_be_hidden()
    expect(page.locator('img[alt="The picture to begin from"]')).to_be_visible()

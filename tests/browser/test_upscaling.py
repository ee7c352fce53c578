"""From the gallery to an enlarged picture in a real browser, by keys, with its worker."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from studio.assets import family, records
from studio.assets.search import Wanted
from studio.generation import gallery_table, start_pictures
from studio.workflows import upscaling
from tests.browser.conftest import Running, drawn_all
from tests.browser.furnished import STYLE, Furnished

Visit = Callable[..., Page]
pytestmark = pytest.mark.slow
LONG_MS = 240_000  # the worker loads a pipeline first


def settle(page: Page) -> None:
    drawn_all(page)
    page.wait_for_timeout(1500)  # a key that comes sooner was meant for what was shown before


def pictures(there: Furnished) -> set[str]:
    return set(gallery_table.ids_of(there.studio.engine, Wanted(style=STYLE)))


def sky(there: Furnished) -> str:
    """A soft picture of 96 x 64, brought; its hash."""
    down = np.linspace(40, 220, 64)[:, None]
    across = np.linspace(0, 30, 96)[None]
    rgba = np.full((64, 96, 4), 255, np.uint8)
    for channel, share in enumerate((0.4, 0.6, 1.0)):
        rgba[..., channel] = np.clip((down + across) * share, 0, 255)
    return start_pictures.keep_picture(there.studio.home, Image.fromarray(rgba, "RGBA"))


def test_a_sprite_is_chosen_and_enlarged_by_its_pixels(visit: Visit, there: Furnished) -> None:
    before = pictures(there)
    page = visit(f"/Gallery?style={STYLE}", person="Una")
    settle(page)
    page.locator(".wall a").first.focus()
    page.keyboard.press("Space")
    expect(page.get_by_text("1 chosen")).to_be_visible()
    page.get_by_role("button", name="Enlarge", exact=True).click()
    expect(page.get_by_role("heading", name="Upscale")).to_be_visible()
    settle(page)
    expect(page.get_by_text("every pixel and every colour stays")).to_be_visible()
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("link", name="Judge the result")).to_be_visible(timeout=LONG_MS)
    expect(page.locator("[data-part=named]")).to_have_text("After")
    (new,) = pictures(there) - before
    made = gallery_table.get(there.studio.engine, new)
    (parent,) = family.parents(there.studio.engine, new)
    old = gallery_table.get(there.studio.engine, parent.id)
    assert (made.width, made.height) == (2 * old.width, 2 * old.height)
    with Image.open(there.studio.home / made.file) as large:
        with Image.open(there.studio.home / old.file) as small:
            doubled = small.convert("RGBA").resize(large.size, Image.Resampling.NEAREST)
        assert np.array_equal(np.asarray(large.convert("RGBA")), np.asarray(doubled))
    page.keyboard.press("w")
    expect(page.get_by_label("Before on the left")).to_be_visible()


def test_tiles_are_seen_as_they_come_and_one_is_drawn_anew(
    visit: Visit, running: Running, there: Furnished
) -> None:
    hash = sky(there)
    page = visit(f"/Upscale?id={hash}&method=diffusion&style=%28none%29", person="Uli")
    settle(page)
    stage = page.locator("[data-part=stage]")
    stage.focus()
    page.keyboard.press("ArrowRight")
    name = page.locator("[data-part=name]")
    expect(name).to_contain_text("Tile 1 of")
    page.locator("[data-part=prompt]").fill("a grey cloud")
    settle(page)
    page.reload()
    settle(page)
    expect(page.locator("[data-part=prompt]")).to_have_value("a grey cloud")  # draft and address
    page.get_by_role("button", name=re.compile("^Enlarge")).click()
    expect(page.locator("[data-part=progress]")).to_contain_text("tiles are drawn")
    expect(page.get_by_role("link", name="Judge the result")).to_be_visible(timeout=LONG_MS)
    first = set(gallery_table.ids_of(there.studio.engine, Wanted()))
    settle(page)
    stage.focus()
    page.keyboard.press("d")
    expect(page.locator("[data-part=told]")).to_contain_text("is asked for anew")
    page.wait_for_timeout(1000)
    expect(page.get_by_role("link", name="Judge the result")).to_be_visible(timeout=LONG_MS)
    for _ in range(240):
        new = set(gallery_table.ids_of(there.studio.engine, Wanted())) - first
        if new:
            break
        page.wait_for_timeout(1000)

    settings = upscaling.settings_of(records.get(there.studio.engine, new.pop()))
    assert settings is not None
    (told,) = settings["tiles"]
    assert told["key"] == "main-1" and told["prompt"] == "a grey cloud"
    assert isinstance(told["seed"], int)

"""The main job by clicking: from dropped files to a picture of what was promoted."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from studio.assets.search import Wanted
from studio.database import engine as db
from studio.datasets import versions as datasets
from studio.evaluation import prompt_sets
from studio.generation.gallery_table import search
from studio.jobs import queue
from studio.registry import stages
from studio.settings import CHECKOUT
from tests.browser.conftest import Running, drawn_all

Visit = Callable[..., Page]
SAMPLE = CHECKOUT / "sample" / "train"
MINUTES = 60_000.0


def _type(page: Page, label: str, text: str) -> None:
    field = page.get_by_label(label, exact=True)
    field.fill(text)
    field.press("Tab")


@pytest.mark.slow  # by commands it is walked in tests/test_path.py, whenever tests are run
def test_from_dropped_files_to_a_generated_picture(visit: Visit, running: Running) -> None:
    page = visit("/Datasets?tab=Add")
    drawn_all(page)
    if (new := page.get_by_role("button", name="New dataset")).count():  # others were here before
        new.click()
    _type(page, "Name of the new dataset", "props")
    files = [str(f) for f in sorted(SAMPLE.rglob("*")) if f.is_file()]
    page.locator('[data-part="files-input"]').set_input_files(files)
    page.get_by_role("button", name="Create props").click()
    expect(page.get_by_role("button", name="Dismiss")).to_be_visible(timeout=MINUTES)
    found = datasets.load(running.home, "props")
    assert len(found.pictures) == len([f for f in files if f.endswith(".png")])
    assert all(p.caption for p in found.pictures)
    # A smaller sheet than usual: what is looked at here is the way, not the figures.
    captions = [p.caption for p in found.pictures]
    prompt_sets.save(running.home, prompt_sets.build_prompt_set("props", captions, count=6))

    page = visit("/Train?preset=fast")
    style = page.get_by_role("combobox", name=re.compile("Style"))
    style.fill("props")
    style.press("Enter")
    seen = page.get_by_text(re.compile(r"^[\d,]+ times$"))
    before = seen.inner_text()
    _type(page, "Training steps", "20")
    expect(seen).not_to_have_text(before)  # the steps have arrived
    page.get_by_role("button", name="Start training").click()
    _reload_in_the_middle(page, running)
    expect(page.get_by_text("Training props: done")).to_be_visible(timeout=3 * MINUTES)

    page = visit("/Evaluate?style=props&versions=1")
    page.get_by_role("button", name="Measure it").click()
    expect(page.get_by_text("Real art").first).to_be_visible(timeout=3 * MINUTES)

    page = visit("/Registry?style=props&version=1")
    _promote(page)
    engine = db.open_database(running.home)
    assert stages.production(engine, "props") == 1
    moves = [row for row in stages.history(engine, "props") if row.to_stage]
    assert [row.actor for row in moves] == ["Ana"]

    page = visit("/Generate?style=props")
    _type(page, "Prompt", "a red potion")
    page.get_by_role("button", name=re.compile("^Draw")).first.click()
    tiles = page.get_by_text("props v1 · Ana")  # above, and in the gallery below
    expect(tiles).to_have_count(8, timeout=MINUTES)
    drawn = search(engine, Wanted(style="props")).found
    assert len(drawn) == 4 and {p.by for p in drawn} == {"Ana"}
    assert {p.prompt for p in drawn} == {"a red potion"}

    page = visit("/")
    expect(page.get_by_text("props version 1 is in production")).to_be_visible()
    expect(page.locator('img[src*="/picture/made/"]').first).to_be_visible()
    for picture in drawn:
        assert (Path(running.home) / picture.file).is_file()


def _reload_in_the_middle(page: Page, running: Running) -> None:
    """The training does not notice, and is on the page again."""
    at_work = page.get_by_text(re.compile("Training props: (?!begins|done)"))
    expect(at_work).to_be_visible(timeout=MINUTES)
    page.reload()
    expect(at_work).to_be_visible()
    [job] = queue.listing(db.open_database(running.home), kind="train")
    assert (job.state, job.attempt, job.payload["preset"]) == ("running", 1, "fast")
    assert page.url.endswith(f"job={job.id}")


def _promote(page: Page) -> None:
    page.get_by_role("button", name="Put into production").click()
    page.get_by_role("dialog").get_by_label("Why").fill("the first one")
    page.get_by_role("dialog").get_by_label("Why").press("Tab")
    page.get_by_role("button", name="Put into production: version 1").click()
    expect(page.get_by_text("Version 1 is in production now.")).to_be_visible()

"""Two people at once, each in a browser of their own: nobody overwrites anybody unseen."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from studio.datasets import drafts
from studio.datasets.versions import load
from studio.registry import stages
from tests.browser.conftest import drawn_all
from tests.browser.furnished import STYLE, Furnished, with_the_first

Visit = Callable[..., Page]
NEWS_MS = 15_000  # a page looks every five seconds for what others changed


@pytest.mark.slow
def test_both_write_the_same_caption(visit: Visit, there: Furnished) -> None:
    picture = load(there.studio.home, STYLE).pictures[5]
    ana, ben = (visit(f"/Datasets?set={STYLE}", person=who) for who in ("Ana", "Ben"))
    fields = [page.get_by_label(f"Caption of {picture.file_name}") for page in (ana, ben)]
    for page, field in zip((ana, ben), fields, strict=True):
        drawn_all(page)
        expect(field).to_have_value(picture.caption)
    changed = ana.get_by_text("changed by Ana", exact=True)
    before = changed.count()  # others' tests may have left some
    fields[1].fill("a ring of Ben")  # he still writes when she is done
    fields[0].fill("a ring of Ana")
    fields[0].press("Tab")
    expect(changed).to_have_count(before + 1)
    fields[1].press("Tab")
    expect(ben.get_by_text(re.compile("Ana had just set this caption"))).to_be_visible()
    # What holds is what came last; she sees it, and hers can be had back.
    expect(fields[0]).to_have_value("a ring of Ben", timeout=NEWS_MS)
    written = [
        edit for edit in drafts.read(there.studio.engine, STYLE) if edit.hash == picture.hash
    ]
    assert [(edit.by, edit.value) for edit in written][-1] == ("Ben", "a ring of Ben")
    assert {step.by for step in drafts.history(there.studio.engine, STYLE)} >= {"Ana", "Ben"}


@pytest.mark.slow
def test_both_change_production(visit: Visit, there: Furnished) -> None:
    with_the_first(there)
    address = f"/Registry?style={STYLE}&version=2"
    ana, ben = (visit(address, person=who) for who in ("Ana", "Ben"))
    before = len(stages.history(there.studio.engine, STYLE))
    for page in (ana, ben):
        page.get_by_role("button", name="Put into production").click()
        page.get_by_role("dialog").get_by_label("Why").fill("the better one")
        page.get_by_role("dialog").get_by_label("Why").press("Tab")
    sure = "Put into production: version 2"
    ana.get_by_role("button", name=sure).click()
    expect(ana.get_by_text("Version 2 is in production now.")).to_be_visible()
    ben.get_by_role("button", name=sure).click()
    # The dialog says so, and stays with what he wrote; the page behind it is new once it is closed.
    expect(ben.get_by_role("dialog").get_by_role("alert").first).to_be_visible()
    expect(ben.get_by_text("Production was changed meanwhile: version 2 is there")).to_be_visible()
    ben.keyboard.press("Escape")
    expect(ben.get_by_text("Version 2 is in production", exact=True)).to_be_visible()
    rows = stages.history(there.studio.engine, STYLE)[before:]
    assert [row.actor for row in rows if row.action == "promote"] == ["Ana"]
    assert stages.production(there.studio.engine, STYLE) == 2

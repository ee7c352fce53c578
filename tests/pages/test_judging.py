"""Judging with the keyboard: each key stored, undone, and never over another's head."""

from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlsplit

import pytest
from PIL import Image

from studio.assets import verdicts
from studio.assets.verdicts import Judgement
from studio.generation import gallery_table, picture_files
from studio.generation.gallery_table import Kept
from studio.generation.picture_files import Made
from studio.jobs import queue
from studio.web import navigation
from tests.furnished import bare_files

NOW = datetime.now(UTC)


@pytest.fixture
def ids(studio) -> list[str]:
    rows = []
    for k in range(4):
        made = Made("props", 1, "pocket", "", "", f"gem {k}", "", "", k, 9, 2.5, 1.0)
        file = picture_files.keep(
            studio.home / "generated", f"p{k}", Image.new("RGBA", (8, 8)), made
        )
        rows.append(Kept(file, made, "gem", k + 1))
    return gallery_table.record(studio.engine, studio.home, rows, by="bo", now=NOW, job=7)


def press(at, key):
    at.button(key=key).click().run()
    assert not at.exception
    return at


def by_label(at, label):
    next(b for b in at.button if b.label == label).click().run()
    assert not at.exception
    return at


def state(studio, ids):
    return [(p.verdict, p.reasons) for p in gallery_table.of_ids(studio.engine, ids)]


@pytest.mark.slow
def test_keys_judge_go_on_and_undo(studio, open_page, ids):
    at = open_page("Gallery", mode="judge", job="7")
    shortcuts = {b.key: b.proto.shortcut for b in at.button if b.key}
    assert [shortcuts[f"say-{v}"] for v in ("approved", "edit", "rejected")] == ["a", "e", "x"]
    verdict_types = {b.proto.type for b in at.button if str(b.key).startswith("say-")}
    assert verdict_types == {"secondary"}  # none looks chosen before it is
    press(at, "say-approved")
    press(at, "reason-1")
    press(at, "reason-2")
    press(at, "reason-1")  # no longer
    press(at, "say-edit")
    assert state(studio, ids)[:3] == [("approved", []), ("edit", ["blurry"]), (None, [])]
    by_label(at, "Next")
    press(at, "say-rejected")
    assert any("All are judged" in s.value for s in at.success)
    by_label(at, "Undo")
    by_label(at, "Undo")
    assert state(studio, ids) == [("approved", []), (None, []), (None, []), (None, [])]
    assert any("gem 1" in m.value for m in at.markdown)  # the one undone is shown again


@pytest.mark.slow
def test_it_begins_with_the_first_that_is_not_judged(studio, open_page, ids):
    verdicts.judge(studio.engine, ids[0], Judgement("approved"), by="bo", now=NOW, turn=0)
    at = open_page("Gallery", mode="judge", job="7")
    assert any("gem 1" in m.value for m in at.markdown)
    by_label(at, "Back")
    assert any("gem 0" in m.value for m in at.markdown)


def test_a_note_stays_and_anothers_verdict_is_not_overwritten(studio, open_page, ids):
    noted = Judgement(None, (), "the hilt", (0.5, 0.5))
    verdicts.judge(studio.engine, ids[0], noted, by="bo", now=NOW, turn=0)
    at = open_page("Gallery", mode="judge", job="7")
    press(at, "say-edit")
    assert gallery_table.get(studio.engine, ids[0]).judgement == Judgement(
        "edit", (), "the hilt", (0.5, 0.5)
    )
    verdicts.judge(studio.engine, ids[1], Judgement("approved"), by="bo", now=NOW, turn=0)
    press(at, "say-rejected")
    assert "bo changed this picture meanwhile" in at.error[0].value
    assert gallery_table.get(studio.engine, ids[1]).verdict == "approved"


@pytest.mark.slow
def test_a_filter_of_the_gallery_is_sorted_too(studio, open_page, ids):
    at = open_page("Gallery", mode="judge", style="props", verdict="open", by="bo")
    assert at.get("progress")[0].proto.text == "1 of 4"
    assert "Nothing waits" in open_page("Gallery", mode="judge", style="tiles").info[0].value


def test_the_address_of_before_leads_to_judging(studio, open_page, ids):
    there = navigation.moved("Sort", "job=7")
    assert there == "/Gallery?job=7&mode=judge"
    at = open_page("Gallery", **dict(parse_qsl(urlsplit(there).query)))
    assert at.title[0].value == "Judge" and at.get("progress")[0].proto.text == "1 of 4"


@pytest.mark.slow
def test_variations_are_asked_for_and_judging_goes_on(studio, open_page, ids):
    studio.client.create_registered_model("props")
    tags = {"base": "/pocket", "base_name": "pocket", "trigger_word": "<P>", "stage": "candidate"}
    studio.client.create_model_version("props", bare_files(studio.home / "bare"), tags=tags)
    at = open_page("Gallery", mode="judge", job="7")
    vary = next(b for b in at.button if b.proto.shortcut == "v")
    vary.click().run()
    (job,) = queue.listing(studio.engine, kind="generate")
    assert (job.payload["count"], job.payload["prompt"]) == (4, "gem 0") and job.payload["start"]
    assert any("gem 0" in m.value for m in at.markdown)
    link = next(one for one in at.get("page_link") if one.proto.label == "See the variations")
    assert link.proto.query_string == f"job={job.id}"

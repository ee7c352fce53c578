"""A kind of model that a test adds, on the pages; one of a later program; a base that changed."""

import json

import pytest

from studio import context
from studio.database import engine as db
from studio.diffusion import base_weights
from studio.jobs import queue
from studio.workflows import evaluate, release
from studio.workflows.model_kinds import table
from tests.registry.toy_kind import FLAT, flat


@pytest.fixture
def walls(studio, tmp_path, monkeypatch):
    """Two versions of walls, the first measured and in production."""
    monkeypatch.setitem(table.KINDS, FLAT.name, FLAT)
    for k in (1, 2):
        flat(studio, tmp_path / f"hue{k}", hue=0.3 * k)
    evaluate.evaluate_version(studio, "walls", 1, print)
    release.promote(
        studio,
        style="walls",
        number=1,
        to="production",
        actor="ana",
        why="bright",
        now=context.now(),
    )


def tagged(studio, style, **tags):
    studio.client.create_registered_model(style)
    studio.client.create_model_version(style, "file:/nowhere", tags=tags)
    with db.writing(studio.engine) as connection:
        db.bump(connection)


def said(at) -> str:
    kinds = [*at.markdown, *at.caption, *at.success, *at.info, *at.warning, *at.error]
    return " ".join(e.value for e in kinds).replace("\\", "")


def html(at) -> str:
    return " ".join(h.proto.body for h in at.get("html"))


def listed(at) -> list[dict]:
    """The rows of the table of versions."""
    (screen,) = [
        e for e in at.get("bidi_component") if "housestyle_versions" in e.proto.component_name
    ]
    return json.loads(screen.proto.json)["rows"]


@pytest.mark.slow
def test_the_registry_shows_its_own_facts_and_its_sheet_without_a_base(walls, open_page):
    at = open_page("Registry", style="walls", version="1")
    assert "**Kind** Flat colour" in said(at) and "Sides: 16 pixels" in said(at)
    assert "<strong>Hue</strong> <code>0.3</code>" in html(at)
    assert "Trigger word" not in said(at) + html(at) and "Base" not in said(at)
    assert "**Version 1 is in production**" in said(at) and "**Palette distance**" in said(at)
    assert "4 pictures. Bars" in said(at)
    assert "/picture/sheet/walls/1/version-000.png" in html(at) and "base-000" not in html(at)
    assert [row["kind"] for row in listed(at)] == ["Flat colour"] * 2


def test_generate_asks_for_what_it_takes_alone(studio, walls, open_page):
    at = open_page("Generate", style="walls")
    labels = {s.label for s in at.slider}
    assert "Pictures" in labels and not {"Steps", "Guidance", "Style strength"} & labels
    assert not [t for t in at.text_input if "Negative" in t.label]
    assert "is put before it" not in said(at)
    at.text_area(key="prompt").input("a wall")
    next(b for b in at.button if b.label == "Draw").click().run()
    assert not at.exception and not at.error
    (job,) = queue.listing(studio.engine, kind="generate")
    assert (job.payload["style"], job.payload["version"]) == ("walls", 1)


def test_evaluate_measures_it_without_a_dataset(studio, walls, open_page):
    at = open_page("Evaluate", style="walls", versions="1,2")
    assert "Version 2 has to be measured first." in said(at)
    assert "Real art was not measured" not in said(at)
    assert "Base</th>" not in html(at) and "/picture/sheet/walls/1/version-000.png" in html(at)
    assert not [s for s in at.selectbox if s.label == "Measure against"]
    next(b for b in at.button if b.label == "Measure it").click().run()
    assert not at.exception
    (job,) = queue.listing(studio.engine, kind="evaluate")
    assert (job.payload["style"], job.payload["version"]) == ("walls", 2)


def test_it_can_be_voted_on_and_is_no_adapter(walls, open_page):
    at = open_page("Vote", show="New")
    sides = at.multiselect(key="ballot-sides").options
    assert sides == ["walls version 2", "walls version 1"]
    assert "There is no adapter yet" in said(open_page("Registry", show="LoRA files"))


def test_a_version_of_a_later_program_is_shown_with_what_to_do(studio, open_page):
    tagged(studio, "later", kind="hologram")
    at = open_page("Registry", style="later")
    assert "It is of kind hologram: this program does not know it. Update" in said(at)
    assert "Draw with it" not in [link.proto.label for link in at.get("page_link")]
    (row,) = listed(at)
    assert row["kind"] == "hologram (this program does not know it; update)"
    assert "no style yet" in said(open_page("Generate"))
    assert "this program does not know it" in said(open_page("Evaluate", style="later"))


@pytest.mark.slow
def test_another_base_than_that_of_then_is_said_once_its_weights_were_read(studio, open_page):
    told = {"base": "/pocket", "base_name": "pocket", "trigger_word": "<P>"}
    tagged(studio, "props", **told, base_hash="0" * 64)
    tagged(studio, "gems", **told)
    assert "other weights" not in said(open_page("Registry", style="props"))
    here = base_weights.weights_hash(studio.home, "pocket")
    for page in ("Registry", "Generate"):
        assert f"other weights (SHA-256 {here[:12]}…)" in said(open_page(page, style="props"))
        assert "other weights" not in said(open_page(page, style="gems"))
    tagged(studio, "same", **told, base_hash=here)
    at = open_page("Registry", style="same")
    assert "other weights" not in said(at) and f"SHA-256 {here}" in said(at)

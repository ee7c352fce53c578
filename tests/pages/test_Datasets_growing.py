"""Captions, Grow, Consent and the look over on the page of datasets: what is stored."""

import json

import pytest

from studio import context
from studio.datasets import (
    caption_proposals,
    drafts,
    drawn_limit,
    inspection,
    manifests,
    versions,
    withdrawals,
)
from studio.datasets.manifests import DatasetVersion
from studio.jobs import queue
from studio.worker.kinds import describe
from studio.workflows import retraining


def said(at) -> str:
    parts = (at.markdown, at.caption, at.info, at.warning, at.error, at.success, at.toast)
    return "\n".join(element.value for some in parts for element in some)


def newest(studio: context.Studio) -> DatasetVersion:
    return versions.load(studio.home, "sample")


def cards(at) -> list[dict]:
    (screen,) = [e for e in at.get("bidi_component") if "pictures" in e.proto.component_name]
    return json.loads(screen.proto.json)["pictures"]


def button(at, label: str):
    return next(b for b in at.button if b.label == label)


def propose(studio, *texts: str) -> list[caption_proposals.Proposal]:
    said = dict(zip([p.hash for p in newest(studio).pictures], texts, strict=False))
    caption_proposals.propose(
        studio.engine,
        "sample",
        "caption",
        said,
        model="blip <b>",
        asked_by="ana",
        now=context.now(),
    )
    return caption_proposals.waiting(studio.engine, "sample")


def test_words_are_asked_for_as_a_job(studio, open_page):
    at = open_page("Datasets", set="sample", tab="Captions")
    at.selectbox(key="describe-which").select("all").run()
    at.button(key="describe").click().run()
    assert not at.exception
    (job,) = queue.listing(studio.engine, kind="describe")
    assert (job.payload["means"], job.payload["field"]) == ("words", "caption")
    assert len(job.payload["hashes"]) == 56 and job.payload["prompt"] == describe.PROMPT


def test_proposals_are_accepted_edited_and_refused(studio, open_page):
    one, two, three, four = propose(studio, "one", "two", "three", "four")
    at = open_page("Datasets", set="sample", tab="Captions")
    assert r"blip \<b\>" in at.text_input(key=f"draft proposal/{one.id} text").label
    at.text_input(key=f"draft proposal/{one.id} text").set_value("one of mine").run()
    at.button(key=f"accept-{one.id}").click().run()
    at.button(key=f"refuse-{two.id}").click().run()
    assert "1 proposal refused" in said(at)
    at.text_input(key=f"draft proposal/{three.id} text").set_value("").run()
    at.button(key=f"accept-{three.id}").click().run()
    assert "A caption is empty" in said(at)
    at.text_input(key=f"draft proposal/{three.id} text").set_value("three").run()
    at.button(key="accept-all").click().run()
    states = {
        p.text: (p.state, p.kept)
        for h in (one, two, three, four)
        for p in caption_proposals.told(studio.engine, "sample", h.hash)
    }
    assert states == {
        "one": ("edited", "one of mine"),
        "two": ("refused", ""),
        "three": ("accepted", "three"),
        "four": ("accepted", "four"),
    }
    values = {e.value for e in drafts.read(studio.engine, "sample") if e.field == "caption"}
    assert values == {"one of mine", "three", "four"}
    detail = open_page("Datasets", set="sample", picture=two.hash)
    assert "proposed “two”, refused by ana" in said(detail)


@pytest.mark.slow
def test_consent_for_many_and_withdrawal(studio, open_page):
    at = open_page("Datasets", set="sample", category="gem")
    at.selectbox(key="bulk-does").select("consent").run()
    at.text_input(key="draft bulk/sample by").set_value("Kim").run()
    assert "4 of 4 pictures would change" in said(at)
    at.button(key="bulk-do").click().run()
    assert {e.field for e in drafts.read(studio.engine, "sample")} == {"consent_by"}
    at = open_page("Datasets", set="sample", tab="Consent")
    assert "4 of 56 pictures" in said(at) and "Choose pictures under Pictures" in said(at)

    gems = [p for p in newest(studio).pictures if p.category == "gem"]
    at.session_state["chosen"] = {"sample": [p.hash for p in gems[:2]]}
    at.run()
    send = button(at, "Withdraw 2 pictures")
    send.click().run()
    assert "A withdrawal needs a reason" in said(at)
    at.text_input(key="draft withdraw/sample why").set_value("Kim <script> asked")
    button(at, "Withdraw 2 pictures").click().run()
    assert len(withdrawals.active(studio.home)) == 2
    assert r"Kim \<script\> asked" in said(at)
    at.session_state["learned-all"] = True
    at.run()
    assert "**1 dataset version**" in said(at)
    shown = open_page("Datasets", set="sample", category="gem")
    assert [any("withdrawn by" in note for note, _ in c["notes"]) for c in cards(shown)] == [
        True,
        True,
        False,
        False,
    ]
    history = open_page("Datasets", set="sample", tab="Versions")
    assert "2 pictures withdrawn" in said(history)

    at = open_page("Datasets", set="sample", tab="Consent")
    at.button(key=f"back-{gems[0].hash}").click().run()
    assert "needs a reason" in said(at)
    at.text_input(key=f"draft take back/{gems[0].hash} why").set_value("Kim agrees again").run()
    at.button(key=f"back-{gems[0].hash}").click().run()
    assert set(withdrawals.active(studio.home)) == {gems[1].hash}


def test_withdrawn_pictures_alone_can_be_frozen_away(studio, open_page):
    withdrawals.withdraw(
        studio.engine,
        newest(studio).pictures[:1],
        ground="another reason",
        why="asked",
        by="ana",
        now=context.now(),
    )
    at = open_page("Datasets", set="sample")
    assert "withdrawn since this version was frozen" in said(at)
    at.button(key="draft-open").click().run()
    at.button(key="draft-freeze").click().run()
    assert len(newest(studio).pictures) == 55


def test_a_look_over_is_a_job_and_what_it_finds_can_be_left_out(studio, open_page):
    at = open_page("Datasets", set="sample", tab="Statistics")
    at.button(key="look-over").click().run()
    (job,) = queue.listing(studio.engine, kind="look")
    assert job.payload == {"dataset": "sample"}
    queue.cancel(studio.engine, job.id, "ana", context.now())
    version = newest(studio)
    odd = [p.hash for p in version.pictures[:3]]
    kept = {kind: [] for kind in inspection.KINDS} | {"scaled": [[h, "by 1.5"] for h in odd]}
    file = inspection._kept(studio.home, version.pictures, version.look)
    file.parent.mkdir(parents=True)
    file.write_text(json.dumps(kept))
    at = open_page("Datasets", set="sample", tab="Statistics")
    assert "3 pictures scaled by no whole factor" in said(at)
    shown = open_page("Datasets", set="sample", show="Odd scaling")
    assert {card["hash"] for card in cards(shown)} == set(odd)
    assert ["by 1.5", "bad"] in cards(shown)[0]["notes"]
    button(at, "Leave them out").click().run()
    edits = drafts.read(studio.engine, "sample")
    assert {(e.hash, e.field, e.value) for e in edits} == {(h, "removed", True) for h in odd}


def test_variants_and_the_limit_on_drawn_pictures(studio, open_page):
    at = open_page("Datasets", set="sample", tab="Grow")
    assert "**56** drawn by people" in said(at)
    at.multiselect(key="vary-ways").set_value(["upside down"]).run()
    assert "mirror" not in at.multiselect(key="vary-ways").options
    button(at, "Make 56 variants").click().run()
    assert not at.exception
    added = [p for p in newest(studio).pictures if p.added]
    assert {p.origin for p in added} == {"augmented"} and len(added) > 30
    assert f"{len(added)} variants added" in said(at)
    field = next(n for n in at.number_input if n.key.startswith("limit-"))
    field.set_value(10).run()
    at.button(key="limit-keep").click().run()
    assert drawn_limit.limit(studio.home, "sample") == 0.1
    assert manifests.names(studio.home) == ["sample"]
    shown = open_page("Datasets", set="sample", show="Additions")
    assert all(["augmented", "tag"] in card["notes"] for card in cards(shown))


def test_remedies_are_changed_on_the_page(studio, open_page):
    at = open_page("Datasets", set="sample", tab="Grow")
    at.session_state["remedies-open"] = True
    at.run()
    field = next(t for t in at.text_input if t.label == "blurry")
    field.set_value("Ask Kim.")
    at.session_state["remedies-open"] = True
    button(at, "Keep the remedies").click().run()
    assert retraining.remedies(studio.home)["blurry"] == "Ask Kim."


@pytest.mark.parametrize("tab", ["Captions", "Grow", "Statistics", "Consent"])
def test_who_may_only_look_changes_nothing(studio, open_page, monkeypatch, tab):
    from studio.accounts import rights
    from studio.web import ui

    monkeypatch.setattr(ui, "person", lambda: rights.Actor("vera", "viewer"))
    at = open_page("Datasets", set="sample", tab=tab)
    for key in ("describe", "look-over", "vary", "limit-keep"):
        for one in at.button:
            assert one.key != key or one.disabled

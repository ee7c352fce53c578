"""LoRA files: the table, labels, what is in use can't be deleted, what is not can, for a reason."""

from datetime import timedelta

import pytest
from safetensors.numpy import save_file

from studio.context import now
from studio.database import engine as db
from studio.datasets import uploads
from studio.diffusion import kohya
from studio.jobs import leases, queue
from studio.registry import imported_adapters, models, stages
from studio.workflows import new_adapters
from studio.workflows.model_kinds import table
from tests.workflows.test_adapters import SHAPES, some_lora


@pytest.fixture
def theirs(studio, tmp_path):
    for number in (1, 2):
        file = tmp_path / f"{number} <b>.safetensors"
        save_file(kohya.tensors_of(some_lora(number, ("to_q",)), SHAPES), file)
        new_adapters.bring_in(
            studio,
            file,
            style="theirs",
            base="pocket",
            source="a <b>forum</b>",
            licence="CC0-1.0",
            by="ana",
        )
    stages.promote(
        studio.engine,
        studio.client,
        style="theirs",
        number=1,
        to="production",
        actor="ana",
        why="good",
        now=now(),
    )
    with db.writing(studio.engine) as connection:
        db.bump(connection)


def said(at) -> str:
    return " ".join(e.value for e in [*at.markdown, *at.caption, *at.success, *at.error, *at.info])


@pytest.mark.slow
def test_there_is_nothing_yet(studio, open_page):
    assert "no adapter yet" in said(open_page("Registry", show="LoRA files"))


@pytest.mark.slow
def test_listed_labelled_and_deleted(studio, theirs, open_page):
    at = open_page("Registry", show="LoRA files")
    table = at.dataframe[0].value
    assert list(table["Adapter"]) == ["theirs version 2", "theirs version 1"]
    assert list(table["Used"]) == ["by nothing", "it is in production"]
    assert list(table["Rank"]) == ["3", "3"] and table["MB"].notna().all()
    assert "a \\<b\\>forum" in said(at) and "<b>forum" not in said(at)
    at.text_input(key="draft labels/theirs/2 labels").input("crisp, icons")
    at.button(key="label").click().run()
    version = models.get(studio.client, "theirs", 2)
    assert imported_adapters.labels_of(version) == ["crisp", "icons"]
    at.button(key="delete").click().run()
    assert "needs a reason" in said(at)
    at.text_area(key="draft delete/theirs/2 why").input("tidy")
    at.button(key="delete").click().run()
    assert not at.exception and "is deleted" in said(at)
    assert [v.number for v in models.list_versions(studio.client, "theirs")] == [1]
    assert "can't be deleted: it is in production" in said(at)


@pytest.mark.slow
def test_merge_asks_for_a_job(studio, theirs, open_page):
    at = open_page("Registry", show="LoRA files", files="Merge")
    at.multiselect(key="merge").set_value(["theirs version 1", "theirs version 2"]).run()
    at.slider(key="weight-theirs version 2").set_value(0.5)
    at.text_input(key="draft merge style").input("mixed").run()
    at.button(key="merge-do").click().run()
    assert not at.exception
    (job,) = queue.listing(studio.engine, kind="merge")
    assert job.payload == {
        "style": "mixed",
        "trigger_word": "",
        "rank": None,
        "parts": [
            {"style": "theirs", "version": 1, "weight": 1.0},
            {"style": "theirs", "version": 2, "weight": 0.5},
        ],
    }


@pytest.mark.slow
def test_compared(studio, theirs, open_page):
    at = open_page("Registry", show="LoRA files", files="Compare")
    table = at.dataframe[0].value
    assert list(table["Block"])[-1] == "all" and len(table) >= 3
    assert (table["theirs version 2"] > 0).all()


@pytest.mark.slow
def test_a_dropped_file_becomes_a_job(studio, open_page, tmp_path):
    token = uploads.begin(studio.home, by="ana")
    file = uploads.folder_of(studio.home, token) / "files" / "theirs.safetensors"
    save_file(kohya.tensors_of(some_lora(1, ("to_q",)), SHAPES), file)
    at = open_page("Registry", show="LoRA files", files="Bring one in", upload=token)
    key = f"draft upload/{token}/theirs.safetensors"
    at.text_input(key=f"{key} style").input("theirs")
    at.text_input(key=f"{key} source").input("a forum")
    at.button(key="in-do").click().run()
    assert "licence is missing" in said(at) and not queue.listing(studio.engine, kind="adapter")
    at.text_input(key=f"{key} licence").input("CC0-1.0")
    at.button(key="in-do").click().run()
    (job,) = queue.listing(studio.engine, kind="adapter")
    assert (job.payload["file"], job.payload["base"]) == ("theirs.safetensors", "pocket")
    taken = leases.take(studio.engine, "w", job.lane, now(), timedelta(hours=1), id=job.id)
    made = {"style": "theirs", "number": 1, "tags": {"notes": "The embedding <b> is left out."}}
    assert leases.finish(studio.engine, job.id, taken.attempt, made, now())
    at = open_page("Registry", show="LoRA files", files="Bring one in")
    assert "theirs version 1 is a candidate now" in said(at)
    (after,) = [link.proto for link in at.get("page_link") if "Measure it" in link.proto.label]
    assert (after.page, after.query_string) == ("Evaluate", "style=theirs&version=1")
    assert [one.value for one in at.warning] == ["The embedding \\<b\\> is left out\\."]


@pytest.mark.slow
def test_what_was_said_of_a_file_stands_with_its_version(studio, theirs, open_page):
    studio.client.set_model_version_tag("theirs", "2", "notes", "It has no effect.")
    version = models.get(studio.client, "theirs", 2)
    facts = {fact.label: fact.value for fact in table.of(version).facts(studio, version)}
    assert facts["Brought in"] == "It has no effect."

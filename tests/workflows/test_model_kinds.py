"""A kind of model that a test adds goes the way of every version; one of a later program waits."""

import base64
import csv
import io
import json
from datetime import UTC, datetime, timedelta

import pytest
from PIL import Image

from studio import context
from studio.cli.main import main
from studio.datasets.folder_import import import_folder
from studio.errors import StudioError
from studio.evaluation import contact_sheet
from studio.finishing.recipe import Recipe, written
from studio.generation import gallery_table
from studio.generation.gallery_table import Wanted
from studio.jobs import leases, queue
from studio.registry import models, registration, stages
from studio.review import ballots
from studio.review.pictures import Side
from studio.settings import CHECKOUT, load_settings
from studio.worker import own_jobs, process, submit
from studio.worker.context import Warm
from studio.workflows import (
    adapters,
    evaluate,
    model_cards,
    new_adapters,
    release,
    review_sources,
)
from studio.workflows.model_kinds import lora, table
from tests.registry.toy_kind import FILE, FLAT, flat

NOW = datetime(2026, 8, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def studio(tmp_path, monkeypatch):
    monkeypatch.setitem(table.KINDS, FLAT.name, FLAT)
    opened = context.open_studio(load_settings({}, home=str(tmp_path / "home")))
    yield opened
    opened.engine.dispose()


@pytest.fixture
def two(studio, tmp_path):
    """Two versions of walls, measured."""
    made = [flat(studio, tmp_path / f"hue{k}", hue=0.3 * k) for k in (1, 2)]
    for version in made:
        evaluate.evaluate_version(studio, "walls", version.number, print)
    return [models.get(studio.client, "walls", version.number) for version in made]


def told(capsys, studio, *words):
    code = main([*words, "--json", "--user", "ana", "--home", str(studio.home)])
    return code, json.loads(capsys.readouterr().out.splitlines()[-1])


def acted(studio, asked):
    job = leases.take(studio.engine, "w", asked.lane, context.now(), HOUR, id=asked.id)
    process.do(studio.engine, job.id, job.attempt, process.Opened(studio.settings), Warm())
    return queue.get(studio.engine, job.id)


def done(studio, kind, asked):
    job = acted(studio, submit.ask(studio, kind, asked, asked_by="ana", now=NOW))
    assert job.state == "done", job.error
    return job


@pytest.fixture
def here(studio, monkeypatch):
    """Commands' jobs are done in this process: one of its own knows no kind of a test's."""
    monkeypatch.setattr(own_jobs, "attend", lambda worker, job, say: acted(studio, job))


@pytest.mark.slow
def test_it_is_registered_listed_and_measured_as_its_kind_says(studio, two, here, capsys):
    one = two[0]
    assert (one.kind, one.base, one.trigger_word, one.tags["hue"]) == ("flat", "", "", "0.3")
    raw = studio.client.get_model_version("walls", "1").tags
    assert raw["kind"] == "flat" and not {"base", "trigger_word", "strength"} & set(raw)
    assert one.metrics["pictures"] == 4 and one.metrics["palette_distance"] > 0
    sheet = contact_sheet.read_sheet(contact_sheet.folder_of(studio.home, "walls", 1))
    assert len(sheet.cells) == 4 and not sheet.has_base
    code, said = told(capsys, studio, "styles")
    assert code == 0 and [v["kind"] for v in said["versions"]] == ["flat", "flat"]
    main(["styles", "--home", str(studio.home)])
    assert capsys.readouterr().out.count("Flat colour") == 2
    assert told(capsys, studio, "adapter", "list")[1]["adapters"] == []
    assert told(capsys, studio, "base", "list")[1]["bases"] == []
    code, said = told(capsys, studio, "evaluate", "walls", "2")
    assert code == 0 and said["metrics"]["pictures"] == 4


def test_a_file_that_each_of_its_versions_has_is_asked_for(studio, tmp_path):
    run = studio.client.create_run(studio.client.create_experiment("bare", f"file://{tmp_path}/x"))
    with pytest.raises(StudioError, match=f"{FILE} does not exist"):
        registration.register(
            studio.client,
            kind=FLAT,
            style="walls",
            run_id=run.info.run_id,
            folder=tmp_path,
            dataset="",
            dataset_digest="",
            params={},
            tags={},
        )
    assert models.list_versions(studio.client, "walls") == []


def test_what_learned_names_its_kind(studio, tmp_path, capsys):
    data = import_folder(
        studio.home, "bricks", CHECKOUT / "sample" / "held_out", now=NOW, actor="ana"
    ).version
    flat(studio, tmp_path / "hue", dataset="bricks", dataset_digest=data.digest)
    words = ("withdraw", "show", "bricks", data.pictures[0].file_name)
    table_of = tmp_path / "learned.csv"
    code, said = told(capsys, studio, *words, "--csv", str(table_of))
    assert code == 0 and [(v["style"], v["kind"]) for v in said["versions"]] == [("walls", "flat")]
    main([*words, "--home", str(studio.home)])
    assert "walls version 1, Flat colour, candidate (directly)" in capsys.readouterr().out
    rows = list(csv.DictReader(io.StringIO(table_of.read_text())))
    assert "walls version 1, candidate" in [row["name"] for row in rows]


@pytest.mark.slow
def test_gates_stages_and_the_card_are_those_of_every_version(studio, two, capsys):
    text = "metrics:\n  palette_distance: {at_most: 0.001}\n"
    kept = release.save_gates(studio, "walls", text, after="", by="ana", now=NOW)
    at = {"style": "walls", "actor": "ana", "why": "bright", "now": NOW}
    with pytest.raises(StudioError, match="palette_distance"):
        release.promote(studio, number=1, to="production", **at)
    text = "metrics:\n  palette_distance: {at_most: 200}\nlicences: {base: commercial}\n"
    release.save_gates(studio, "walls", text, after=kept.version, by="ana", now=NOW)
    assert [one.state for one in release.held(studio, "walls", 1)] == ["met", "met"]
    release.promote(studio, number=1, to="production", **at)
    release.begin_rollout(studio, number=2, percent=50, people=[], **at)
    release.complete_rollout(studio, **at)
    assert stages.production(studio.engine, "walls") == 2
    stages.rollback(studio.engine, studio.client, **at)
    assert models.aliases(studio.client, "walls") == {"production": 1}
    assert model_cards.write(studio, "walls", 1)
    card = studio.client.get_model_version("walls", "1").description
    assert "one flat colour for each seed." in card and "| Kind | Flat colour |" in card
    assert "| Hue | 0.3 |" in card and "Trigger word" not in card and "beside" not in card


@pytest.mark.slow
def test_it_draws_by_command_by_job_and_for_mlflow(studio, two, here, tmp_path, capsys):
    at = {"style": "walls", "actor": "ana", "why": "bright", "now": NOW}
    release.promote(studio, number=2, to="production", **at)
    out = str(tmp_path / "out")
    code, said = told(capsys, studio, "generate", "a wall", "--style", "walls", "--out", out)
    assert code == 0, said
    with Image.open(said["files"][0]) as picture:
        by_command = picture.convert("RGBA").tobytes()
    asked = {"style": "walls", "prompt": "a wall", "count": 2, "seed": 0}
    job = done(studio, "generate", asked)
    kept = gallery_table.search(studio.engine, Wanted(job=job.id), size=4).found
    assert {(one.style, one.version, one.base) for one in kept} == {("walls", 2, "")}
    first = next(one for one in kept if one.seed == 0)
    with Image.open(studio.home / first.file) as picture:
        assert picture.convert("RGBA").tobytes() == by_command
    import mlflow.pyfunc

    model = mlflow.pyfunc.load_model("models:/walls/2")
    (row,) = model.predict([{"prompt": "a wall", "seed": 0}])["png"]
    with Image.open(io.BytesIO(base64.b64decode(row))) as picture:
        assert picture.convert("RGBA").tobytes() == by_command
    # With a recipe in its files other programs get what it makes of the picture, or the raw one.
    grey = written(Recipe(colours=("#808080",)))
    flat(studio, studio.home / "hue", hue=0.3, served={"recipe": grey})
    finished = mlflow.pyfunc.load_model("models:/walls/3")
    asked_of = [{"prompt": "a wall", "seed": 0}]
    for params, wanted in (({}, {(128, 128, 128, 255)}), ({"raw": True}, None)):
        (row,) = finished.predict(asked_of, params=params)["png"]
        with Image.open(io.BytesIO(base64.b64decode(row))) as picture:
            seen = set(picture.convert("RGBA").getdata())
        assert seen == wanted if wanted else (128, 128, 128, 255) not in seen
    for more in ({"adapters": [{"style": "walls", "version": 1, "strength": 1.0}]},):
        with pytest.raises(StudioError, match="of kind Flat colour, which takes no adapters"):
            submit.ask(studio, "generate", {**asked, **more}, asked_by="ana", now=NOW)


@pytest.mark.slow
def test_it_stands_in_ballots_and_a_base_that_it_has_not_does_not(studio, two):
    sides = [{"style": "walls", "version": 1}, {"style": "walls", "version": 2}]
    asked = {"question": "Which?", "of": "walls", "form": "f", "sides": sides, "voters": 1}
    job = done(studio, "ballot", asked)
    ballot = ballots.get(studio.engine, job.result["ballot"])
    assert set(ballot.sides) == {Side("walls", 1), Side("walls", 2)}
    assert len(ballots.pairs_of(studio.engine, ballot.id)) == 4
    with pytest.raises(StudioError, match="No version of walls has a base"):
        with_base = {**asked, "form": "g", "sides": [sides[0], {"style": "walls"}]}
        submit.ask(studio, "ballot", with_base, asked_by="ana", now=NOW)
    assert len(review_sources.drawn(studio, "walls", [1, 2])) == 2
    with pytest.raises(StudioError, match="of walls have no base"):
        review_sources.drawn(studio, "walls", [1, 0])


@pytest.mark.slow
def test_it_is_no_adapter(studio, two, capsys):
    parts = [new_adapters.Part("walls", 1), new_adapters.Part("walls", 2)]
    with pytest.raises(StudioError, match="is of kind Flat colour, which is no adapter"):
        new_adapters.check_parts(studio, parts)
    with pytest.raises(StudioError, match="no adapter"):
        adapters.compare(studio, *two)
    out = str(studio.home / "x.safetensors")
    code, said = told(capsys, studio, "adapter", "export", "walls", "1", out)
    assert code == 2 and "no adapter" in json.dumps(said)


def test_what_is_no_kind_is_named(studio):
    assert table.named("lora") is lora.LORA
    with pytest.raises(
        StudioError, match="no kind of model 'diffuser'. Kinds: lora, gan, flat"
    ) as refused:
        table.named("diffuser")
    assert "update" in refused.value.remedy


def test_a_version_of_a_later_program_is_listed_and_neither_draws_nor_goes_up(studio, capsys):
    studio.client.create_registered_model("later")
    told_of = {"kind": "hologram", "strength": "all of it"}
    studio.client.create_model_version("later", "x", tags=told_of)
    version = models.get(studio.client, "later", 1)
    assert (version.kind, version.strength) == ("hologram", 1.0)
    main(["styles", "--home", str(studio.home)])
    assert "hologram (this program does not know it; update)" in capsys.readouterr().out
    at = {"style": "later", "number": 1, "actor": "ana", "why": "new", "now": NOW}
    for move in (
        lambda: release.promote(studio, to="production", **at),
        lambda: release.promote(studio, to="staging", **at),
        lambda: release.begin_rollout(studio, percent=10, people=[], **at),
        lambda: table.load(studio, version),
        lambda: evaluate.evaluate_version(studio, "later", 1, print),
        lambda: submit.ask(
            studio,
            "generate",
            {"style": "later", "version": 1, "prompt": "x"},
            asked_by="ana",
            now=NOW,
        ),
    ):
        with pytest.raises(StudioError, match="'hologram': this program does not know it") as why:
            move()
        assert "Update" in why.value.remedy
    assert stages.history(studio.engine, "later") == []
    release.promote(studio, to="archived", **at)
    assert stages.history(studio.engine, "later")[0].to_stage == "archived"
    assert model_cards.write(studio, "later", 1)
    assert "too old for" in studio.client.get_model_version("later", "1").description


def test_versions_of_before_are_loras(studio):
    studio.client.create_registered_model("old")
    studio.client.create_model_version("old", "x", tags={"trigger_word": "<Old>"})
    version = models.get(studio.client, "old", 1)
    assert version.kind == "lora" and table.label(version) == "LoRA" and table.draws(version)
    assert table.of(version).warnings(studio, version) == []
    assert [fact.value for fact in table.of(version).facts(studio, version)][0] == "<Old>"

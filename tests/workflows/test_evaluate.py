"""Measuring a version: among what it learned from, without what was held out; and what nothing is
known of."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from safetensors.numpy import save_file

from studio import context, images
from studio.cli import main
from studio.context import Studio
from studio.datasets import presentation, versions
from studio.datasets.folder_import import import_folder
from studio.diffusion import kohya
from studio.errors import StudioError
from studio.evaluation import contact_sheet, prompt_sets
from studio.jobs import queue
from studio.registry import models
from studio.registry.models import Version
from studio.settings import CHECKOUT, load_settings
from studio.worker import submit
from studio.workflows import evaluate, evaluate_inputs, new_adapters
from studio.workflows.model_kinds.kind import Evaluated
from studio.workflows.train_split import parted
from studio.workflows.version_loading import load_version, trained_size
from tests.workflows.test_adapters import SAID, SHAPES, some_lora


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Studio:
    """The bundled sample in two versions, and a LoRA from elsewhere as version 1 of `theirs`."""
    home = tmp_path_factory.mktemp("measured") / "home"
    made = context.open_studio(load_settings({}, home=str(home)))
    folder = CHECKOUT / "sample" / "train"
    data = import_folder(home, "sample", folder, now=context.now(), actor="ana").version
    presentation.change(
        home, "sample", data.look, replace(data.look, mirror=True), now=context.now(), actor="ana"
    )
    file = home / "theirs.safetensors"
    save_file(kohya.tensors_of(some_lora(1), SHAPES), file)
    new_adapters.bring_in(made, file, style="theirs", base="pocket", trigger_word="<T>", **SAID)
    return made


def _trained(studio: Studio, held_out: str, number: int = 1, **tags: str) -> Version:
    data = versions.load(studio.home, "sample")
    version = models.get(studio.client, "theirs", 1)
    return replace(
        version,
        style="made",
        number=number,
        dataset="sample",
        tags=tags,
        dataset_digest=data.digest,
        params={"held_out": held_out},
    )


@pytest.mark.slow
def test_held_out_pictures_are_no_training_pictures(studio: Studio) -> None:
    data = versions.load(studio.home, "sample")
    parts = parted(studio.home, data, 0.2)
    known = evaluate_inputs.learned(studio, _trained(studio, "0.2"))
    hashes = {picture.hash for picture, _ in known.pictures}
    assert len(parts.held) >= 3 and known.why_not == ""
    assert hashes == {data.pictures[k].hash for k in parts.taught}
    assert not hashes & {data.pictures[k].hash for k in parts.held}
    everything = evaluate_inputs.learned(studio, _trained(studio, "0.0"))
    assert len(everything.pictures) == len(data.pictures)


def test_what_is_not_known_is_said_of_those_brought_in_gone_or_merged(studio: Studio) -> None:
    theirs = models.get(studio.client, "theirs", 1)
    assert "it was brought in" in evaluate_inputs.learned(studio, theirs).why_not
    lost = replace(_trained(studio, "0.1"), dataset="nowhere")
    assert "is not here any more" in evaluate_inputs.learned(studio, lost).why_not
    merged = replace(theirs, number=9, tags={"merged": json.dumps([["theirs", 1, 0.5]])})
    said = evaluate_inputs.learned(studio, merged).why_not
    assert said.startswith("theirs version 9 was merged, and of a part: What theirs version 1")


def test_a_merge_learned_what_its_parts_did(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts = {1: _trained(studio, "0.2"), 2: _trained(studio, "0.0", 2)}
    monkeypatch.setattr(evaluate_inputs.models, "get", lambda client, style, number: parts[number])
    tags = {"merged": json.dumps([["made", 1, 0.5], ["made", 2, 0.5]])}
    known = evaluate_inputs.learned(studio, replace(parts[1], number=3, tags=tags))
    assert len(known.pictures) == len(versions.load(studio.home, "sample").pictures)
    assert known.data is None and known.why_not == ""


@pytest.mark.slow
def test_one_brought_in_is_measured_against_a_version_of_ones_choice(
    studio: Studio, capsys: pytest.CaptureFixture[str]
) -> None:
    told: list[str] = []
    with pytest.raises(StudioError, match="nothing to compare") as error:
        evaluate.evaluate_version(studio, "theirs", 1, told.append)
    assert "--against NAME" in error.value.remedy
    few = prompt_sets.PromptSet("theirs", "", ("a red potion", "a blue gem"), (1, 2), ())
    named = prompt_sets._version("theirs", few.prompts, few.seeds, few.unseen)
    prompt_sets.save(studio.home, replace(few, version=named))
    older = versions.list_versions(studio.home, "sample")[1]
    studio.client.set_model_version_tag("theirs", "1", "filter", "nearest")  # it is pixel art
    given = [
        "evaluate",
        "theirs",
        "1",
        "--against",
        f"sample@{older.version}",
        "--json",
        "--home",
        str(studio.home),
    ]
    assert main.main(given) == 0
    said = capsys.readouterr()
    found = json.loads(said.out)["metrics"]
    assert "style_similarity" in found and "real_consistency" in found
    assert not {"nearest", "copies", "real_learned"} & set(found)
    assert "The nearest training picture and copies are not measured" in said.err
    version = models.get(studio.client, "theirs", 1)
    assert version.tags["against"] == f"sample@{older.version}"
    assert "brought in" in version.tags["not_measured"]
    drawn = contact_sheet.read_sheet(contact_sheet.folder_of(studio.home, "theirs", 1))
    assert drawn and {cell.nearest for cell in drawn.cells} == {""}
    assert drawn.finishing == version.tags["finishing"] == "hard alpha"
    look = {"colours", "raw_colours", "base_orphans", "real_height_low", "real_height_high"}
    assert look <= set(found) and found["half_transparent"] == 0 < found["raw_half_transparent"]
    folder = contact_sheet.folder_of(studio.home, "theirs", 1)
    assert contact_sheet.as_drawn(folder / "base-000.png").name == "raw-base-000.png"
    for name in (name for cell in drawn.cells for name in (cell.base, cell.version)):
        alpha = images.open_picture(folder / name).getchannel("A")
        assert {level for _, level in alpha.getcolors()} <= {0, 255}


@pytest.mark.parametrize(
    ("tags", "params", "size"),
    [
        ({"trained_size": "768"}, {}, 768),
        ({}, {"resolution": "640"}, 640),  # trained before this was kept
        ({"trained_size": "100"}, {"resolution": "0"}, 96),
        ({}, {"resolution": "0"}, None),
        ({}, {}, None),
    ],
)
def test_a_version_is_drawn_at_the_size_that_it_learned_at(
    studio: Studio, tags: dict[str, str], params: dict[str, str], size: int | None
) -> None:
    version = replace(models.get(studio.client, "theirs", 1), tags=tags, params=params)
    assert trained_size(version) == size


def test_its_pictures_have_that_size_unless_another_is_asked_for(
    studio: Studio, tmp_path: Path
) -> None:
    from studio.diffusion.sampling import Draw
    from studio.generation import style_drawing
    from studio.images import open_picture

    version = models.get(studio.client, "theirs", 1)
    tags = {**version.tags, "trained_size": "48"}
    loaded = load_version(studio, replace(version, tags=tags))
    wish = [style_drawing.Wish("a gem", 3)]
    drawn = {
        size: open_picture(
            style_drawing.draw(loaded, wish, Draw(steps=2).sized(size), 1.0, tmp_path)[0]
        )
        for size in (None, 32)
    }
    assert (drawn[None].size, drawn[32].size) == ((48, 48), (32, 32))
    same = load_version(studio, replace(version, tags=tags | {"trained_size": "32"}))
    assert same.size is None  # the base's own: files keep the names that they had


def test_a_run_that_was_deleted_is_named_before_anything_is_drawn(studio: Studio) -> None:
    version = models.get(studio.client, "theirs", 1)
    ask = {"style": "theirs", "version": 1, "against": "sample"}

    def refused(said: str) -> None:
        with pytest.raises(StudioError, match=said):
            submit.ask(studio, "evaluate", ask, asked_by="ana", now=context.now())
        with pytest.raises(StudioError, match=said):
            evaluate.asked(studio, "theirs", 1, "sample")
        found = Evaluated({"kid": 1.0}, {"prompts": "x"})
        with pytest.raises(StudioError, match=said):
            evaluate.keep(studio, "theirs", 1, found, studio.home / "nowhere", context.now())

    asked = queue.listing(studio.engine, kind="evaluate")
    studio.client.delete_run(version.run_id)
    refused(f"run of theirs version 1 was deleted.*runs restore --run-id {version.run_id}")
    studio.client.restore_run(version.run_id)
    evaluate.asked(studio, "theirs", 1, "sample")
    (experiment,) = {studio.client.get_run(version.run_id).info.experiment_id}
    studio.client.delete_experiment(experiment)
    refused(f"experiment 'theirs', with the run of .*experiments restore -x {experiment}")
    studio.client.restore_experiment(experiment)
    evaluate.asked(studio, "theirs", 1, "sample")
    assert models.get(studio.client, "theirs", 1) == version
    assert queue.listing(studio.engine, kind="evaluate") == asked


def test_a_run_that_is_gone_for_good_is_done_without(studio: Studio) -> None:
    version = replace(models.get(studio.client, "theirs", 1), run_id="f" * 32)
    models.set_metrics(studio.client, version, {"kid_without_run": 0.5}, {})
    assert models.get(studio.client, "theirs", 1).metrics["kid_without_run"] == 0.5
    studio.client.delete_model_version_tag("theirs", "1", f"{models.METRIC}kid_without_run")

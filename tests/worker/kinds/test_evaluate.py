"""A measuring in its three steps: without the studio, cut off, and kept once."""

import json
import math
from dataclasses import replace
from datetime import timedelta

import pytest
from safetensors.numpy import save_file

from studio import context
from studio.datasets.folder_import import import_folder
from studio.diffusion import kohya
from studio.evaluation import contact_sheet, prompt_sets
from studio.registry import models
from studio.settings import CHECKOUT, load_settings
from studio.worker import steps
from studio.worker.context import Models, Warm
from studio.worker.kind import Outcome, Work
from studio.worker.kind_table import KINDS
from studio.workflows import new_adapters
from studio.workflows.model_kinds import table
from tests.registry.toy_kind import FLAT, flat
from tests.worker.kinds.step_by_step import NOW, again, begun, computed_away, note
from tests.workflows.test_adapters import SAID, SHAPES, some_lora

WALLS = {"style": "walls", "version": 1}


@pytest.fixture
def studio(tmp_path, monkeypatch):
    monkeypatch.setitem(table.KINDS, FLAT.name, FLAT)
    opened = context.open_studio(load_settings({}, home=str(tmp_path / "home")))
    yield opened
    opened.engine.dispose()


def sheet_of(studio, style="walls"):
    return contact_sheet.folder_of(studio.home, style, 1)


def history(studio, version):
    run = studio.client.get_run(version.run_id)
    return {
        name: len(studio.client.get_metric_history(version.run_id, name))
        for name in run.data.metrics
    }


def no_models(tmp_path):
    return Models("cpu", 1, tmp_path / "none", Warm())


def refuse(*given):
    raise AssertionError("computed again")


@pytest.mark.slow
def test_a_lora_is_measured_where_no_studio_is(studio, tmp_path):
    folder = CHECKOUT / "sample" / "held_out"
    data = import_folder(studio.home, "sample", folder, now=NOW, actor="ana").version
    file = tmp_path / "theirs.safetensors"
    save_file(kohya.tensors_of(some_lora(1), SHAPES), file)
    new_adapters.bring_in(studio, file, style="theirs", base="pocket", trigger_word="<T>", **SAID)
    few = prompt_sets.PromptSet("theirs", "", ("a red potion", "a gem"), (1, 2), ())
    named = prompt_sets._version("theirs", few.prompts, few.seeds, few.unseen)
    prompt_sets.save(studio.home, replace(few, version=named))
    at, ask = begun(studio, "evaluate", **{"style": "theirs", "version": 1, "against": "sample"})
    kind = KINDS["evaluate"]
    work = kind.prepare(at, ask)
    (lora,) = set(work.inputs) - {picture.hash for picture in data.pictures}
    assert lora == steps.digest(work.inputs[lora].path) and len(work.inputs) > len(data.pictures)
    outcome = computed_away(kind, studio, work, tmp_path / "machine")[0]
    names = [*(f"{side}-{k:03d}" for side in ("base", "version") for k in range(4)), "sheet"]
    assert set(outcome.files) == {"sheet/sheet.json", *(f"sheet/{name}.png" for name in names)}
    assert not sheet_of(studio, "theirs").exists()
    assert models.get(studio.client, "theirs", 1).metrics == {}
    told = kind.commit(at, ask, outcome)
    version = models.get(studio.client, "theirs", 1)
    assert version.metrics == {name: v for name, v in told["metrics"].items() if v is not None}
    assert version.metrics["real_pictures"] == len(data.pictures)
    assert version.tags["against"] == f"sample@{data.version}"
    assert {file.name: steps.digest(file) for file in sheet_of(studio, "theirs").iterdir()} == {
        name.removeprefix("sheet/"): hash for name, hash in outcome.files.items()
    }


@pytest.mark.slow
def test_cut_off_before_its_end_it_is_kept_without_drawing_again(studio, tmp_path, monkeypatch):
    version = flat(studio, tmp_path / "hue")
    at, ask = begun(studio, "evaluate", **WALLS)
    kind = KINDS["evaluate"]
    work = kind.prepare(at, ask)
    outcome = computed_away(kind, studio, work, tmp_path / "machine")[0]
    note(at, work, outcome)
    # Cut off within commit, too: behind the sheet, and before the run has it.
    with monkeypatch.context() as cut:
        cut.setattr(models, "set_metrics", refuse)
        with pytest.raises(AssertionError):
            kind.commit(at, ask, outcome)
    assert contact_sheet.read_sheet(sheet_of(studio)) and history(studio, version) == {}
    later = again(studio, at.job, timedelta(hours=2))
    assert (later.job.id, later.job.attempt) == (at.job.id, 2)
    stopped = replace(kind, compute=refuse)
    told = [
        steps.run(stopped, later, ask, no_models(tmp_path), lambda step, steps: None)
        for _ in range(2)
    ]
    assert told[0] == told[1] and told[0]["metrics"]["pictures"] == 4
    assert history(studio, version) == {"pictures": 1, "palette_distance": 1}
    kept = [file.path for file in studio.client.list_artifacts(version.run_id, "sheet")]
    assert sorted(kept) == sorted(outcome.files)


@pytest.mark.slow
def test_a_sheet_that_was_touched_meanwhile_is_drawn_anew(studio, tmp_path):
    flat(studio, tmp_path / "hue")
    at, ask = begun(studio, "evaluate", **WALLS)
    kind = KINDS["evaluate"]
    work = kind.prepare(at, ask)
    outcome = computed_away(kind, studio, work, tmp_path / "machine")[0]
    note(at, work, outcome)
    touched = work.workdir / "sheet" / "version-000.png"
    touched.write_bytes(b"half")
    steps.run(kind, at, ask, no_models(tmp_path), lambda step, steps: None)
    assert steps.digest(sheet_of(studio) / touched.name) == outcome.files[f"sheet/{touched.name}"]


def test_figures_that_are_no_numbers_come_through(studio, tmp_path):
    version = flat(studio, tmp_path / "hue")
    at, ask = begun(studio, "evaluate", **WALLS)
    kind = KINDS["evaluate"]
    (at.workdir / "sheet").mkdir(parents=True)
    figures = {"kid": math.nan, "fid": math.inf, "pictures": 4.0}
    note(
        at,
        Work(at.workdir, None),
        Outcome({"figures": figures, "tags": {"prompts": "p"}, "at": NOW.isoformat()}),
    )
    read = steps.computed(Work(at.workdir, None), at.job.id)
    told = kind.commit(at, ask, read)
    assert told["metrics"] == {"kid": None, "fid": None, "pictures": 4.0}
    assert json.loads(json.dumps(told, allow_nan=False)) == told
    kept = models.get(studio.client, "walls", 1).metrics
    assert math.isnan(kept["kid"]) and kept["fid"] == math.inf
    assert history(studio, version) == {"pictures": 1}
    assert kept.keys() == figures.keys()


@pytest.mark.slow
def test_figures_of_before_do_not_stand_among_the_new(studio, tmp_path):
    version = flat(studio, tmp_path / "hue")
    models.set_metrics(studio.client, version, {"recall": 0.5}, {})
    at, ask = begun(studio, "evaluate", **WALLS)
    kind = KINDS["evaluate"]
    outcome = computed_away(kind, studio, kind.prepare(at, ask), tmp_path / "machine")[0]
    kind.commit(at, ask, outcome)
    assert models.get(studio.client, "walls", 1).metrics.keys() == {"pictures", "palette_distance"}

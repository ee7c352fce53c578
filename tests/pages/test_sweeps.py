"""Sweeps on the Train page: asked for once, looked at, and a trial made a version by one click."""

import json
from dataclasses import asdict, replace

import pytest

from studio import context
from studio.database import engine as db
from studio.database.ledger import stamp
from studio.diffusion import base_offers
from studio.jobs import queue
from studio.jobs.table import jobs
from studio.registry import models
from studio.training import runs
from studio.training.config import TrainConfig, as_params
from studio.workflows import train
from studio.workflows.sweeps import charts, ranges, study, sweep_run

TOLD = {"rank": "4, 8", "learning_rate": "0.001..0.1"}
WISH = sweep_run.Wish("items", "sample", "fast", asdict(TrainConfig()), TOLD, 3)


@pytest.fixture(autouse=True)
def no_gpu(monkeypatch):
    monkeypatch.setattr(base_offers, "_driver", lambda: False)


def _sweep(studio, trials=3):
    """A sweep whose trials have ended, each a run that left a small adapter."""
    from datetime import UTC, datetime

    import numpy as np
    from safetensors.numpy import save_file

    wish = replace(WISH, trials=trials)
    found = sweep_run._begun(studio, wish, "a" * 32)
    opened = study.Study(found.folder, 1)
    for k in range(trials):
        trial = opened.next(ranges.parse(TOLD))
        run = runs.begin(
            studio.client,
            studio.tracking,
            studio.settings,
            "items",
            "sample@0",
            "d" * 64,
            TrainConfig(rank=int(trial.values["rank"])),
            "cpu",
            datetime.now(UTC),
            found.run,
        )
        trial.began(run.id)
        adapter = run.folder / train.ADAPTER
        adapter.mkdir()
        save_file({"unet.x": np.zeros(2, np.float32)}, adapter / "pytorch_lora_weights.safetensors")
        about = {
            "base": "pocket",
            "config": as_params(TrainConfig()),
            "dataset": "sample",
            "dataset_digest": "d" * 64,
            "tags": {"base_name": "pocket"},
        }
        (run.folder / train.ABOUT).write_text(json.dumps(about))
        figures = {"style_similarity": 0.5 + k / 10, "clip_score_pocket_clip_v2": 30.0 - k % 2}
        trial.ended(0.5 - k / 10, figures, "Trained to <b>500</b>.", False)
        runs.finish(studio.client, run, 0)
    opened.close()
    return found


def _said(at):
    parts = (at.markdown, at.caption, at.info, at.warning, at.error)
    return " ".join(element.value for part in parts for element in part).replace("\\", "")


def test_a_sweep_is_asked_for_with_its_ranges_once(studio, open_page):
    at = open_page("Train", style="items", preset="Balanced")
    at.session_state["several"] = True
    at.run()
    assert not at.exception
    next(e for e in at.text_input if e.label == "Rank to try").set_value("8, 16").run()
    next(e for e in at.number_input if e.label == "Trials").set_value(5).run()
    told = {m.label: m.value for m in at.metric}
    assert told["Time, estimated"].startswith("about") and "MB" in told["Disk, estimated"]
    assert "where no trial is cut short" in _said(at) and "Ready at about" in _said(at)
    next(b for b in at.button if b.label == "Start sweep").click().run()
    assert not at.exception
    (job,) = queue.listing(studio.engine)
    assert (job.kind, job.payload["trials"]) == ("sweep", 5)
    assert job.payload["ranges"] == {"rank": "8, 16", "learning_rate": "0.00075..0.012"}
    assert job.payload["settings"]["held_out"] == 0.1
    assert at.session_state["show"] == "Sweeps"


def test_a_sweep_of_the_fast_preset_sets_what_it_compares_by_itself(studio, open_page):
    at = open_page("Train", style="items", preset="Fast")
    at.session_state["several"] = True
    at.run()
    assert "“Validation split” is set to 0.1" in _said(at)
    next(b for b in at.button if b.label == "Start sweep").click().run()
    assert not at.exception
    (job,) = queue.listing(studio.engine)
    assert (job.kind, job.payload["preset"]) == ("sweep", "fast")
    assert job.payload["settings"]["held_out"] == 0.1


@pytest.mark.slow
def test_trials_are_shown_and_one_becomes_a_version_by_one_click(studio, open_page):
    found = _sweep(studio)
    at = open_page("Train", show="Sweeps")
    assert not at.exception
    said = _said(at)
    assert "**Trial 3** has the lowest validation loss, 0.3000" in said
    assert "**Trial 3** comes closest to your style" in said
    assert "In style and prompts together none is better than 3." in said
    assert "the same eight prompts from the same seeds" in said
    assert "the others' are cleared away after" in said
    assert "<b>500</b>" in said and "optuna" not in said.lower()
    assert len(at.get("vega_lite_chart") or at.get("arrow_vega_lite_chart")) == 2
    next(b for b in at.button if b.key == f"keep-{found.id}-3").click().run()
    assert not at.exception
    (made,) = models.list_versions(studio.client, "items")
    assert made.run_id == study.read(found.folder)[2].run and made.stage == "candidate"
    assert f"keep-{found.id}-3" not in {b.key for b in at.button}
    assert len([b for b in at.button if b.label == "Make it a version"]) == 2


@pytest.mark.slow
def test_the_front_holds_what_no_other_beats_in_both(studio):
    tried = study.read(_sweep(studio, 4).folder)
    assert charts.front(tried) == {3, 4}
    parallel = charts.parallel(tried)
    lines = parallel["layer"][0]["data"]["values"]
    assert {row["axis"] for row in lines} == {
        "Rank",
        "Learning rate",
        "Validation loss",
        "Style similarity",
        "Prompt adherence (CLIP)",
    }
    assert all(0 <= row["at"] <= 1 for row in lines)


def test_without_a_sweep_the_page_says_how_to_begin_one(studio, open_page):
    assert "Hyperparameter sweep" in _said(open_page("Train", show="Sweeps"))


@pytest.mark.slow
def test_trials_are_side_by_side_only_when_asked_for(studio, open_page):
    trials = [one.run for one in study.read(_sweep(studio).folder)]
    at = open_page("Train", show="Side by side")
    assert not at.exception and at.multiselect == []
    at.toggle(key="trials-too").set_value(True).run()
    assert not at.exception and len(at.multiselect(key="compared").options) == 3
    assert all("trial" in option for option in at.multiselect(key="compared").options)
    at = open_page("Train", show="Side by side", runs=",".join(trials[:2]))
    assert at.multiselect(key="compared").value == trials[:2]


@pytest.mark.slow
def test_from_the_queue_one_comes_to_a_done_sweeps_trials(studio, open_page):
    found, other = _sweep(studio), sweep_run._begun(studio, WISH, "b" * 32)
    ids = []
    for sweep in (found, other):
        payload = {**asdict(sweep.wish), "sweep": sweep.id}
        job = queue.submit(
            studio.engine,
            kind="sweep",
            lane="work",
            payload=payload,
            asked_by="ana",
            now=context.now(),
        )
        ids.append(job.id)
    with db.writing(studio.engine) as connection:  # as a worker leaves them
        done = {"state": "done", "kept": {"sweep": found.id}, "ended_at": stamp(context.now())}
        connection.execute(jobs.update().where(jobs.c.id == ids[0]).values(**done))
        db.bump(connection)
    queue.cancel(studio.engine, ids[1], "ben", context.now())
    at = open_page("Train", show="Queue")
    said = _said(at)
    assert said.count("Cancelled") == 1 and "Cancelled by ben, " in said
    next(b for b in at.button if b.label == "Its trials").click().run()
    assert not at.exception
    assert at.session_state["sweep"] == found.id and "Trials" in [h.value for h in at.header]

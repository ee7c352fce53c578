"""A sweep of real trainings on the pocket base, cut off in the middle and gone on with."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import signal
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta

import pytest

from studio import context
from studio.datasets.folder_import import import_folder
from studio.errors import StudioError
from studio.registry import models
from studio.settings import CHECKOUT, load_settings
from studio.training import checkpoint_choice, checkpoints, runs, training_folders
from studio.training.config import TrainConfig
from studio.workflows import train_learning, train_validation
from studio.workflows.sweeps import disk_cleanup, ranges, study, sweep_run

BRIEF = TrainConfig(
    rank=2,
    alpha=2.0,
    batch_size=2,
    max_train_steps=2,
    save_every_n_steps=1,
    seed=3,
    preview_every_n_steps=2,
    warmup_steps=0,
)


ID = "5" * 32


class Killed(BaseException):
    """Nothing catches it, like a kill."""


@pytest.fixture
def studio(tmp_path, monkeypatch):
    monkeypatch.setattr(train_validation, "SHEET", 2)
    studio = context.open_studio(load_settings({}, home=str(tmp_path)))
    pictures = CHECKOUT / "sample" / "train"
    import_folder(tmp_path, "sample", pictures, now=datetime.now(UTC), actor="ana")
    return studio


def _wish(**changes):
    told = {"rank": "2, 4", "learning_rate": "0.001..0.01"}
    wish = sweep_run.Wish("items", "sample", "fast", asdict(BRIEF), told, 2)
    return sweep_run.Wish(**{**asdict(wish), **changes})


def _client():
    from mlflow import MlflowClient

    return MlflowClient


def _optuna():
    from optuna.study import Study

    return Study


# Where it dies, one after the other: just before or just after the N-th call of something. A run
# of MLflow's is made twice, for the sweep and for its first trial.
MADE = (_client, "create_run", "after", 1)
NOTED = (lambda: study.Trial, "began", "before", 1)
CHECKED = (lambda: checkpoint_choice, "append", "after", 1)
TRAINED = (lambda: train_learning, "publish", "after", 1)
FINISHED = (lambda: runs, "finish", "after", 1)
MEASURED = (_optuna, "tell", "before", 1)
TOLD = (_optuna, "tell", "after", 1)
ASKED = (_optuna, "ask", "after", 1)
LAST = (_client, "set_terminated", "before", 2)  # the first ends the second trial


def _dying(patch, point, die):
    """Has `die` called at the point."""
    owner, name, when, count = point
    called, before = getattr(owner(), name), []

    def calling(*words, **more):
        before.append(name)
        if when == "before" and len(before) == count:
            die()
        found = called(*words, **more)
        if when == "after" and len(before) == count:
            die()
        return found

    patch.setattr(owner(), name, calling)


def _die():
    raise Killed


def _whole(studio, found):
    """The trials, each of them once in the study, in MLflow and on the disk."""
    tried = study.read(found.folder)
    assert [(one.number, one.state) for one in tried] == [(1, "done"), (2, "done")]
    experiment = studio.client.get_experiment_by_name("items").experiment_id
    known = {run.info.run_id: run for run in studio.client.search_runs([experiment])}
    assert set(known) == {found.run, *(one.run for one in tried)} and len(known) == 3
    assert {run.info.status for run in known.values()} == {"FINISHED"}
    assert known[found.run].data.params == found.wish.ranges
    folders = {file.name for file in (studio.home / "runs" / "items").iterdir()}
    assert folders == {one.run for one in tried}
    for one in tried:
        assert list(one.losses) == [1, 2] and one.loss == min(one.losses.values())
        run = known[one.run]
        assert run.data.tags[runs.PARENT] == found.run
        assert run.data.params["rank"] == str(one.values["rank"])
        for name in ("held_out_loss", "loss"):
            history = studio.client.get_metric_history(one.run, name)
            assert [m.step for m in history] == [1, 2]
    assert [one.id for one in sweep_run.sweeps(studio.home)] == [found.id] == [ID]
    return tried


@pytest.mark.slow
def test_a_killed_sweep_goes_on_and_each_trial_is_a_child_of_one_run(studio):
    for point in (MADE, MEASURED):
        with pytest.MonkeyPatch.context() as patch, pytest.raises(Killed):
            _dying(patch, point, _die)
            sweep_run.sweep(studio, _wish(), print, ID)
    found = sweep_run.sweep(studio, _wish(), print, ID)
    tried = _whole(studio, found)
    for one in tried:
        assert {"style_similarity", "clip_score_pocket_clip_v2"} <= set(one.figures)
    assert models.list_versions(studio.client, "items") == []
    with pytest.raises(StudioError, match="no unfinished training"):
        runs.unfinished(studio.home, "items", "", BRIEF)

    made = sweep_run.keep(studio, found, 2)
    assert made.run_id == tried[1].run and made.stage == "candidate"
    assert made.params["rank"] == str(tried[1].values["rank"])
    assert sweep_run.keep(studio, found, 2).number == made.number
    assert training_folders.find(studio.home, tried[1].run).version == made.number


@pytest.mark.slow
def test_kill_9_at_every_step_doubles_and_loses_no_trial(studio, tmp_path_factory):
    whole = tmp_path_factory.mktemp("whole")
    shutil.copytree(studio.home / "datasets", whole / "datasets")
    straight = context.open_studio(load_settings({}, home=str(whole)))
    wanted = _whole(straight, sweep_run.sweep(straight, _wish(), print, ID))
    points = [MADE, MADE, NOTED, CHECKED, TRAINED, FINISHED, MEASURED, TOLD, ASKED, LAST]
    ended = []
    for point in points:
        process = multiprocessing.get_context("fork").Process(
            target=_until, args=(studio.home, point)
        )
        process.start()
        process.join(200)
        ended.append(process.exitcode)
    assert set(ended) == {-signal.SIGKILL}
    tried = _whole(studio, sweep_run.sweep(studio, _wish(), print, ID))
    for one, other in zip(tried, wanted, strict=True):  # what was found is the same as well
        assert one.values == other.values
        # The killed ones compute on one thread, whose sums round otherwise.
        assert one.losses == pytest.approx(other.losses, rel=1e-4)
        assert one.figures == pytest.approx(other.figures, rel=1e-2, abs=1e-2)


def _until(home, point):
    """The sweep in a process of its own, which ends itself by kill -9 at the point."""
    import torch

    torch.set_num_threads(1)  # a forked process has none of its parent's threads
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(train_validation, "SHEET", 2)
        _dying(patch, point, lambda: os.kill(os.getpid(), signal.SIGKILL))
        sweep_run.sweep(context.open_studio(load_settings({}, home=str(home))), _wish(), print, ID)


@pytest.mark.slow
def test_a_trial_cut_short_costs_no_more_steps_and_the_search_is_repeatable(studio, monkeypatch):
    """The second trial learns at a rate at which nothing is learned: it ends at its first check."""
    monkeypatch.setattr(study, "AT_FIRST", 1)
    monkeypatch.setattr(train_validation.Figures, "measure", _no_figures)
    monkeypatch.setattr(train_validation.Sheet, "drawn", lambda self, step, count=2: [])
    wish = _wish(
        ranges={"learning_rate": "0.003, 0.0000001"},
        settings={
            **asdict(BRIEF),
            "max_train_steps": 60,
            "save_every_n_steps": 15,
            "preview_every_n_steps": 0,
            "seed": _good_first(),
        },
    )
    said = []
    found = sweep_run.sweep(studio, wish, said.append, ID)
    first, second = study.read(found.folder)
    assert (first.state, second.state) == ("done", "stopped")
    assert list(first.losses) == [15, 30, 45, 60] and list(second.losses) == [15]
    history = studio.client.get_metric_history(second.run, "loss")
    assert max(m.step for m in history) == 15
    assert [row.step for row in checkpoints.read(found.run_folder(second.run) / "losses.jsonl")][
        -1
    ] == 15
    assert "worse than most" in second.says
    # What a trial leaves: its LoRA, nothing to go on from.
    for one in (first, second):
        assert disk_cleanup.has_lora(found, one)
        assert checkpoints.steps(found.run_folder(one.run)) == []
        assert not (found.run_folder(one.run) / "kept").exists()
    assert not any("Trial 2 of 2: step 30" in line for line in said)
    assert any(line.startswith("50 % done. Trial 1 of 2: step 60/60") for line in said)
    # After its days the other trial's LoRA is cleared away, and it can't be kept any more.
    end = disk_cleanup.until(found, [first, second])
    assert disk_cleanup.clear(studio.home, end - timedelta(hours=1)) == 0
    assert disk_cleanup.clear(studio.home, end) == 1 and disk_cleanup.clear(studio.home, end) == 0
    assert disk_cleanup.has_lora(found, first) and not disk_cleanup.has_lora(found, second)
    with pytest.raises(StudioError, match="was cleared away"):
        sweep_run.keep(studio, found, 2)


def _no_figures(self, prompts, pictures):
    return {"drawn": 0.0}, self.taught[0]


def _good_first():
    """A seed with which the search begins at the rate that learns."""
    import tempfile
    from pathlib import Path

    told = ranges.parse({"learning_rate": "0.003, 0.0000001"})
    for seed in range(20):
        firsts = set()
        for _ in range(2):  # twice, each time from nothing: it is the same
            with tempfile.TemporaryDirectory() as folder:
                opened = study.Study(Path(folder), seed)
                firsts.add(opened.next(told).values["learning_rate"])
                opened.close()
        assert len(firsts) == 1
        if firsts == {0.003}:
            return seed
    raise AssertionError


@pytest.mark.slow
def test_all_trials_draw_the_same_prompts_from_the_same_seeds(studio, monkeypatch):
    drawn = []
    monkeypatch.setattr(train_validation.Figures, "measure", _no_figures)

    def noted(self, step, count=2):
        drawn.append((self.prompts, self.seed, self.trigger_word))
        return []

    monkeypatch.setattr(train_validation.Sheet, "drawn", noted)
    found = sweep_run.sweep(
        studio,
        _wish(settings={**asdict(BRIEF), "preview_every_n_steps": 0, "max_train_steps": 1}),
        print,
        ID,
    )
    assert len(study.read(found.folder)) == 2
    assert len(drawn) == 2 and len(set(drawn)) == 1 and drawn[0][0]


def test_something_is_held_out_to_compare_by_where_the_settings_hold_out_nothing(studio):
    wish = _wish(settings={**asdict(BRIEF), "held_out": 0.0})
    config, _ = sweep_run.checked(studio.home, wish)
    assert config == replace(BRIEF, held_out=0.1)
    with pytest.raises(StudioError, match="1 trials"):
        sweep_run.sweep(studio, _wish(trials=1), print)

"""A sweep of real trainings on the pocket base, cut off in the middle and gone on with."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime

import pytest

from studio import checking, workflows
from studio.datasets import versions
from studio.errors import StudioError
from studio.registry import models
from studio.settings import CHECKOUT, load_settings
from studio.sweeps import study, trying
from studio.training import choice, records, runs
from studio.training.config import TrainConfig

BRIEF = TrainConfig(
    rank=2, alpha=2.0, batch_size=2, max_train_steps=2, save_every_n_steps=1, seed=3,
    preview_every_n_steps=2, warmup_steps=0,
)  # fmt: skip


class Killed(BaseException):
    """Nothing catches it, like a kill."""


@pytest.fixture
def studio(tmp_path, monkeypatch):
    monkeypatch.setattr(checking, "SHEET", 2)
    studio = workflows.open_studio(load_settings({}, home=str(tmp_path)))
    pictures = CHECKOUT / "sample" / "train"
    versions.import_folder(tmp_path, "sample", pictures, now=datetime.now(UTC), actor="ana")
    return studio


def _wish(**changes):
    told = {"rank": "2, 4", "learning_rate": "0.001..0.01"}
    wish = trying.Wish("items", "sample", "fast", asdict(BRIEF), told, 2)
    return trying.Wish(**{**asdict(wish), **changes})


def test_a_killed_sweep_goes_on_and_each_trial_is_a_child_of_one_run(studio, monkeypatch):
    append = choice.append
    checks = []

    def dying(folder, check):
        append(folder, check)
        checks.append(check.step)
        if len(checks) == 3:  # the first check of the second trial
            raise Killed

    monkeypatch.setattr(choice, "append", dying)
    begun = []
    with pytest.raises(Killed):
        trying.sweep(studio, _wish(), print, began=begun.append)
    monkeypatch.setattr(choice, "append", append)
    found = trying.sweep(studio, _wish(), print, go_on=begun[0])

    tried = study.read(found.folder)
    assert [(one.number, one.state) for one in tried] == [(1, "done"), (2, "done")]
    assert len({one.run for one in tried}) == 2
    for one in tried:
        assert list(one.losses) == [1, 2] and one.loss == min(one.losses.values())
        assert {"style_similarity", "clip_score_pocket_clip_v2"} <= set(one.figures)
        run = studio.client.get_run(one.run)
        assert run.data.tags[runs.PARENT] == found.id
        assert run.data.params["rank"] == str(one.values["rank"])
        assert run.info.status == "FINISHED"
        history = studio.client.get_metric_history(one.run, "held_out_loss")
        assert [m.step for m in history] == [1, 2]
    assert studio.client.get_run(found.id).info.status == "FINISHED"
    assert models.list_versions(studio.client, "items") == []
    with pytest.raises(StudioError, match="no unfinished training"):
        runs.unfinished(studio.home, "items", "", BRIEF)

    made = trying.keep(studio, found, 2)
    assert made.run_id == tried[1].run and made.stage == "candidate"
    assert made.params["rank"] == str(tried[1].values["rank"])
    assert trying.keep(studio, found, 2).number == made.number
    assert records.find(studio.home, tried[1].run).version == made.number
    assert [one.id for one in trying.sweeps(studio.home)] == [found.id]


def test_without_a_held_out_part_there_is_nothing_to_compare_by(studio):
    with pytest.raises(StudioError, match="none is held out"):
        trying.sweep(studio, _wish(settings={**asdict(BRIEF), "held_out": 0.0}), print)
    with pytest.raises(StudioError, match="1 trials"):
        trying.sweep(studio, _wish(trials=1), print)

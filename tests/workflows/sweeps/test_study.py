"""Trials in Optuna's storage: what is tried next, what is cut short, what a kill leaves."""

from pathlib import Path

import pytest

from studio.workflows.sweeps import ranges, study

RANGES = ranges.parse({"rank": "4, 8, 16", "learning_rate": "0.0001..0.01"})


def _end(opened: study.Study, losses: tuple[float, ...]) -> study.Trial:
    trial = opened.next(RANGES)
    stopped = False
    for step, loss in enumerate(losses, start=1):
        stopped = trial.checked(step * 100, loss)
        if stopped:
            break
    trial.ended(min(losses), {"style_similarity": 0.5}, "", stopped)
    return trial


def test_a_trial_worse_than_most_is_cut_short(tmp_path: Path) -> None:
    opened = study.Study(tmp_path, seed=1)
    for k in range(study.AT_FIRST):
        _end(opened, (0.5 + k / 100, 0.4 + k / 100))
    _end(opened, (0.9, 0.8))
    found = opened.tried()
    assert [one.state for one in found] == ["done"] * study.AT_FIRST + ["stopped"]
    assert found[-1].losses == {100: 0.9}
    assert study.read(tmp_path) == found


def test_a_trial_cut_off_goes_on_as_it_was_and_the_next_is_the_same(tmp_path: Path) -> None:
    for folder in (tmp_path / "whole", tmp_path / "cut"):
        folder.mkdir()
        opened = study.Study(folder, seed=3)
        _end(opened, (0.5,))
        trial = opened.next(RANGES)
        trial.began("a" * 32)
        trial.checked(100, 0.4)
        if folder.name == "cut":
            opened.close()
            opened = study.Study(folder, seed=3)
            before, trial = trial, opened.next(RANGES)
            assert (trial.number, trial.values, trial.run) == (2, before.values, "a" * 32)
            trial.checked(100, 0.4)
        trial.ended(0.4, {}, "", False)
        _end(opened, (0.3,))
        opened.close()
    whole, cut = (study.read(tmp_path / name) for name in ("whole", "cut"))
    assert whole == cut and len(cut) == 3


@pytest.mark.slow
def test_no_settings_are_tried_twice(tmp_path: Path) -> None:
    few = ranges.parse({"rank": "2, 4, 8", "max_train_steps": "10, 20"})
    assert ranges.most(few) == 6 and ranges.most(RANGES) == float("inf")
    opened = study.Study(tmp_path, seed=5)
    for _ in range(6):
        trial = opened.next(few)
        trial.ended(0.1 * trial.values["rank"], {}, "", False)
    found = opened.tried()
    assert len({tuple(one.values.items()) for one in found}) == 6
    assert [one.number for one in found] == [1, 2, 3, 4, 5, 6]

"""When a training's checkpoints leave the disk, and what stays."""

from __future__ import annotations

import json
import os
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from studio.errors import StudioError
from studio.training import disk_cleanup, runs
from studio.training.config import TrainConfig, as_params
from studio.workflows import train

BEGAN = datetime(2026, 8, 1, 12, tzinfo=UTC)
REST = timedelta(days=disk_cleanup.KEPT_DAYS)
STAYS = ["adapter", "checks.jsonl", "losses.jsonl", "previews", "record.json"]


def training(home: Path, run: str, ended: str = "", at: datetime = BEGAN) -> Path:
    """A training's folder, all of it written at `at`; `ended` names the mark of its end."""
    folder = home / "runs" / "items" / run
    for name in ("adapter", "previews", "kept/step-000004", "step-000002", "step-000004"):
        (folder / name).mkdir(parents=True)
        (folder / name / "file").write_text("x")
    record = {"run": run, "config": as_params(TrainConfig()), "dataset": "d", "parent": ""}
    (folder / "record.json").write_text(json.dumps(record))
    for name in ("losses.jsonl", "checks.jsonl", ended):
        if name:
            (folder / name).write_text("3")
    for file in folder.rglob("*"):
        os.utime(file, (at.timestamp(), at.timestamp()))
    return folder


def test_a_version_keeps_no_checkpoints_and_all_that_tells_of_it(tmp_path: Path) -> None:
    folder = training(tmp_path, "1" * 32, ended="done")
    assert disk_cleanup.until(folder) is None
    assert disk_cleanup.clear(tmp_path, list, BEGAN + timedelta(minutes=50)) == []
    assert disk_cleanup.clear(tmp_path, list, BEGAN + timedelta(minutes=70)) == ["1" * 32]
    assert sorted(file.name for file in folder.iterdir()) == sorted([*STAYS, "done"])
    assert disk_cleanup.clear(tmp_path, list, BEGAN + 2 * REST) == [] and not disk_cleanup.cleared(
        folder
    )


def test_one_that_was_cut_off_is_kept_for_its_days_and_while_somebody_waits(tmp_path: Path) -> None:
    run = "2" * 32
    folder = training(tmp_path, run)
    assert disk_cleanup.until(folder) == BEGAN + REST
    assert disk_cleanup.clear(tmp_path, list, BEGAN + REST - timedelta(seconds=1)) == []
    assert disk_cleanup.clear(tmp_path, lambda: [run], BEGAN + 2 * REST) == []
    assert runs.unfinished(tmp_path, "items", "d", TrainConfig()).id == run
    (folder / "losses.jsonl").write_text("it went on for a while")
    at = (BEGAN + timedelta(days=20)).timestamp()
    os.utime(folder / "losses.jsonl", (at, at))
    assert disk_cleanup.clear(tmp_path, list, BEGAN + REST) == []
    assert disk_cleanup.clear(tmp_path, list, BEGAN + timedelta(days=50)) == [run]
    assert sorted(file.name for file in folder.iterdir()) == sorted([*STAYS, "cleared"])
    assert disk_cleanup.cleared(folder) and disk_cleanup.until(folder) is None
    for id in ("", run):
        with pytest.raises(StudioError, match="after 30 days its checkpoints were cleared"):
            runs.unfinished(tmp_path, "items", "d", TrainConfig(), id)
    training(tmp_path, "3" * 32)  # an unfinished one beside it is gone on with as before
    assert runs.unfinished(tmp_path, "items", "d", TrainConfig()).id == "3" * 32


def test_a_kill_in_between_leaves_nothing_that_looks_whole(tmp_path: Path) -> None:
    folder = training(tmp_path, "4" * 32)

    def dies(*words: object, **more: object) -> None:
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(shutil, "rmtree", dies)
        disk_cleanup.clear(tmp_path, list, BEGAN + REST)
    assert disk_cleanup.cleared(folder)
    assert disk_cleanup.clear(tmp_path, list, BEGAN) == ["4" * 32]
    assert sorted(file.name for file in folder.iterdir()) == sorted([*STAYS, "cleared"])


def test_one_that_only_could_not_be_registered_can_be_registered_for_ever(tmp_path: Path) -> None:
    assert disk_cleanup.ENDED == train.ABOUT
    folder = training(tmp_path, "5" * 32, ended=disk_cleanup.ENDED)
    assert disk_cleanup.clear(tmp_path, list, BEGAN + REST) == ["5" * 32]
    assert not disk_cleanup.cleared(folder) and (folder / "adapter" / "file").is_file()
    assert runs.unfinished(tmp_path, "items", "d", TrainConfig(), "5" * 32).folder == folder

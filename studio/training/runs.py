"""A training's record: its MLflow run, its folder, and what it must remember of the machine."""

from __future__ import annotations

import hashlib
import json
import math
import subprocess
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from studio.errors import StudioError
from studio.settings import CHECKOUT, Settings
from studio.store.publish import publish
from studio.tracking import runs
from studio.tracking.client import Tracking, experiment
from studio.training import disk_cleanup
from studio.training.checkpoint_choice import Check
from studio.training.checkpoints import Row
from studio.training.config import TrainConfig, as_params

if TYPE_CHECKING:
    from mlflow import MlflowClient

PARENT = "mlflow.parentRunId"  # by which MLflow folds trials under their sweep
ROWS_A_REQUEST = 300  # MLflow takes at most 1,000 figures at once; a row has three


@dataclass(frozen=True)
class Run:
    """A training's folder and its MLflow run."""

    id: str
    folder: Path


def begin(
    client: MlflowClient,
    tracking: Tracking,
    settings: Settings,
    style: str,
    dataset: str,
    digest: str,
    config: TrainConfig,
    device: str,
    now: datetime,
    parent: str = "",
    mark: str = "",
) -> Run:
    """A new run of `style` on the dataset `dataset` (NAME@VERSION) with content `digest`; with
    `parent`, a child of that run, which `unfinished` finds by its id alone.

    With the same `mark`, whoever was killed before they had noted the run gets the same again.
    """
    where = experiment(client, tracking, style)
    id = runs.begin(
        client,
        where,
        f"{style} {now:%Y-%m-%d %H:%M}",
        {
            "studio.user": settings.user,
            "dataset": dataset,
            **surroundings(settings),
            **({PARENT: parent} if parent else {}),
        },
        as_params(config),
        mark,
    )
    run = Run(id, _folder(settings.home, style) / id)
    run.folder.mkdir(parents=True, exist_ok=True)
    record = {
        "run": run.id,
        "config": as_params(config),
        "dataset": digest,
        "named": dataset,
        "device": device,
        "parent": parent,
    }
    publish(run.folder / "record.json", json.dumps(record, indent=1))
    return run


def unfinished(home: Path, style: str, digest: str, config: TrainConfig, id: str = "") -> Run:
    """The unfinished run `id` of `style`, or the newest; StudioError for none, or if it differs."""
    records = _folder(home, style).glob(f"{id or '*'}/record.json")
    open_runs = [
        f
        for f in records
        if not (f.parent / "done").is_file() and (id or not json.loads(f.read_text()).get("parent"))
    ]
    resting = [file for file in open_runs if not disk_cleanup.cleared(file.parent)]
    if not resting:
        says = f"{style} has no unfinished training"
        if open_runs:
            says += (
                f" that can be gone on with: after {disk_cleanup.KEPT_DAYS} days its checkpoints "
            )
            says += "were cleared away"
        raise StudioError(f"{says}.", "Start one without --resume.")
    newest = max(resting, key=lambda file: file.stat().st_mtime)
    kept = json.loads(newest.read_text())
    # A setting that was not there yet when the run began counts as its default.
    began = {**as_params(TrainConfig()), **kept["config"]}
    differs = [k for k, v in as_params(config).items() if began[k] != v]
    if kept["dataset"] != digest:
        differs.append("dataset")
    if differs:
        raise StudioError(
            f"The unfinished training of {style} had another {', '.join(differs)}.",
            "Resume with the settings it began with, or start anew without --resume.",
        )
    return Run(kept["run"], newest.parent)


def finish(client: MlflowClient, run: Run, version: int) -> None:
    """Mark the run as done: it became `version` (0: none), and nothing resumes it any more."""
    (run.folder / "done").write_text(str(version))
    client.set_terminated(run.id, "FINISHED")


def log_rows(client: MlflowClient, run: Run, rows: list[Row]) -> None:
    """Loss, learning rate and gradient norm of each step to MLflow; told again, nothing doubles."""
    from mlflow.entities import Metric

    for start in range(0, len(rows), ROWS_A_REQUEST):
        found = [
            Metric(name, getattr(row, name), row.at, row.step)
            for row in rows[start : start + ROWS_A_REQUEST]
            for name in ("loss", "learning_rate", "grad_norm")
        ]
        client.log_batch(run.id, metrics=found)


def log_check(client: MlflowClient, run: Run, check: Check) -> None:
    """A check's figures to MLflow; told again, nothing doubles."""
    from mlflow.entities import Metric

    found = [
        Metric(name, value, check.at, check.step)
        for name, value in check.figures.items()
        if math.isfinite(value)
    ]
    client.log_batch(run.id, metrics=found)


def surroundings(settings: Settings) -> dict[str, str]:
    """What a run remembers of the machine: commit, lock digest, versions, threads, settings."""
    import torch

    lock = CHECKOUT / "requirements.lock"
    locked = hashlib.sha256(lock.read_bytes()).hexdigest() if lock.is_file() else "none"
    return {
        "studio.commit": commit(),
        "studio.lock": locked,
        "studio.torch": torch.__version__,
        "studio.threads": str(torch.get_num_threads()),
        "studio.device": settings.device,
    }


def commit() -> str:
    """The checkout's commit, marked where files differ from it; "unknown" outside of git."""
    asked = ["git", "-C", str(CHECKOUT), "describe", "--always", "--dirty", "--abbrev=40"]
    try:
        done = subprocess.run(asked, capture_output=True, text=True, timeout=10)
    except (OSError, subprocess.TimeoutExpired):
        return "unknown"
    return done.stdout.strip() or "unknown"


def _folder(home: Path, style: str) -> Path:
    return home / "runs" / style

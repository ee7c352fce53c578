"""Teaching a base a style: from a dataset's version to a registered candidate.

`begin` notes a run in MLflow and what it is to learn, `train_learning.learn` trains and chooses a
checkpoint, `apply` writes what it tells on its way into MLflow, and `register` makes it a version.
A trial of a sweep is learned like any training and registered when somebody asks for it.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from studio import images
from studio.accounts.rights import check
from studio.context import Report, Studio, check_style, now, set_threads
from studio.datasets import versions as datasets
from studio.errors import StudioError
from studio.finishing.recipe import written
from studio.jobs.emit import Answer, Emit, Event
from studio.registry import models, registration
from studio.store import partial_files
from studio.tracking import bucket_files
from studio.tracking.runs import check_open
from studio.training import runs, training_folders
from studio.training.checkpoint_choice import Check
from studio.training.checkpoints import Row
from studio.training.config import TrainConfig, on_this_machine
from studio.training.mlflow_reporting import Telling
from studio.workflows import recipes, train_inputs, train_learning
from studio.workflows.model_kinds.lora import LORA
from studio.workflows.train_inputs import Task
from studio.workflows.train_learning import ABOUT, ADAPTER, Stop

__all__ = ["ABOUT", "ADAPTER", "Trial", "apply", "begin", "learn", "register", "train_style"]


def train_style(
    studio: Studio,
    style: str,
    dataset: str,
    config: TrainConfig,
    report: Report,
    *,
    resume: bool = False,
) -> models.Version:
    """Train a LoRA on the dataset NAME[@VERSION] and register it as a candidate.

    With `resume` the newest unfinished run of the style goes on; one that was stopped after it had
    registered its version gives that version.
    """
    run = learn(studio, style, dataset, config, report, resume=resume)
    made = register(studio, style, run.id)
    report(f"Registered {style} version {made.number} as a candidate.")
    return made


@dataclass(frozen=True)
class Trial:
    """A training that is one of several: a child of the run `parent`, which is told each check
    and may stop it."""

    parent: str
    stop: Stop


@dataclass(frozen=True)
class Begun:
    """A training that is noted: its run, what it learns, and whether it is gone on with."""

    run: runs.Run
    task: Task
    resume: bool


def begin(
    studio: Studio,
    style: str,
    dataset: str,
    config: TrainConfig,
    report: Report,
    *,
    resume: bool = False,
    run_id: str = "",
    parent: str = "",
    mark: str = "",
) -> Begun:
    """Note a training. With `resume` the run `run_id` goes on, or the newest unfinished one of the
    style; killed before it was noted, the same `mark` begins the same run again."""
    from studio.diffusion import bases, team_bases

    check(studio.settings.user, "train")
    check_style(style)
    version = train_inputs.usable(studio, dataset, config)
    bases.find_base(team_bases.place(studio.home, config.base))
    device = bases.pick_device(studio.settings.device)
    config, said = on_this_machine(config, device.type)
    for sentence in said:
        report(sentence)
    partial_files.sweep(studio.home / "runs")
    if resume:
        run = runs.unfinished(studio.home, style, version.digest, config, run_id)
        if not check_open(studio.client, run.id, f"this training of {style}"):
            raise StudioError(
                f"The MLflow run of this training of {style} is gone for good ({run.id}).",
                "Start one without --resume.",
            )
    else:
        named = f"{version.name}@{version.version}"
        run = runs.begin(
            studio.client,
            studio.tracking,
            studio.settings,
            style,
            named,
            version.digest,
            config,
            device.type,
            now(),
            parent,
            mark,
        )
    return Begun(run, train_inputs.asked(studio, style, version, config), resume)


def learn(
    studio: Studio,
    style: str,
    dataset: str,
    config: TrainConfig,
    report: Report,
    *,
    resume: bool = False,
    run_id: str = "",
    began: Callable[[str], None] = lambda run: None,
    mark: str = "",
    trial: Trial | None = None,
) -> runs.Run:
    """Train a LoRA here and now and leave the chosen one in the run's folder, ready to be
    registered. `began` is told the run."""
    from studio.diffusion import bases

    set_threads(studio.settings)
    parent = trial.parent if trial else ""
    begun = begin(
        studio,
        style,
        dataset,
        config,
        report,
        resume=resume,
        run_id=run_id,
        parent=parent,
        mark=mark,
    )
    run = begun.run
    if (run.folder / ABOUT).is_file():
        return run
    began(run.id)
    telling = Telling(report)
    emit = Emit(run.folder, lambda event: apply(studio, run, event, telling.tell), report)
    emit.again()
    train_learning.learn(
        begun.task,
        datasets.files_of(studio.home, begun.task.hashes),
        run.folder,
        studio.home / "cache",
        bases.pick_device(studio.settings.device),
        emit,
        resume=resume,
        stop=trial.stop if trial else lambda check: False,
    )
    telling.end()
    return run


def apply(
    studio: Studio, run: runs.Run, event: Event, tell: Callable[[Callable[[], object]], None]
) -> Answer:
    """Write what a training tells into MLflow, by `tell`; again, nothing doubles."""
    client, body = studio.client, event.body
    if event.kind == "rows":
        rows = [Row(*values) for values in body["rows"]]
        tell(lambda: runs.log_rows(client, run, rows))
    elif event.kind == "check":
        tell(lambda: runs.log_check(client, run, Check(**body)))
    elif event.kind == "preview":
        tell(partial(_preview, studio, run, int(body["step"]), int(body["pictures"])))
    elif event.kind == "kept":
        for name, value in body.items():
            tell(partial(client.set_tag, run.id, name, value))
    return "go on"


def _preview(studio: Studio, run: runs.Run, step: int, count: int) -> None:
    """Show the pictures of a step in MLflow, once."""
    named = f"preview+step+{step}+"
    there = studio.client.list_artifacts(run.id, "images")
    if any(Path(file.path).name.startswith(named) for file in there):
        return
    files = training_folders.preview_files(run.folder, step, count)
    seen = images.grid([[images.open_picture(file) for file in files]], cell=96)
    studio.client.log_image(run.id, seen, key="preview", step=step)


def _served(studio: Studio, style: str, about: dict[str, Any]) -> dict[str, str]:
    """The recipe by which other programs that load the version finish its pictures."""
    data, digest = about["dataset"], about["dataset_digest"]
    size = int(about["tags"].get("trained_size") or 0)
    found = recipes.at_registration(studio, style, data, digest, size)
    return {recipes.SERVED: written(found)} if found else {}


def register(studio: Studio, style: str, run_id: str) -> models.Version:
    """Make a finished training's LoRA the next version of its style, a candidate; once.

    StudioError where the run is not there or has not come to its end.
    """
    check(studio.settings.user, "train")
    check_style(style)
    folder = studio.home / "runs" / style / run_id
    try:
        about = json.loads((folder / ABOUT).read_text())
    except (OSError, ValueError) as error:
        raise StudioError(
            f"This training of {style} has not come to its end.", "Wait for it, or go on with it."
        ) from error
    run = runs.Run(run_id, folder)
    check_open(studio.client, run_id, f"this training of {style}")
    for before in models.list_versions(studio.client, style):
        if before.run_id == run_id:
            runs.finish(studio.client, run, before.number)
            return before
    made = registration.register(
        studio.client,
        kind=LORA,
        style=style,
        run_id=run_id,
        folder=folder / ADAPTER,
        base=about["base"],
        trigger_word=about["config"]["trigger_word"],
        strength=1.0,
        dataset=about["dataset"],
        dataset_digest=about["dataset_digest"],
        params=about["config"],
        tags=about["tags"],
        served=_served(studio, style, about),
        arrived=partial(bucket_files.await_up, studio.engine, studio.tracking),
    )
    runs.finish(studio.client, run, made.number)
    return made

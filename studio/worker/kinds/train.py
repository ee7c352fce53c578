"""The job that trains."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pydantic import Field

from studio.context import Studio, check_style
from studio.datasets import versions as datasets
from studio.datasets import withdrawals
from studio.diffusion import team_bases
from studio.errors import StudioError
from studio.jobs.emit import Answer, Emit, Event
from studio.registry import models
from studio.training import disk_cleanup, runs
from studio.training.config import load_config
from studio.worker import gpu_needs
from studio.worker.context import Context, Models
from studio.worker.kind import Input, Kind, Needs, Outcome, Work
from studio.worker.payload import Payload, Text
from studio.workflows import train, train_examples, train_learning, trigger_words
from studio.workflows.train_inputs import Task
from studio.workflows.version_loading import as_record


class Train(Payload):
    """A LoRA of `style`. `settings` are TrainConfig's; `run`: the unfinished run to go on with."""

    style: Text
    dataset: Text
    preset: Text = "balanced"
    settings: dict[str, Any] = Field(default_factory=dict)
    run: Text = ""


@dataclass(frozen=True)
class Asked:
    """What is computed, and whether from a checkpoint."""

    task: Task
    resume: bool


def check(studio: Studio, ask: Train) -> Train:
    """Style, dataset and settings can be used; the settings are then complete, and the dataset's
    version is pinned."""
    check_style(ask.style)
    known = models.list_versions(studio.client, ask.style)
    word = trigger_words.usual(studio.home, ask.style, known)
    name, _, wanted = ask.dataset.partition("@")
    version = datasets.load(studio.home, name, wanted or None)
    often = train_examples.folder_repeats(version)
    config = load_config(ask.preset, None, ask.settings, trigger_word=word, repeats=often)
    if ask.run and not re.fullmatch(r"[0-9a-f]{32}", ask.run):
        raise StudioError(f"{ask.run!r} is no run's id.", "Leave run empty to start anew.")
    withdrawals.check_usable(studio.home, version)
    train_examples.check(version, config)
    team_bases.check(team_bases.place(studio.home, config.base))
    pinned = f"{version.name}@{version.version}"
    return ask.model_copy(update={"dataset": pinned, "settings": asdict(config)})


def prepare(context: Context, ask: Train) -> Work:
    """Begin the run in MLflow, or find this job's own unfinished one, and name the pictures."""
    studio, job = context.studio, context.job
    mine = str(job.kept.get("run") or ask.run)
    place = studio.home / "runs" / ask.style / mine
    if mine and (place / "done").is_file():
        return Work(place, None)
    resume = bool(mine) and (place / "record.json").is_file()
    if resume and disk_cleanup.cleared(place):
        context.report("Its checkpoints were cleared away meanwhile; it begins anew.")
        resume = False
    begun = train.begin(
        studio,
        ask.style,
        ask.dataset,
        load_config(ask.preset, None, ask.settings),
        context.report,
        resume=resume,
        run_id=mine if resume else "",
        mark=f"job {job.id} asked {job.asked_at}",
    )
    context.keep({"run": begun.run.id})
    files = datasets.files_of(studio.home, begun.task.hashes)
    inputs = {hash: Input(hash, path) for hash, path in files.items()}
    return Work(begun.run.folder, Asked(begun.task, resume), inputs)


def compute(
    inputs: Mapping[str, Input], asked: Asked | None, workdir: Path, models: Models, emit: Emit
) -> Outcome:
    """Train, and leave the chosen LoRA in the folder."""
    from studio.diffusion.bases import pick_device

    if asked is not None:
        train_learning.learn(
            asked.task,
            {hash: file.path for hash, file in inputs.items()},
            workdir,
            models.cache,
            pick_device(models.device),
            emit,
            resume=asked.resume,
        )
    return Outcome({"run": workdir.name})


def apply(context: Context, ask: Train, workdir: Path, event: Event) -> Answer:
    """Write what it tells into MLflow."""
    return train.apply(context.studio, runs.Run(workdir.name, workdir), event, context.tell)


def commit(context: Context, ask: Train, outcome: Outcome) -> dict[str, Any]:
    """Make it a version, a candidate; what the run had become before stays the one."""
    studio, run = context.studio, str(outcome.figures["run"])
    done = studio.home / "runs" / ask.style / run / "done"
    if done.is_file():
        return as_record(models.get(studio.client, ask.style, int(done.read_text())))
    made = train.register(studio, ask.style, run)
    context.report(f"Registered {ask.style} version {made.number} as a candidate.")
    return as_record(made)


KIND = Kind(
    name="train",
    label="Training {style}",
    payload=Train,
    right="train",
    lane="work",
    check=check,
    prepare=prepare,
    compute=compute,
    apply=apply,
    commit=commit,
    needs=Needs(device=True, memory_gb=4.0),
    exclusive=True,
    resumable=True,
    goes_on="run",
    gpu_gb=lambda studio, ask: gpu_needs.of_training(studio, str(ask.settings["base"])),
)

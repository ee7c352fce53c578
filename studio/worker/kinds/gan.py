"""The job that trains a GAN."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from pydantic import Field

from studio.context import Studio
from studio.datasets import versions as datasets
from studio.diffusion import base_offers
from studio.errors import StudioError
from studio.jobs.emit import Answer, Emit, Event
from studio.registry import models
from studio.worker.context import Context, Models
from studio.worker.kind import Input, Kind, Needs, Outcome, Work
from studio.worker.payload import Payload, Text
from studio.workflows import gan_train
from studio.workflows.gan_task import Task
from studio.workflows.version_loading import as_record


class Gan(Payload):
    """A GAN of `style`, from a dataset NAME[@VERSION], or the frames of a `folder` of the server,
    read in place. `settings` are GanSettings'; `before`: an earlier GAN to begin with,
    STYLE:VERSION or a .safetensors file; `run`: the unfinished run to go on with."""

    style: Text
    dataset: Text = ""
    folder: Text = ""
    before: Text = ""
    settings: dict[str, Any] = Field(default_factory=dict)
    run: Text = ""


def check(studio: Studio, ask: Gan) -> Gan:
    """Style, data and settings can be used; the settings are then complete, and the dataset's
    version is pinned."""
    task = gan_train.asked(
        studio, ask.style, ask.settings, ask.dataset, ask.folder, before=ask.before
    )
    gan_train.earlier(studio, ask.before)
    if ask.run and not re.fullmatch("[0-9a-f]{32}", ask.run):
        raise StudioError(f"{ask.run!r} is no run's id.", "Leave run empty to start anew.")
    version = task.version
    return ask.model_copy(
        update={
            "dataset": f"{version.name}@{version.version}" if version else "",
            "folder": task.folder,
            "settings": asdict(task.settings),
        }
    )


def prepare(context: Context, ask: Gan) -> Work:
    """Begin the run in MLflow, or find this job's own unfinished one, and name the pictures."""
    studio, job = context.studio, context.job
    mine = str(job.kept.get("run") or ask.run)
    place = gan_train.place_of(studio.home, ask.style, mine)
    if mine and (place / "done").is_file():
        return Work(place, None)
    task = gan_train.asked(studio, ask.style, ask.settings, ask.dataset, ask.folder)
    inputs = {
        hash: Input(hash, path)
        for hash, path in datasets.files_of(studio.home, task.hashes).items()
    }
    if (earlier := gan_train.earlier(studio, ask.before)) is not None:
        hash, file = earlier
        inputs[hash] = Input(hash, file)
        task = replace(task, before=hash)
    device = base_offers.device(studio.settings.device) if task.settings.ngpu else "cpu"
    if mine and (place / gan_train.RECORD).is_file():
        settings, _ = gan_train.on_this_machine(task.settings, device)
        context.keep({"run": mine})
        return Work(place, replace(task, settings=settings), inputs)
    begun = gan_train.begin(
        studio, task, device, context.report, mark=f"job {job.id} asked {job.asked_at}"
    )
    context.keep({"run": begun.run})
    return Work(begun.place, begun.task, inputs)


def compute(
    inputs: Mapping[str, Input], task: Task | None, workdir: Path, models: Models, emit: Emit
) -> Outcome:
    """Train, and leave the chosen generator in the folder."""
    from studio.diffusion.bases import pick_device
    from studio.workflows import gan_learning

    if task is not None:
        gan_learning.learn(
            task,
            {hash: file.path for hash, file in inputs.items()},
            workdir,
            pick_device(models.device if task.settings.ngpu else "cpu"),
            emit,
            resume=True,
        )
    return Outcome({"run": workdir.name})


def apply(context: Context, ask: Gan, workdir: Path, event: Event) -> Answer:
    """Write what it tells into MLflow."""
    return gan_train.apply(context.studio, workdir.name, workdir, event, context.tell)


def commit(context: Context, ask: Gan, outcome: Outcome) -> dict[str, Any]:
    """Make it a version, a candidate; what the run had become before stays the one."""
    studio, run = context.studio, str(outcome.figures["run"])
    done = gan_train.place_of(studio.home, ask.style, run) / "done"
    if done.is_file():
        return as_record(models.get(studio.client, ask.style, int(done.read_text())))
    made = gan_train.register(studio, ask.style, run)
    context.report(f"Registered {ask.style} version {made.number}, a GAN, as a candidate.")
    return as_record(made)


KIND = Kind(
    name="gan",
    label="Training a GAN of {style}",
    payload=Gan,
    right="train",
    lane="work",
    check=check,
    prepare=prepare,
    compute=compute,
    apply=apply,
    commit=commit,
    needs=Needs(device=True, memory_gb=3.0),
    exclusive=True,
    resumable=True,
    goes_on="run",
)

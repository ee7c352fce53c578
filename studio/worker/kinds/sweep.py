"""The job of a sweep: trial after trial, gone on with where it was cut off."""

from __future__ import annotations

import re
from dataclasses import asdict
from typing import Any
from uuid import uuid4

from pydantic import Field

from studio.context import Studio
from studio.datasets import versions as datasets
from studio.diffusion import team_bases
from studio.errors import StudioError
from studio.registry import models
from studio.worker import gpu_needs
from studio.worker.context import Context
from studio.worker.kind import Kind, Needs, Outcome
from studio.worker.payload import Counted, Payload, Text
from studio.workflows import trigger_words
from studio.workflows.sweeps import sweep_run


class Sweep(Payload):
    """Trials of `style` with what `ranges` say in place of some `settings`; `sweep`: the one to go
    on with."""

    style: Text
    dataset: Text
    ranges: dict[str, Any]
    trials: Counted
    preset: Text = "balanced"
    settings: dict[str, Any] = Field(default_factory=dict)
    sweep: Text = ""


def check(studio: Studio, ask: Sweep) -> Sweep:
    """Style, dataset, settings and ranges can be used; all of them are then complete."""
    if ask.sweep and not re.fullmatch(r"[0-9a-f]{32}", ask.sweep):
        raise StudioError(f"{ask.sweep!r} is no sweep's id.", "Leave sweep empty to start anew.")
    name, _, wanted = ask.dataset.partition("@")
    version = datasets.load(studio.home, name, wanted or None)
    ask = ask.model_copy(update={"dataset": f"{version.name}@{version.version}"})
    if ask.sweep:
        sweep_run.read(studio.home, ask.style, ask.sweep)
    known = models.list_versions(studio.client, ask.style)
    word = trigger_words.usual(studio.home, ask.style, known)
    ask = ask.model_copy(update={"settings": {"trigger_word": word, **ask.settings}})
    config, found = sweep_run.checked(studio.home, _wish(ask))
    team_bases.check(team_bases.place(studio.home, config.base))
    texts = {name: one.text for name, one in found.items()}
    return ask.model_copy(update={"settings": asdict(config), "ranges": texts})


def commit(context: Context, ask: Sweep, outcome: Outcome) -> dict[str, Any]:
    """Try, or go on with this job's own sweep: it conducts trainings, which compute. Its id is
    noted before there is anything of it."""
    id = str(context.job.kept.get("sweep") or ask.sweep or uuid4().hex)
    context.keep({"sweep": id})
    found = sweep_run.sweep(context.studio, _wish(ask), context.report, id)
    return {"style": ask.style, "sweep": found.id, "trials": ask.trials}


def _wish(ask: Sweep) -> sweep_run.Wish:
    texts = {name: str(text) for name, text in ask.ranges.items()}
    return sweep_run.Wish(ask.style, ask.dataset, ask.preset, ask.settings, texts, ask.trials)


KIND = Kind(
    name="sweep",
    label="Sweep of {style}",
    payload=Sweep,
    right="train",
    lane="work",
    check=check,
    commit=commit,
    needs=Needs(device=True, memory_gb=4.0),
    exclusive=True,
    resumable=True,
    goes_on="sweep",
    gpu_gb=lambda studio, ask: gpu_needs.of_training(studio, str(ask.settings["base"])),
)

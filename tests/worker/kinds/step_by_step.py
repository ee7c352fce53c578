"""A job's steps one by one: begun at home, computed where no studio is, cut off anywhere."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from studio.context import Studio
from studio.jobs import leases
from studio.jobs.emit import Emit, Event
from studio.worker import submit
from studio.worker.context import Context, Models, Warm
from studio.worker.kind import Input, Kind, Outcome, Work
from studio.worker.kind_table import KINDS
from studio.worker.payload import Payload, read

NOW = datetime(2026, 8, 1, 12, tzinfo=UTC)


def begun(studio: Studio, kind: str, **payload: object) -> tuple[Context, Any]:
    """A job that was asked for and taken, as its steps are handed it, and what is asked."""
    asked = submit.ask(studio, kind, payload, asked_by="ana", now=NOW)
    job = leases.take(studio.engine, "w", asked.lane, NOW, timedelta(hours=1), id=asked.id)
    assert job is not None
    context = Context(
        studio,
        job,
        report=print,
        keep=lambda kept: None,
        tell=made,
        settle=lambda: None,
    )
    return context, read(KINDS[kind].payload, job.payload)


def made(call: Callable[[], object]) -> None:
    """A call of MLflow's, made at once."""
    call()


def models(cache: Path) -> Models:
    return Models("cpu", 1, cache, Warm())


def computed_away(
    kind: Kind[Payload], studio: Studio, work: Work, folder: Path
) -> tuple[Outcome, list[Event]]:
    """What comes of it in `folder`, which has its inputs and nothing else of the studio: that is
    moved away. Its files are then taken home."""
    files = folder / "files"
    files.mkdir(parents=True)
    inputs = {}
    for number, (name, file) in enumerate(work.inputs.items()):
        there = files / f"{number}{file.path.suffix}"
        inputs[name] = Input(file.hash, Path(shutil.copyfile(file.path, there)))
    told: list[Event] = []

    def send(event: Event) -> Any:
        told.append(event)
        return "go on"

    away = studio.home.with_name(f"{studio.home.name}-away")
    studio.home.rename(away)
    try:
        assert kind.compute is not None
        place = folder / "work"
        place.mkdir()
        outcome = kind.compute(
            inputs, work.params, place, models(folder / "cache"), Emit(place, send, print)
        )
        assert not studio.home.exists()
    finally:
        away.rename(studio.home)
    shutil.copytree(folder / "work", work.workdir, dirs_exist_ok=True)
    return outcome, told


class Killed(BaseException):
    """The process ended here."""


class Axe:
    """Ends the process before the `at`-th call of what it is laid to, counted from 0; whoever
    calls any of it afterwards is dead, too."""

    def __init__(self, at: int) -> None:
        self.at, self.calls = at, 0

    def lay(self, patch: pytest.MonkeyPatch, owner: Any, name: str) -> None:
        uncut: Callable[..., Any] = getattr(owner, name)

        def cut(*args: Any, **named: Any) -> Any:
            if self.calls >= self.at:
                raise Killed
            self.calls += 1
            return uncut(*args, **named)

        patch.setattr(owner, name, cut)

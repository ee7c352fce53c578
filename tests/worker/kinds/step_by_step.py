"""A job's steps one by one: begun at home, computed where no studio is, cut off anywhere."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from studio.context import Studio
from studio.jobs import leases
from studio.jobs.emit import Emit, Event
from studio.jobs.table import Job
from studio.worker import steps, submit
from studio.worker.context import Context, Models, Warm
from studio.worker.kind import Input, Kind, Outcome, Work
from studio.worker.kind_table import KINDS
from studio.worker.payload import read

NOW = datetime(2026, 8, 1, 12, tzinfo=UTC)


def begun(studio: Studio, kind: str, by: str = "ana", **payload: object) -> tuple[Context, Any]:
    """A job that was asked for and taken, as its steps are handed it, and what is asked."""
    asked = submit.ask(studio, kind, payload, asked_by=by, now=NOW)
    context = again(studio, asked)
    return context, read(KINDS[kind].payload, context.job.payload)


def again(studio: Studio, job: Job, after: timedelta = timedelta()) -> Context:
    """The job, taken by another worker where its lease ran out."""
    lease = timedelta(hours=1)
    taken = leases.take(studio.engine, "w", job.lane, NOW + after, lease, id=job.id)
    assert taken is not None
    acting = replace(studio, settings=replace(studio.settings, user=taken.asked_by))
    return Context(acting, taken, print, lambda kept: None, made, lambda: None)


def made(call: Callable[[], object]) -> None:
    """A call of MLflow's, made at once."""
    call()


def ran(kind: Kind[Any], context: Context, ask: Any) -> dict[str, Any]:
    """What the job gives, its steps taken here."""
    at = models(context.studio.home / "cache")
    return steps.run(kind, context, ask, at, lambda step, steps: None)


def models(cache: Path) -> Models:
    return Models("cpu", 1, cache, Warm())


def computed_away(
    kind: Kind[Any], studio: Studio, work: Work, folder: Path
) -> tuple[Outcome, list[Event]]:
    """What comes of it in `folder`, which has its inputs and nothing else of the studio: that is
    moved away, but for the versions that were fetched for drawing. Its files are then taken home.
    """
    assert kind.compute is not None
    files, place, inputs = folder / "files", folder / "work", {}
    files.mkdir(parents=True)
    place.mkdir()
    for number, (name, file) in enumerate(work.inputs.items()):
        there = files / f"{number}{file.path.suffix}"
        inputs[name] = Input(file.hash, Path(shutil.copyfile(file.path, there)))
    told: list[Event] = []

    def send(event: Event) -> Any:
        told.append(event)
        return "go on"

    home = studio.home
    away, fetched = home.with_name(f"{home.name}-away"), home / "cache" / "adapters"
    home.rename(away)
    if had := (away / "cache" / "adapters").is_dir():
        fetched.parent.mkdir(parents=True)
        (away / "cache" / "adapters").rename(fetched)
    try:
        emit = Emit(place, send, print)
        outcome = kind.compute(inputs, work.params, place, models(folder / "cache"), emit)
    finally:
        if had:
            fetched.rename(away / "cache" / "adapters")
            fetched.parent.rmdir()  # nothing else was written there
            home.rmdir()
        away.rename(home)
    shutil.copytree(place, work.workdir, dirs_exist_ok=True)
    return outcome, told


def note(context: Context, work: Work, outcome: Outcome) -> None:
    """What is on the disk when a job is cut off behind its computation."""
    kept = {"job": context.job.id, **asdict(outcome)}
    (work.workdir / steps.COMPUTED).write_text(json.dumps(kept))


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

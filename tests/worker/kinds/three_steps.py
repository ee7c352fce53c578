"""A job's three steps by hand: each alone, so that a test can cut between them."""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from studio.context import Studio
from studio.jobs import leases
from studio.jobs.emit import Emit
from studio.worker import steps, submit
from studio.worker.context import Context, Models, Warm
from studio.worker.kind import Kind, Outcome, Work
from studio.worker.kind_table import KINDS
from tests.worker.kinds.step_by_step import made

NOW = datetime(2026, 8, 1, 12, tzinfo=UTC)


def taken(studio: Studio, kind: str, asked: dict[str, Any], by: str = "ana") -> Context:
    """A job that was put in and taken, as its process has it."""
    submit.ask(studio, kind, asked, asked_by=by, now=NOW)
    return again(studio)


def again(studio: Studio, after: timedelta = timedelta()) -> Context:
    """The next job of the short lane, taken by another worker where its lease ran out."""
    job = leases.take(studio.engine, "w", "short", NOW + after, timedelta(hours=1))
    assert job is not None
    acting = replace(studio, settings=replace(studio.settings, user=job.asked_by))
    return Context(acting, job, print, lambda kept: None, made, lambda: None)


def asked_of(context: Context) -> tuple[Kind[Any], Any]:
    """The job's kind, and what is asked of it."""
    kind = KINDS[context.job.kind]
    return kind, kind.payload(**context.job.payload)


def elsewhere(work: Work, kind: Kind[Any], home: Path, machine: Path) -> Outcome:
    """What is computed in the folder `machine`, while the studio's own is not there but for the
    versions that were fetched for drawing; brought home then, as if it were computed there.

    That nothing is written where the studio was is seen by its folder's being removed.
    """
    assert kind.compute is not None
    inputs, away, there = {}, home.with_name(f"{home.name} away"), machine / "work"
    there.mkdir(parents=True)
    for name, file in work.inputs.items():
        inputs[name] = replace(file, path=machine / file.path.name)
        shutil.copy(file.path, inputs[name].path)
    home.rename(away)
    home.mkdir()
    (away / "cache").rename(home / "cache")
    models = Models("cpu", 1, machine / "cache", Warm())
    try:
        emit = Emit(there, lambda event: "go on", print)
        outcome = kind.compute(inputs, work.params, there, models, emit)
    finally:
        (home / "cache").rename(away / "cache")
        home.rmdir()
        away.rename(home)
    shutil.copytree(there, work.workdir)
    return outcome


def note(context: Context, work: Work, outcome: Outcome) -> None:
    """What is on the disk when a job is cut off behind its computation."""
    kept = {"job": context.job.id, **asdict(outcome)}
    (work.workdir / steps.COMPUTED).write_text(json.dumps(kept))

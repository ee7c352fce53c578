"""Attempts at a job that end by kill -9 at a named point, each in a process of its own.

What a job calls on its way is wrapped, so that each call has a point before it and one behind it:
"emit.append 2 >" is behind the second. One attempt that is not killed tells them all. The
processes are forked from one that has everything imported, which makes each a tenth of a second.
"""

from __future__ import annotations

import dataclasses
import multiprocessing
import sys
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest.mock import patch

import torch
from mlflow import MlflowClient

from studio.charges import calls
from studio.context import Studio
from studio.generation import gallery_table, style_drawing
from studio.jobs import leases, queue
from studio.jobs.emit import Emit
from studio.jobs.table import Job
from studio.registry import registration
from studio.remote import client
from studio.remote import runs as machine_runs
from studio.settings import Settings
from studio.store import publish
from studio.training import checkpoints, mlflow_reporting, runs
from studio.upscaling.tile_files import TileFiles
from studio.worker import machine_ends, process, steps
from studio.worker.context import Warm
from studio.worker.kind_table import KINDS
from studio.workflows import train, train_learning
from tests.points import Points
from tests.worker import paying_kind, toy_kind

LEASE = timedelta(hours=1)
# What opening a studio imports.
LATER = (
    "alembic.command",
    "mlflow.store.tracking.sqlalchemy_workspace_store",
    "mlflow.store.model_registry.sqlalchemy_workspace_store",
)
# What is called between two steps: whose, by which name, and what its points are called.
STEPS: tuple[tuple[Any, str, str], ...] = (
    (Emit, "_append", "emit.append"),
    (leases, "applied", "applied"),
    (leases, "apply", "note"),
    (leases, "keep", "keep"),
    (leases, "finish", "finish"),
    (mlflow_reporting.Telling, "end", "settle"),
    (steps, "computed", "computed"),
    (steps, "publish", "outcome.json"),
    (toy_kind, "publish", "toy's file"),
)
TRAINING: tuple[tuple[Any, str, str], ...] = (
    (runs, "begin", "run"),
    (runs, "finish", "run done"),
    (checkpoints, "save", "checkpoint"),
    (train_learning, "publish", "ended.json"),
    (train, "_preview", "preview"),
    (registration, "register", "register"),
    *(
        (MlflowClient, name, f"mlflow.{name}")
        for name in (
            "create_run",
            "log_batch",
            "set_tag",
            "create_logged_model",
            "finalize_logged_model",
            "create_registered_model",
            "create_model_version",
            "set_terminated",
        )
    ),
)
# Between a call's estimate and its actual.
PAYING: tuple[tuple[Any, str, str], ...] = (
    (calls, "reserve", "reserve"),
    (calls, "send", "send"),
    (paying_kind.Shop, "post", "post"),
    (paying_kind.Shop, "find", "find"),
    (calls, "finish", "actual"),
    (calls, "lose", "lose"),
)
# Between the first word to another machine and the last.
ELSEWHERE: tuple[tuple[Any, str, str], ...] = (
    (machine_runs, "mean", "meant"),
    (machine_runs, "sending", "sending"),
    (calls, "accept", "accept"),
    (client, "send", "files"),
    (client, "run", "run"),
    (client, "answer", "answer"),
    (client, "fetch", "fetch"),
    (client, "forget", "forget"),
    (machine_ends, "settle", "settled"),
)
DRAWING: tuple[tuple[Any, str, str], ...] = (
    (style_drawing, "pictures", "drawn"),
    (gallery_table, "record", "gallery"),
    (publish, "publish", "published"),
    (TileFiles, "save", "tile"),
)


def _attempt(settings: Settings, job: int, attempt: int, kill: str, file: Path) -> None:
    """One attempt, as the job's own process makes it."""
    torch.set_num_threads(1)
    points = Points(kill)
    KINDS[toy_kind.TOY.name] = toy_kind.TOY
    KINDS[paying_kind.PAYING.name] = paying_kind.PAYING
    with ExitStack() as stack:
        for owner, name, called in (*STEPS, *TRAINING, *DRAWING, *PAYING, *ELSEWHERE):
            stack.enter_context(
                patch.object(owner, name, points.around(getattr(owner, name), called))
            )
        opened = process.Opened(settings)
        engine = opened.by(settings.user).engine
        kind = KINDS[queue.get(engine, job).kind]
        named = ("prepare", "compute", "apply", "commit")
        steps_of = {name: getattr(kind, name) for name in named}
        around: dict[str, Any] = {
            name: points.around(call, name) for name, call in steps_of.items() if call is not None
        }
        KINDS[kind.name] = dataclasses.replace(kind, **around)
        process.do(engine, job, attempt, opened, Warm())
    file.write_text("\n".join(points.passed))


def attempt(studio: Studio, id: int, kill: str = "") -> tuple[int, list[str]]:
    """Take the job and try it once; the process's exit code, and the points that it passed where
    it came to its end. Lost without a word, the job is put back, as its worker does."""
    job = _taken(studio, id)
    file = studio.home / f"points-{id}"
    file.unlink(missing_ok=True)
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__, *LATER])
    child = context.Process(target=_attempt, args=(studio.settings, id, job.attempt, kill, file))
    # A page's test may have left its script as this process's main module, which a child would run.
    with patch.dict(sys.modules, {"__main__": ModuleType("__main__")}):
        child.start()
    child.join()
    leases.lose(studio.engine, id, job.attempt, "killed", datetime.now(UTC))
    assert child.exitcode is not None
    return child.exitcode, file.read_text().splitlines() if file.exists() else []


def done(studio: Studio, id: int) -> Job:
    """The job, taken and done here."""
    job = _taken(studio, id)
    opened = process.Opened(studio.settings)
    opened.studio = studio
    process.do(studio.engine, id, job.attempt, opened, Warm())
    return queue.get(studio.engine, id)


def _taken(studio: Studio, id: int) -> Job:
    job = queue.get(studio.engine, id)
    taken = leases.take(studio.engine, "w", job.lane, datetime.now(UTC), LEASE, id=id)
    assert taken is not None
    return taken

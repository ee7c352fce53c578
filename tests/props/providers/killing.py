"""A job's post and all looks at its call in a process of its own, killed at some moment."""

from __future__ import annotations

import multiprocessing
import sys
import time
from multiprocessing.connection import Connection
from pathlib import Path
from types import ModuleType
from unittest.mock import patch

from studio.context import open_studio
from studio.jobs import queue
from tests.props.providers import asking_studio

LATER = (
    "alembic.command",
    "mlflow.store.tracking.sqlalchemy_workspace_store",
    "mlflow.store.model_registry.sqlalchemy_workspace_store",
)


def _work(home: Path, url: str, job: int, start: str, began: Connection) -> None:
    studio = open_studio(asking_studio.settings_of(home, url))
    asked = queue.get(studio.engine, job)
    began.send("now")
    call = asking_studio.posted(studio, asked, "replicate", start)
    asking_studio.looked(studio, call)


def work(home: Path, url: str, job: int, start: str, after_s: float | None) -> float:
    """Do it, killed after so many seconds from its beginning, or not at all; the seconds that it
    took."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__, *LATER])
    here, there = context.Pipe()
    child = context.Process(target=_work, args=(home, url, job, start, there))
    # A page's test may have left its script as this process's main module, which a child would run.
    with patch.dict(sys.modules, {"__main__": ModuleType("__main__")}):
        child.start()
    there.close()
    here.recv()
    began = time.monotonic()
    if after_s is not None:
        child.join(after_s)
        child.kill()
    child.join()
    return time.monotonic() - began

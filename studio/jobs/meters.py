"""How much of the machine a job takes, as its own process tells every few seconds.

It lies beside the job's log, written by nobody else and read by whoever looks: the database is not
troubled with it.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path

from studio.jobs.table import Job
from studio.store.publish import publish

FILE = "meters.json"
FRESH = timedelta(seconds=30)


@dataclass(frozen=True)
class Gpu:
    """A GPU: how busy it is, from 0 to 1, and its memory in bytes, all that is on it counted."""

    name: str
    busy: float
    memory: float
    memory_all: float


@dataclass(frozen=True)
class Load:
    """What a job's processes take: `cpu` of `cores`, bytes of memory; `at` is when (ISO, UTC).
    `gpu` is None where it computes on none."""

    at: str
    cpu: float
    cores: int
    memory: float
    memory_all: float
    gpu: Gpu | None = None


def write(folder: Path, load: Load) -> None:
    """Keep the newest in the job's folder."""
    folder.mkdir(parents=True, exist_ok=True)
    publish(folder / FILE, json.dumps(asdict(load)), flush=False)


def read(home: Path, job: Job, now: datetime) -> Load | None:
    """The newest of a job that runs; None where none was told lately."""
    try:
        told = json.loads((home / job.folder / FILE).read_text())
        gpu = told.pop("gpu")
        load = Load(**told, gpu=Gpu(**gpu) if gpu else None)
        age = now - datetime.fromisoformat(load.at)
    except (OSError, ValueError, TypeError, KeyError):
        return None
    return load if job.state == "running" and abs(age) < FRESH else None

# mypy: ignore-errors
"""A studio of the version before under way, and its jobs in every state."""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

from studio import workflows
from studio.datasets import archives, caption_proposals, uploads
from studio.generation import picture_files
from studio.jobs import leases, queue, queue_order, workers
from studio.jobs.processes import Group
from studio.settings import CHECKOUT, load_settings
from studio.training import training_step
from studio.worker import child, kinds

HOUR = timedelta(hours=1)
WORKER = "workshop:4242"
OWNERS = {"done": "ana", "queued": "bo", "running": "cy", "failed": "di", "cancelled": "ed"}


class Maker:
    """The studio under way: ids and secrets that the tests are told."""

    def __init__(self) -> None:
        self.settings = load_settings()
        self.studio = workflows.open_studio(self.settings)
        self.engine, self.home = self.studio.engine, self.studio.home
        self.art = self.home.parent / "art"  # where pictures are imported from
        workers.arrive(self.engine, WORKER, "interactive,short,work", "cpu", workflows.now())
        self.told: dict[str, object] = {"jobs": {}}

    def ask(self, kind: str, payload: dict, by: str = "ana", key: str | None = None):
        now = workflows.now()
        return kinds.ask(self.studio, kind, payload, asked_by=by, now=now, key=key)

    def take(self, job):
        """The job, taken by a worker; all that wait before it are put behind it."""
        for other in queue_order.waiting(self.engine, kinds.KINDS):
            if other.id != job.id and other.lane == job.lane:
                queue_order.put_before(self.engine, job.id, other.id, job.asked_by)
                break
        found = leases.take(self.engine, WORKER, job.lane, workflows.now(), HOUR, {})
        assert found.id == job.id
        return found

    def do(self, kind: str, payload: dict, by: str = "ana") -> dict:
        """The job's result, after it was done as a worker does it."""
        job = self.take(self.ask(kind, payload, by))
        child.do(self.engine, job.id, job.attempt, child.Opened(self.settings), kinds.Warm())
        job = queue.get(self.engine, job.id)
        assert job.state == "done", (job.kind, job.error)
        return job.result

    def in_every_state(self, kind: str, payload, done: bool = True) -> None:
        """Jobs of a kind; `payload` gives what is asked for by the state that it shall come to."""
        if done:
            self.do(kind, payload("done"), OWNERS["done"])
        failed = self.take(self.ask(kind, payload("failed"), OWNERS["failed"]))
        leases.fail(
            self.engine, failed.id, failed.attempt, "It went wrong.", "Ask again.", workflows.now()
        )
        cancelled = self.ask(kind, payload("cancelled"), OWNERS["cancelled"])
        queue.cancel(self.engine, cancelled.id, "ana", workflows.now())
        self.running(self.ask(kind, payload("running"), OWNERS["running"]))
        self.ask(kind, payload("queued"), OWNERS["queued"])

    def cut_off(self, kind: str, payload: dict, by: str, what: str, times: int):
        """A job whose worker and process were killed before it did `what` so many times."""
        job = self.take(self.ask(kind, payload, by))
        words = ["--cut", str(job.id), str(job.attempt), what, str(times)]
        alone = [sys.executable, str(Path(__file__).parent), *words]
        assert subprocess.run(alone).returncode == -signal.SIGKILL
        leases.beat(self.engine, job.id, job.attempt, workflows.now() - 2 * HOUR, HOUR)
        return queue.get(self.engine, job.id)

    def running(self, job) -> None:
        """As a worker leaves it whose machine lost its power."""
        job = self.take(job)
        begun = Group(4242, "0b5ba8ae-0000-4000-8000-000000000000/4242", "0123456789abcdef")
        leases.begin(self.engine, job, begun, workflows.now())
        leases.progress(self.engine, job.id, job.attempt, "step 1/4", 1, 4)
        leases.beat(self.engine, job.id, job.attempt, workflows.now() - 2 * HOUR, HOUR)
        log = self.home / job.log
        log.parent.mkdir(parents=True, exist_ok=True)
        log.write_text(f"-- attempt {job.attempt}\nstep 1/4\n")

    def upload(self, files: dict[str, bytes], kind=archives.kind) -> str:
        token = uploads.begin(self.home)
        for name, data in files.items():
            with uploads.receiving(self.home, token, name, len(data), kind) as write:
                write(data)
        return token


def pictures_of(*names: str) -> dict[str, bytes]:
    return {name: (CHECKOUT / "sample" / "train" / name).read_bytes() for name in names}


def cut(id: str, attempt: str, what: str, times: str) -> None:
    """Do a job as a worker's process, which ends by kill -9 before it does `what` the n-th time."""
    owner, name = {
        "learn": (training_step.Lesson, "gradients"),
        "keep": (picture_files, "keep"),
        "propose": (caption_proposals, "propose"),
    }[what]
    does, count = getattr(owner, name), itertools.count(1)

    def counted(*words, **named):
        if next(count) == int(times):
            os.kill(os.getpid(), signal.SIGKILL)
        return does(*words, **named)

    setattr(owner, name, counted)
    child.main([id, attempt])

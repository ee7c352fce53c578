"""A studio's folder with workers and commands in it, whose jobs are quick: `act.py`."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from studio.database import engine as db
from studio.jobs import queue, workers
from studio.jobs.table import Job, Lane
from studio.settings import CHECKOUT
from tests.worker.act import ENOUGH

ACT = Path(__file__).with_name("act.py")
Found = TypeVar("Found")


def now() -> datetime:
    return datetime.now(UTC)


class Stage:
    """What is started here ends with it; each process's words are in a file."""

    def __init__(self, home: Path) -> None:
        self.home, self.engine = home, db.open_database(home)
        self.started: list[subprocess.Popen[bytes]] = []

    def start(self, role: str, *words: str, lease: float = 2.0) -> subprocess.Popen[bytes]:
        with (self.home / f"said-{len(self.started)}").open("wb") as said:
            started = subprocess.Popen(
                [sys.executable, str(ACT), role, str(self.home), str(lease), *words],
                cwd=CHECKOUT,
                env={**os.environ, "PYTHONPATH": str(CHECKOUT)},
                stdout=said,
                stderr=subprocess.STDOUT,
            )
        self.started.append(started)
        return started

    def worker(self, *lanes: str, lease: float = 2.0, wait: bool = True) -> subprocess.Popen[bytes]:
        started = self.start("worker", *lanes, lease=lease)
        if wait:
            self.until(lambda: any(w.name == name(started) for w in self.alive()))
        return started

    def command(
        self, *acts: str, lane: str = "work", lease: float = 2.0
    ) -> tuple[subprocess.Popen[bytes], Job]:
        """A command that has put its first job in, and that job."""
        before = [job.id for job in queue.listing(self.engine)]
        started = self.start("command", lane, *acts, lease=lease)
        self.until(lambda: len(queue.listing(self.engine)) > len(before))
        return started, queue.listing(self.engine)[0]

    def ask(self, act: str, lane: Lane = "work", kind: str = "test", **payload: Any) -> Job:
        return queue.submit(
            self.engine,
            kind=kind,
            lane=lane,
            payload={"act": act, **payload},
            asked_by="ana",
            now=now(),
        )

    def enough(self) -> None:
        """Let jobs that wait at 3 count on."""
        (self.home / ENOUGH).touch()

    def alive(self) -> list[workers.Worker]:
        return workers.alive(self.engine, now())

    def said(self, started: subprocess.Popen[bytes]) -> str:
        return (self.home / f"said-{self.started.index(started)}").read_text()

    def until(self, true: Callable[[], Found], seconds: float = 120.0) -> Found:
        end = time.monotonic() + seconds
        while not (found := true()):
            assert time.monotonic() < end, "waited in vain"
            time.sleep(0.02)
        return found

    def job(self, asked: Job, wanted: Callable[[Job], object] = lambda job: job.ended) -> Job:
        """The job once it is as wanted, else its end."""

        def found() -> Job | None:
            job = queue.get(self.engine, asked.id)
            return job if wanted(job) else None

        job = self.until(found)
        assert job is not None
        return job

    def close(self) -> None:
        for started in self.started:
            if started.poll() is None:
                started.send_signal(signal.SIGCONT)
                started.terminate()
        self.engine.dispose()
        for started in self.started:
            try:
                started.wait(20)
            finally:
                started.kill()


def name(started: subprocess.Popen[bytes]) -> str:
    return f"{os.uname().nodename}:{started.pid}"

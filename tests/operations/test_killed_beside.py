"""kill -9 of web and watcher beside jobs: the jobs are done once, and both are there again."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from studio.context import Studio, open_studio
from studio.generation import gallery_table
from studio.jobs import queue
from studio.settings import CHECKOUT, load_settings
from studio.worker import submit

COUNT = 9


@contextmanager
def running(home: Path, log: Path, *words: str) -> Iterator[subprocess.Popen[bytes]]:
    """A process of the studio at `home`; killed at the end."""
    told = {
        "STUDIO_HOME": str(home),
        "STUDIO_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "OMP_WAIT_POLICY": "PASSIVE",
    }
    command = [sys.executable, "-m", *words]
    with (
        log.open("ab") as out,
        subprocess.Popen(
            command, cwd=CHECKOUT, env={**os.environ, **told}, stdout=out, stderr=out
        ) as process,
    ):
        yield process
        process.kill()


def until(seen: Callable[[], Any], log: Path) -> None:
    """Wait until it is seen."""
    end = time.monotonic() + 300
    while not seen():
        assert time.monotonic() < end, log.read_text()[-4000:]
        time.sleep(0.02)


def pictures(studio: Studio, job: int) -> list[int]:
    """Seeds of the job's pictures in the gallery."""
    kept = gallery_table.pictures.c
    with studio.engine.connect() as connection:
        query = sa.select(kept.seed).where(kept.job == job).order_by(kept.seed)
        return list(connection.execute(query).scalars())


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_web_and_watcher_killed_beside_jobs_lose_and_double_nothing(tmp_path: Path) -> None:
    home, log = tmp_path / "home", tmp_path / "log"
    studio = open_studio(load_settings({}, home=str(home)))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    web = ("uvicorn", "studio.web:app", "--port", port, "--log-level", "warning")

    def state() -> dict[str, Any]:
        try:
            told: dict[str, Any] = httpx.get(f"http://127.0.0.1:{port}/healthz").json()
            return told
        except httpx.HTTPError:
            return {}

    def there() -> bool:
        now = state()
        return bool(now.get("web") and now.get("watcher"))

    with running(home, log, "studio", "worker"), ExitStack() as stack:
        for turn in range(10):
            pair = [
                stack.enter_context(running(home, log, *words))
                for words in (web, ("studio", "watch"))
            ]
            until(there, log)
            asked = {"prompt": "a red gem", "count": COUNT, "steps": 1 + turn % 3}
            job = submit.ask(studio, "generate", asked, asked_by="ana", now=datetime.now(UTC)).id

            def came(turn: int = turn, job: int = job) -> bool:
                now = queue.get(studio.engine, job)
                return now.ended or now.state == "running" and (now.done or 0) >= turn % COUNT

            until(came, log)
            for process in pair:
                process.kill()
                assert process.wait(60) == -signal.SIGKILL
            until(lambda job=job: queue.get(studio.engine, job).ended, log)
            done = queue.get(studio.engine, job)
            assert (done.state, done.attempt) == ("done", 1), done.error
            assert pictures(studio, job) == [*range(COUNT)]

"""How quickly programs are answered that ask for pictures: `python benchmarks/calls.py [--json]`.

The web process of a studio with sign-in is served on a port of its own; workers would be elsewhere.
First 8 callers ask for 100 pictures, one after the other each; then 100 callers ask for one each at
the same moment. Each call has a key and is sent once more afterwards. Every wish is one job, of the
100 calls 95 are answered within P95_MS, and of those at once none takes longer than SLOWEST_S.

Exits with 1 where a bar is missed.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Barrier
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import httpx

from benchmarks.table import Line, share, table, watched
from studio.accounts import people, tokens
from studio.accounts.rights import Actor
from studio.context import Studio, now, open_studio
from studio.datasets.folder_import import import_folder
from studio.jobs import queue
from studio.operations.first_run import sample_folder
from studio.registry import stages
from studio.settings import CHECKOUT, load_settings

WISHES, CALLERS = 100, 8
P95_MS, SLOWEST_S = 100.0, 3.0
ADMIN = Actor("benchmark", "admin")


def main(words: list[str] | None = None) -> int:
    """Measure, tell, and return the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--port", type=int, default=8798, help="of the studio (8798)")
    parser.add_argument("--json", action="store_true", help="print a record instead of a table")
    asked = parser.parse_args(words)
    url = f"http://127.0.0.1:{asked.port}"
    os.environ |= {
        "STUDIO_SIGN_IN": "local",
        "STUDIO_ADDRESS": url,
        "STUDIO_MOST_CALLS": "1000000",
        "STUDIO_MOST_JOBS": "1000000",
    }
    with tempfile.TemporaryDirectory(prefix="studio-calls-") as place:
        studio = open_studio(load_settings({**os.environ, "STUDIO_HOME": place}))
        secret = fill(studio, Path(place))
        with web(Path(place), asked.port) as pid:
            lines = measured(url, pid, secret, studio)
        studio.engine.dispose()
    if asked.json:
        print(json.dumps({"schema": 1, "lines": [vars(line) for line in lines]}, indent=1))
    else:
        print(table(lines))
    return 0 if all(line.met for line in lines) else 1


def fill(studio: Studio, home: Path) -> str:
    """A style with a version in production, which knows what it learned from as trained ones do,
    and a program's token; its secret."""
    people.add(studio.engine, "Engine", "artist", by=ADMIN, now=now(), subject="engine")
    how: dict[str, Any] = {"label": "benchmark", "days": 2, "by": ADMIN, "now": now()}
    _, secret = tokens.make(studio.engine, "Engine", "artist", **how)
    folder = home / "bare"
    folder.mkdir()
    (folder / "MLmodel").write_text("flavors: {}")
    learned = import_folder(studio.home, "art", sample_folder("train"), now=now(), actor=ADMIN)
    tags = {"base": "/pocket", "base_name": "pocket", "filter": "nearest"}
    tags |= {"dataset": "art", "dataset_digest": learned.version.digest}
    studio.client.create_registered_model("art")
    studio.client.create_model_version("art", str(folder), tags=tags)
    move: dict[str, Any] = {"style": "art", "number": 1, "to": "production", "why": "Measured."}
    stages.promote(studio.engine, studio.client, actor=ADMIN, now=now(), **move)
    return secret


@contextmanager
def web(home: Path, port: int) -> Iterator[int]:
    """The web process, up and ready: its pid."""
    command = [sys.executable, "-m", "uvicorn", "studio.web:app", "--port", str(port)]
    environment = {**os.environ, "STUDIO_HOME": str(home), "STUDIO_PORT": str(port)}
    with (home / "web.log").open("wb") as log:
        process = subprocess.Popen(
            [*command, "--log-level", "warning"],
            cwd=CHECKOUT,
            env=environment,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        _await(f"http://127.0.0.1:{port}/sign-in", process, home / "web.log")
        yield process.pid
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(60)


def measured(url: str, pid: int, secret: str, studio: Studio) -> list[Line]:
    """The callers one after the other, then all at once."""
    headers = {"Authorization": f"Bearer {secret}"}
    with httpx.Client(base_url=url, headers=headers, timeout=60) as client:
        for number in range(8):  # what is imported late, and threads
            _call(client, f"warm {number}")
        with watched(pid) as seen:
            took = _by(client, CALLERS, "one after the other")
        p95 = 1000 * share(took, 0.95)
        said = f"95 of 100 {p95:.0f} ms, median {1000 * statistics.median(took):.0f} ms"
        lines = [
            Line(
                f"{WISHES} jobs by {CALLERS} callers",
                said,
                f"< {P95_MS:.0f} ms",
                p95 < P95_MS,
                seen.others,
            )
        ]
        with watched(pid) as seen:
            took = _by(client, WISHES, "at once")
        said = f"slowest {max(took):.2f} s, median {statistics.median(took):.2f} s"
        within = max(took) <= SLOWEST_S
        lines.append(
            Line(f"{WISHES} jobs at once", said, f"<= {SLOWEST_S:.0f} s", within, seen.others)
        )
        for kind in ("one after the other", "at once"):
            _by(client, CALLERS, kind)
    prompts = [job.payload["prompt"] for job in queue.listing(studio.engine, limit=10 * WISHES)]
    wanted = 2 * WISHES + 8
    once = len(prompts) == len(set(prompts)) == wanted
    lines.append(Line("each wish is a job", f"{len(prompts)} jobs", f"{wanted}", once, 0.0))
    return lines


def _by(client: httpx.Client, callers: int, kind: str) -> list[float]:
    """Seconds of each call."""
    ready = Barrier(callers)

    def caller(first: int) -> list[float]:
        ready.wait()
        return [_call(client, f"{kind} {k}") for k in range(first, WISHES, callers)]

    with ThreadPoolExecutor(callers) as pool:
        return [took for some in pool.map(caller, range(callers)) for took in some]


def _call(client: httpx.Client, wish: str) -> float:
    body = {"style": "art", "prompt": f"a gem, {wish}"}
    began = time.perf_counter()
    answer = client.post(
        "/api/v1/generate", json=body, headers={"Idempotency-Key": wish.replace(" ", "-")}
    )
    took = time.perf_counter() - began
    if answer.status_code != 202:
        raise RuntimeError(f"{wish}: {answer.status_code} {answer.text[:300]}")
    return took


def _await(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 120
    while True:
        try:
            httpx.get(url, timeout=5).raise_for_status()
            return
        except httpx.HTTPError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"no answer:\n{log.read_text()[-2000:]}") from None
            time.sleep(0.3)


if __name__ == "__main__":
    sys.exit(main())

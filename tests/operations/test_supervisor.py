"""The four processes: up together, looked after, and gone together."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil
import pytest

from studio.settings import CHECKOUT


@dataclass
class Served:
    """A studio that runs: its process, the pages' port, what it said."""

    process: subprocess.Popen[bytes]
    port: int
    log: Path

    def healthz(self) -> tuple[int, dict[str, bool]]:
        try:
            answer = httpx.get(f"http://127.0.0.1:{self.port}/healthz", timeout=30)
            return answer.status_code, answer.json()
        except httpx.HTTPError:
            return 0, {}

    def until_up(self, seconds: float = 240) -> dict[str, bool]:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            assert self.process.poll() is None, self.log.read_text()
            code, state = self.healthz()
            if code == 200:
                return state
            time.sleep(0.3)
        raise AssertionError(f"not up: {self.healthz()}\n{self.log.read_text()}")


def _children(served: Served, command: str) -> list[psutil.Process]:
    found = []
    for child in psutil.Process(served.process.pid).children():
        with suppress(psutil.NoSuchProcess):  # it has just ended
            if child.cmdline()[-2:] == ["studio", command]:
                found.append(child)
    return found


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("served")
    port = _free_port()
    environment = {
        **os.environ,
        "STUDIO_HOME": str(folder / "home"),
        "STUDIO_PORT": str(port),
        "STUDIO_MLFLOW_PORT": str(_free_port()),
        "OMP_NUM_THREADS": "1",
    }
    log = folder / "log.txt"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "studio", "serve"],
            cwd=CHECKOUT,
            env=environment,
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    yield Served(process, port, log)
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
        process.wait(120)


@pytest.mark.slow
def test_health_says_what_is_up_before_and_when_all_is(served: Served) -> None:
    deadline = time.monotonic() + 240
    while (first := served.healthz())[0] == 0 and time.monotonic() < deadline:
        time.sleep(0.05)
    assert first[0] == (200 if all(first[1].values()) else 503)
    assert served.until_up() == {
        "web": True,
        "worker": True,
        "watcher": True,
        "mlflow": True,
        "database": True,
        "writing": True,
    }


@pytest.mark.slow
@pytest.mark.parametrize(("name", "command"), [("worker", "worker"), ("watcher", "watch")])
def test_a_process_that_dies_is_started_again_with_a_message(
    served: Served, name: str, command: str
) -> None:
    served.until_up()
    (old,) = _children(served, command)
    old.kill()
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        now = _children(served, command)
        if now and old not in now:
            break
        time.sleep(0.1)
    assert now and old not in now
    assert f"{name} ended with exit code -9; it is started again." in served.log.read_text()


def test_a_page_is_served_after_the_name_is_given(served: Served) -> None:
    served.until_up()
    address, kind = f"http://127.0.0.1:{served.port}/Registry", {"Accept": "text/html"}
    asks = httpx.get(address, headers=kind, timeout=60, follow_redirects=True)
    assert "Who is there?" in asks.text
    kind["Cookie"] = "housestyle_name=Ana"
    assert "Streamlit" in httpx.get(address, headers=kind, timeout=60).text


@pytest.mark.slow
def test_stopping_stops_every_process(served: Served) -> None:
    served.until_up()
    below = psutil.Process(served.process.pid).children(recursive=True)
    assert len(below) >= 4
    served.process.send_signal(signal.SIGINT)
    assert served.process.wait(120) == 0
    _, left = psutil.wait_procs(below, timeout=60)
    assert left == []


@pytest.mark.slow
def test_a_taken_port_is_named(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = subprocess.run(
            [sys.executable, "-m", "studio", "serve", "--home", str(tmp_path)],
            cwd=CHECKOUT,
            env={**os.environ, "STUDIO_PORT": port},
            capture_output=True,
            text=True,
            timeout=250,
        )
    assert done.returncode == 2
    assert f"Port {port}" in done.stderr and "STUDIO_PORT" in done.stderr

"""The three processes: up together, looked after, and gone together."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

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
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=5) as got:
                return got.status, json.load(got)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)
        except OSError:
            return 0, {}

    def until_up(self, seconds: float = 90) -> dict[str, bool]:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            assert self.process.poll() is None, self.log.read_text()
            code, state = self.healthz()
            if code == 200:
                return state
            time.sleep(0.3)
        raise AssertionError(f"not up: {self.healthz()}\n{self.log.read_text()}")


def _children(pid: int) -> dict[int, str]:
    """Every process below `pid`, with its command line."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parents[int(entry.name)] = int(
                    (entry / "stat").read_text().rsplit(")", 1)[1].split()[1]
                )
            except OSError:
                continue
    below, found = {pid}, True
    while found:
        found = {p for p, parent in parents.items() if parent in below} - below  # type: ignore[assignment]
        below |= found  # type: ignore[operator]
    lines = {}
    for each in below - {pid}:
        try:
            lines[each] = Path(f"/proc/{each}/cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue
    return lines


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
        process.wait(20)


def test_health_says_what_is_up_before_and_when_all_is(served: Served) -> None:
    deadline = time.monotonic() + 60
    while (first := served.healthz())[0] == 0 and time.monotonic() < deadline:
        time.sleep(0.05)
    assert first[0] == 503
    assert served.until_up() == {"web": True, "worker": True, "mlflow": True, "database": True}


def test_a_process_that_dies_is_started_again_with_a_message(served: Served) -> None:
    served.until_up()
    old = next(p for p, line in _children(served.process.pid).items() if "studio worker" in line)
    os.kill(old, signal.SIGKILL)
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        now = [p for p, line in _children(served.process.pid).items() if "studio worker" in line]
        if now and old not in now:
            break
        time.sleep(0.1)
    assert now and old not in now
    assert "worker ended with exit code -9; it is started again." in served.log.read_text()


def test_a_page_is_served_after_the_name_is_given(served: Served) -> None:
    served.until_up()
    asked = urllib.request.Request(
        f"http://127.0.0.1:{served.port}/Registry", headers={"Accept": "text/html"}
    )
    with urllib.request.urlopen(asked, timeout=10) as got:
        assert "Who is there?" in got.read().decode()
    asked.add_header("Cookie", "housestyle_name=Ana")
    with urllib.request.urlopen(asked, timeout=10) as got:
        assert "Streamlit" in got.read().decode()


def test_stopping_stops_every_process(served: Served) -> None:
    served.until_up()
    below = _children(served.process.pid)
    assert len(below) >= 3
    served.process.send_signal(signal.SIGINT)
    assert served.process.wait(20) == 0
    deadline = time.monotonic() + 5
    while any(Path(f"/proc/{p}").exists() for p in below) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert [line for p, line in below.items() if Path(f"/proc/{p}").exists()] == []


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
            timeout=60,
        )
    assert done.returncode == 2
    assert f"Port {port}" in done.stderr and "STUDIO_PORT" in done.stderr

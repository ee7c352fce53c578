"""The studio's processes on one machine: web, worker, watcher, MLflow. One that dies is started
again."""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from studio import context
from studio.accounts.sign_in_settings import check_listening
from studio.errors import StudioError
from studio.operations import health
from studio.settings import CHECKOUT, WAITING, Settings
from studio.tracking import client, tables

PDEATHSIG = 1
DEATHS = 5  # of one process within a minute, after which starting it again is no use
PATIENCE_S = 5.0  # between asking a process to end and ending it

Report = Callable[[str], None]


@dataclass
class Child:
    """A process that belongs to the studio, and when it died."""

    name: str
    command: list[str]
    environment: dict[str, str]
    process: subprocess.Popen[bytes] | None = None
    deaths: list[float] = field(default_factory=list)

    def start(self) -> None:
        """Start it in a group of its own that ends with this process."""
        self.process = subprocess.Popen(
            self.command, cwd=CHECKOUT, env=self.environment, preexec_fn=_die_with_parent
        )


def serve(settings: Settings, report: Report) -> int:
    """Run until Ctrl-C or SIGTERM, and stop every process that it started.

    Raises StudioError where a port is taken, or a process dies again and again.
    """
    check_listening(settings.sign_in, settings.host)
    own = client.is_own(settings.mlflow_uri)
    ports = [("the pages", "STUDIO_PORT", settings.port)]
    ports += [("MLflow", "STUDIO_MLFLOW_PORT", settings.mlflow_port)] if own else []
    for name, setting, port in ports:
        _refuse_taken(settings.host, name, setting, port)
    # Both databases are made before several processes could try to make them at once.
    engine, tracking = context.open_records(settings)
    engine.dispose()
    client.connect(tracking)
    if not settings.mlflow_uri and tables.kept_beside(settings.home, settings.database_url):
        report(tables.BESIDE)
    children = _children(settings, tracking)
    # A shell that starts this in the background ignores SIGINT, and so would we.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _as_interrupt)
    try:
        for child in children:
            child.start()
        report(f"Studio  http://{settings.host}:{settings.port}")
        there = health.mlflow_address(settings)
        report(f"MLflow  {there if '://' in there else f'the same address with {there}/'}")
        report("Ctrl-C stops everything.")
        while True:
            for child in children:
                _look_after(child, report)
            time.sleep(0.3)
    except KeyboardInterrupt:
        report("Stopping.")
        return 0
    finally:
        _stop([child.process for child in children if child.process])


def _look_after(child: Child, report: Report) -> None:
    """Start a dead child again; give up when it dies too often."""
    assert child.process is not None
    code = child.process.poll()
    if code is None:
        return
    _stop([child.process])  # its own children may live on
    now = time.monotonic()
    child.deaths = [at for at in child.deaths if now - at < 60] + [now]
    if len(child.deaths) >= DEATHS:
        raise StudioError(
            f"{child.name} ended {DEATHS} times within a minute, last with exit code {code}.",
            "Its own words stand above; mend the cause, then: python -m studio serve",
        )
    report(f"{child.name} ended with exit code {code}; it is started again.")
    time.sleep(0.2 * 2 ** len(child.deaths))
    child.start()


def _children(settings: Settings, tracking: client.Tracking) -> list[Child]:
    python, around = sys.executable, _environment(settings)
    web = [
        python,
        "-m",
        "uvicorn",
        "studio.web:app",
        "--host",
        settings.host,
        "--port",
        str(settings.port),
        "--http",
        "studio.web.connections:PatientConnection",
        "--no-access-log",
        "--log-level",
        "warning",
    ]
    found = [
        Child("web", web, around),
        Child("worker", [python, "-m", "studio", "worker"], around),
        Child("watcher", [python, "-m", "studio", "watch"], around),
    ]
    if tracking.own:
        words, needs = client.serving(tracking, settings.mlflow_host, settings.mlflow_port)
        found.append(Child("MLflow", words, {**client.spared(around, tracking), **needs}))
    return found


def _environment(settings: Settings) -> dict[str, str]:
    return {
        **os.environ,
        "STUDIO_HOME": "" if settings.home == CHECKOUT / "var" else str(settings.home),
        "STUDIO_DATABASE_URL": settings.database_url or "",
        **WAITING,
        **settings.store.environment,
        "TOKENIZERS_PARALLELISM": "false",
        "MLFLOW_DISABLE_TELEMETRY": "true",
    }


def _refuse_taken(host: str, name: str, setting: str, port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise StudioError(
                f"Port {port} on {host} is not free for {name}: {error.strerror}.",
                f"Set {setting} to another port, or stop what uses it.",
            ) from error


def _die_with_parent() -> None:
    """A group of its own, so that all of it can be stopped; ends with us, even on kill -9."""
    os.setsid()
    ctypes.CDLL(None).prctl(PDEATHSIG, signal.SIGTERM)


def _as_interrupt(number: int, frame: object) -> None:
    raise KeyboardInterrupt


def _stop(processes: list[subprocess.Popen[bytes]]) -> None:
    """Ask every group to end, wait, and end what is left of it."""
    for wanted in (signal.SIGTERM, signal.SIGKILL):
        for process in processes:
            try:
                os.killpg(process.pid, wanted)
            except ProcessLookupError:
                continue
        deadline = time.monotonic() + PATIENCE_S
        for process in processes:
            try:
                process.wait(timeout=max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                continue

"""The studio's processes on one machine: pages and MLflow. One that ends ends all."""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable

from studio import mlflow_store
from studio.errors import StudioError
from studio.settings import CHECKOUT, Settings

PDEATHSIG = 1


def serve(settings: Settings, report: Callable[[str], None]) -> int:
    """Run until Ctrl-C or until a process ends; stops every process that it started."""
    ports = [("pages", "STUDIO_PORT", settings.port)]
    tracking = mlflow_store.tracking(settings.home, settings.artifacts, settings.mlflow_uri)
    own = tracking.uri.startswith("sqlite:")
    if own:
        ports.append(("MLflow", "STUDIO_MLFLOW_PORT", settings.mlflow_port))
    for name, setting, port in ports:
        _refuse_taken(settings.host, name, setting, port)
    settings.home.mkdir(parents=True, exist_ok=True)
    # Both databases are made before two processes could try to make them at once.
    mlflow_store.connect(tracking).search_registered_models(max_results=1)
    environment = {
        **os.environ,
        "STUDIO_HOME": "" if settings.home == CHECKOUT / "var" else str(settings.home),
        "OMP_WAIT_POLICY": "PASSIVE",
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
    }
    commands = {"pages": _pages(settings)}
    if own:
        commands["MLflow"] = _mlflow(settings, tracking)
    started: dict[str, subprocess.Popen[bytes]] = {}
    signal.signal(signal.SIGTERM, _as_interrupt)
    try:
        for name, command in commands.items():
            started[name] = subprocess.Popen(
                command, cwd=CHECKOUT, env=environment, preexec_fn=_die_with_parent
            )
        report(f"Studio  http://{settings.host}:{settings.port}")
        report(
            f"MLflow  {tracking.uri if not own else f'http://{settings.host}:{settings.mlflow_port}'}"
        )
        report("Ctrl-C stops both.")
        while True:
            for name, process in started.items():
                if process.poll() is not None:
                    raise StudioError(
                        f"{name} ended with exit code {process.returncode}.",
                        "Its own words stand above; start again with: python -m studio serve",
                    )
            time.sleep(0.3)
    except KeyboardInterrupt:
        return 0
    finally:
        _stop(list(started.values()))


def _pages(settings: Settings) -> list[str]:
    return [
        sys.executable, "-m", "streamlit", "run", str(CHECKOUT / "Home.py"),
        "--server.address", settings.host, "--server.port", str(settings.port),
        "--server.headless", "true", "--browser.gatherUsageStats", "false",
    ]  # fmt: skip


def _mlflow(settings: Settings, tracking: mlflow_store.Tracking) -> list[str]:
    return [
        sys.executable, "-m", "mlflow", "server", "--backend-store-uri", tracking.uri,
        "--default-artifact-root", tracking.artifacts, "--no-serve-artifacts",
        "--host", settings.host, "--port", str(settings.mlflow_port), "--workers", "1",
    ]  # fmt: skip


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
    for wanted in (signal.SIGTERM, signal.SIGKILL):
        for process in processes:
            try:
                os.killpg(process.pid, wanted)
            except ProcessLookupError:
                continue
        deadline = time.monotonic() + 5
        for process in processes:
            try:
                process.wait(timeout=max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                continue

"""The process group of a job: how it is started, and that it dies with whoever started it."""

from __future__ import annotations

import ctypes
import os
import secrets
import signal
import subprocess
from collections.abc import Callable, Sequence
from typing import IO

from studio.jobs import processes
from studio.jobs.processes import MARK, Group
from studio.settings import CHECKOUT, WAITING, Settings

PDEATHSIG = 1
_libc = ctypes.CDLL(None)


def start(
    command: Sequence[str], settings: Settings, log: IO[bytes], *, nice: int, named: bool
) -> tuple[subprocess.Popen[bytes], Group]:
    """Start `command` in a group of its own, which says all into `log`. OSError where it can't be.

    One that is not `named` a job on its command line is told jobs on its standard input.
    """
    mark = secrets.token_hex(8)
    process = subprocess.Popen(
        command,
        cwd=CHECKOUT,
        env={**environment(settings), MARK: mark},
        stdin=subprocess.DEVNULL if named else subprocess.PIPE,
        stdout=log,
        stderr=subprocess.STDOUT,
        preexec_fn=_apart(os.getpid(), nice),
    )
    born = processes.born(process.pid)
    assert born is not None  # not collected yet, so its entry in /proc is there
    return process, Group(process.pid, born, mark)


def environment(settings: Settings) -> dict[str, str]:
    """The environment of a job's process: the same settings, and threads that wait so."""
    home = "" if settings.artifacts == CHECKOUT / "mlruns" else str(settings.home)
    threads = settings.threads or len(os.sched_getaffinity(0))
    return {
        **os.environ,
        "STUDIO_HOME": home,
        "STUDIO_DATABASE_URL": settings.database_url or "",
        "STUDIO_DEVICE": settings.device,
        "STUDIO_THREADS": str(settings.threads),
        "OMP_NUM_THREADS": str(threads),
        **WAITING,
        "TOKENIZERS_PARALLELISM": "false",
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "PYTHONUNBUFFERED": "1",
    }


def ended_by(code: int) -> str:
    """Why a process ended without a word, by its exit code."""
    if code == -signal.SIGKILL:
        return "its process was killed, perhaps because memory ran out."
    if code < 0:
        return f"its process was ended by {signal.Signals(-code).name}."
    return f"its process ended with exit code {code} and no word."


def _apart(parent: int, nice: int) -> Callable[[], None]:
    """What the new process does first: a session of its own, and death with its parent."""

    def apart() -> None:
        os.setsid()
        os.nice(nice)
        _libc.prctl(PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it died before the line above
            os._exit(1)

    return apart

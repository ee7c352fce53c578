"""The machine's own process: questions are answered beside a loop that looks after the runs."""

from __future__ import annotations

import logging
import signal
import socket
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import uvicorn
from filelock import FileLock, Timeout

from studio.context import Report
from studio.errors import StudioError
from studio.settings import Settings
from studio.worker.machine import capabilities, routes
from studio.worker.machine.folders import HOME
from studio.worker.machine.keeper import Command, Keeper, child

LOOK_S = 0.01
LOCK = "serving.lock"
logger = logging.getLogger(__name__)


def serve(
    settings: Settings,
    report: Report,
    *,
    host: str,
    port: int,
    kinds: Sequence[str] = (),
    at_once: int = 1,
    idle_close: float = 0.0,
    may_close: bool = False,
    command: Command = child,
) -> int:
    """Serve until SIGTERM or Ctrl-C, or until nobody asked for a run in `idle_close` minutes; what
    runs then is begun again when the machine is. `kinds` () are all that compute; StudioError for
    others, where the port is taken, and where another server has this folder."""
    taken = capabilities.kinds_of(kinds)
    held = alone(settings.home)  # before the runs of another server are taken for left ones
    keeper = Keeper(settings, taken, at_once, idle_close, may_close, command)
    keeper.open()
    report("Reading the bases that lie here.")
    found = capabilities.found(settings, taken, at_once, idle_close)
    bound = _bound(host, port)
    config = uvicorn.Config(
        routes.app(keeper), log_level="warning", access_log=False, lifespan="off"
    )
    server = uvicorn.Server(config)
    answering = threading.Thread(target=server.run, args=([bound],), daemon=True)
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    answering.start()
    keeper.warm_up()
    place = f"{host}:{bound.getsockname()[1]}"
    gpu = f", {found.gpu}" if found.gpu else ""
    report(f"This machine ({found.device}{gpu}) answers at {place}, {len(taken)} kinds of jobs.")
    while not ended.is_set() and answering.is_alive():
        try:
            keeper.look()
        except (StudioError, OSError) as error:  # a full disk, say: runs wait until there is room
            logger.warning("runs could not be looked after: %s", error)
            time.sleep(1)
        if keeper.idle:
            report(f"Nobody asked for anything in {keeper.idle_close:g} minutes; it ends.")
            break
        ended.wait(LOOK_S)
    server.should_exit = True
    keeper.close()
    answering.join(3.0)
    held.release()
    report("The machine has stopped.")
    return 0


def alone(home: Path) -> FileLock:
    """The folder, held until this process ends; StudioError where another server has it."""
    file = home / HOME / LOCK
    file.parent.mkdir(parents=True, exist_ok=True)
    found = FileLock(file, 0, fallback_to_soft=False)
    try:
        found.acquire()
    except Timeout as error:
        said = f"Another server computes in {home} already."
        raise StudioError(said, "Stop it, or name another folder: --home.") from error
    return found


def _bound(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    found = socket.socket(family)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        found.bind((host, port))
    except OSError as error:
        found.close()
        raise StudioError(
            f"{host}:{port} can't be listened on: {error.strerror}.", "Choose another --port."
        ) from error
    return found

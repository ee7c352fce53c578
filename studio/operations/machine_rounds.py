"""Machines are looked after by the watcher's process, beside its rounds: what jobs that have ended
left there is cancelled within seconds, settled and forgotten. One that does not answer holds up no
other."""

from __future__ import annotations

import logging
import threading

from studio import context
from studio.database.availability import DatabaseAway
from studio.remote import runs
from studio.worker import machine_ends

logger = logging.getLogger(__name__)
PAUSE_S = 1.0


def go(studio: context.Studio, ended: threading.Event) -> None:
    """Look at what is left until `ended`."""
    at_work: dict[str, threading.Thread] = {}
    while not ended.wait(PAUSE_S):
        at_work = {name: thread for name, thread in at_work.items() if thread.is_alive()}
        try:
            left = {run.machine for run in runs.left(studio.engine, context.now())}
        except DatabaseAway as error:
            logger.debug("no machine was looked at: %s", error)
            continue
        except Exception:  # one bad turn must not be the last
            logger.exception("what was left on machines could not be looked for")
            continue
        for name in left - at_work.keys():
            at_work[name] = threading.Thread(target=_look, args=(studio, name), daemon=True)
            at_work[name].start()


def _look(studio: context.Studio, machine: str) -> None:
    try:
        machine_ends.close_left(studio, machine)
    except DatabaseAway as error:
        logger.debug("%s was not looked at: %s", machine, error)
    except Exception:
        logger.exception("%s could not be looked at", machine)

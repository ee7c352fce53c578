"""Machines are looked after by the watcher's process, beside its rounds: what jobs that have ended
left there is cancelled within seconds, settled and forgotten."""

from __future__ import annotations

import logging
import threading

from studio import context
from studio.database.availability import DatabaseAway
from studio.worker import machine_ends

logger = logging.getLogger(__name__)
PAUSE_S = 1.0


def go(studio: context.Studio, ended: threading.Event) -> None:
    """Look at what is left until `ended`."""
    while not ended.wait(PAUSE_S):
        try:
            machine_ends.close_left(studio)
        except DatabaseAway as error:
            logger.debug("no machine was looked at: %s", error)
        except Exception:  # one bad turn must not be the last
            logger.exception("machines could not be looked after")

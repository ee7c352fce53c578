"""What the studio does by itself while it runs: sends notices on, ends rollouts that go wrong."""

from __future__ import annotations

import logging
import threading

from mlflow.exceptions import MlflowException

from studio import notices, release, workflows
from studio.db import file_lock
from studio.errors import StudioError

logger = logging.getLogger(__name__)
PAUSE_S = 5.0
WATCH_EVERY = 6  # rounds


def go(studio: workflows.Studio, ended: threading.Event) -> None:
    """Make rounds until `ended`; of several processes on one machine one does."""
    settings, turn = studio.settings, 0
    while not ended.wait(PAUSE_S):
        try:
            with file_lock(studio.home / "rounds.lock", 0.0):
                now = workflows.now()
                notices.deliver(studio.engine, settings.webhook, settings.webhook_secret, now)
                if turn % WATCH_EVERY == 0:
                    release.watch(studio, now)
        except StudioError as error:  # another process's turn, or the database is away
            logger.debug("no round was made: %s", error)
        except MlflowException as error:
            logger.warning("rollouts could not be watched: %s", error)
        turn += 1

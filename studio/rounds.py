"""What the studio does by itself while it runs: sends notices on, ends rollouts that go wrong,
says in MLflow which trainings were ended, keeps the cards there, removes old jobs' logs
and the LoRAs of sweeps' trials that nobody chose."""

from __future__ import annotations

import logging
import threading

from mlflow.exceptions import MlflowException

from studio import cards, notices, release, workflows
from studio.db import file_lock
from studio.errors import StudioError
from studio.jobs import pruning, queue
from studio.jobs.table import State
from studio.sweeps import clearing

logger = logging.getLogger(__name__)
PAUSE_S = 5.0
STATUS: dict[State, str] = {"cancelled": "KILLED", "failed": "FAILED"}
WATCH_EVERY = 6  # rounds
TIDY_EVERY = 720  # rounds: once an hour


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
                    cards.write_all(studio)
                    end_runs(studio)
                if turn % TIDY_EVERY == 0:
                    pruning.prune(studio.engine, studio.home, now)
                    clearing.clear(studio.home, now)
        except StudioError as error:  # another process's turn, or the database is away
            logger.debug("no round was made: %s", error)
        except MlflowException as error:
            logger.warning("rollouts could not be watched: %s", error)
        except Exception:  # one bad round must not be the last
            logger.exception("a round failed")
        turn += 1


def end_runs(studio: workflows.Studio) -> list[str]:
    """Say in MLflow too that a training was cancelled or failed; its process could not. The runs.

    One that goes on later is marked as finished by itself.
    """
    ended = []
    for job in queue.listing(studio.engine, kind="train", states=tuple(STATUS), limit=20):
        run = job.kept.get("run")
        if (
            run
            and studio.client.get_run(run).info.status == "RUNNING"
            and not _goes_on(studio, run)
        ):
            studio.client.set_terminated(run, STATUS[job.state])
            ended.append(run)
    return ended


def _goes_on(studio: workflows.Studio, run: str) -> bool:
    """Whether a newer job has taken the training up again."""
    at_work = queue.listing(studio.engine, kind="train", states=("queued", "running"))
    return any(run in (job.kept.get("run"), job.payload.get("run")) for job in at_work)

"""What the studio does by itself while a watcher runs: sends notices on, ends rollouts that go
wrong, says in MLflow which trainings and sweeps were ended, keeps the cards there, counts what own
machines' hours cost, tells of paid calls whose answer was lost, removes old jobs' logs, old
deliveries of webhooks, checkpoints that nothing goes on from, the LoRAs of sweeps' trials that
nobody chose, the oldest copies of pictures, and what a kill left half-written in the store, of
backups and of restores; and the tiles of enlargings that nobody draws anew any more."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from mlflow.exceptions import MlflowException

from studio import context, notifications
from studio.assets import thumbnails
from studio.charges import calls
from studio.database.availability import DatabaseAway
from studio.database.engine import file_lock
from studio.errors import StudioError
from studio.generation import gallery_table
from studio.jobs import queue, retention
from studio.jobs.table import Job, State
from studio.operations import restore
from studio.store import contents, partial_files
from studio.tracking.runs import MARK
from studio.training import disk_cleanup as trainings
from studio.training.runs import PARENT
from studio.upscaling import level_places, work_folders
from studio.webhooks import deliveries
from studio.worker.kind_table import KINDS
from studio.workflows import model_cards, own_hours, release
from studio.workflows.sweeps import disk_cleanup as trials

if TYPE_CHECKING:
    from mlflow.entities import Run

logger = logging.getLogger(__name__)
PAUSE_S = 5.0
UNDER_WAY: tuple[State, ...] = ("queued", "running")
STATUS: dict[State, str] = {"cancelled": "KILLED", "failed": "FAILED"}
LATELY = 1_000  # jobs of a kind that were cut off, among which an MLflow run's is looked for
WATCH_EVERY = 6  # rounds
TIDY_EVERY = 720  # rounds: once an hour
FILES = 200  # of an older studio's gallery that are read in a round

Step = Callable[[], object]


def go(studio: context.Studio, ended: threading.Event) -> None:
    """Make rounds until `ended`; never two at once on one machine, whoever makes the other."""
    turn = 0
    while not ended.wait(PAUSE_S):
        try:
            with file_lock(studio.home / "rounds.lock", 0.0):
                for step in _steps(studio, turn):
                    _try(step)
        except StudioError as error:  # another process's turn
            logger.debug("no round was made: %s", error)
        turn += 1


def _steps(studio: context.Studio, turn: int) -> Iterator[Step]:
    """What is due in this round; one that can't be done holds none of the others up."""
    settings, now = studio.settings, context.now()
    yield lambda: notifications.deliver(
        studio.engine, settings.webhook, settings.webhook_secret, now
    )
    if turn % WATCH_EVERY == 0:
        yield lambda: release.watch(studio, now)
        yield lambda: model_cards.write_all(studio)
        yield lambda: end_runs(studio)
        yield lambda: gallery_table.read_files(studio.engine, studio.home, FILES)
        yield lambda: calls.overdue(studio.engine, now)
        yield lambda: own_hours.count(studio.engine)
    if turn % TIDY_EVERY == 0:
        yield lambda: retention.prune(studio.engine, studio.home, now)
        yield lambda: deliveries.prune(studio.engine, now)
        yield lambda: trainings.clear(studio.home, lambda: at_work(studio), now)
        yield lambda: trials.clear(studio.home, now)
        yield lambda: partial_files.sweep(studio.home / contents.FOLDER)
        yield lambda: partial_files.sweep(studio.home / "generated")
        yield lambda: partial_files.sweep(studio.home / "upscaled")
        yield lambda: partial_files.sweep(studio.home / "received")
        yield lambda: partial_files.sweep(studio.home / "props")
        yield lambda: partial_files.sweep(studio.home / "animations")
        yield lambda: work_folders.clear(studio.engine, studio.home, now)
        yield lambda: thumbnails.bound(studio.home)
        yield lambda: level_places.bound(studio.home)
        yield lambda: partial_files.sweep(studio.home / "backups")
        yield lambda: restore.sweep(settings)


def _try(step: Step) -> None:
    try:
        step()
    except DatabaseAway as error:
        logger.debug("a part of a round was not done: %s", error)
    except StudioError as error:
        logger.warning("a part of a round was not done: %s", error)
    except MlflowException as error:
        logger.warning("MLflow did not take a part of a round: %s", error)
    except Exception:  # one bad round must not be the last
        logger.exception("a part of a round failed")


def end_runs(studio: context.Studio) -> list[str]:
    """Say in MLflow too that a training or a sweep was cancelled or failed, with the trial that it
    was at; its process could not. The runs.

    MLflow is asked which runs it takes to be running, so that none is missed, however long MLflow
    was away and wherever the process was killed: a run that nobody had noted yet is known by what
    it was begun for. One that goes on later is marked as finished by itself.
    """
    cut_off = _jobs(studio, tuple(STATUS), LATELY)
    styles = {str(job.payload["style"]) for job in cut_off if "style" in job.payload}
    running = _running(studio, sorted(styles))
    if not running:
        return []
    under_way = _jobs(studio, UNDER_WAY, LATELY)
    told = []
    for run in running:
        job = next((job for job in cut_off if _is_of(run, job)), None)
        if job is None or any(_is_of(run, one) for one in under_way):
            continue
        at = int(datetime.fromisoformat(job.ended_at).timestamp() * 1000) if job.ended_at else None
        studio.client.set_terminated(run.info.run_id, STATUS[job.state], at)
        told.append(str(run.info.run_id))
    return told


def at_work(studio: context.Studio) -> set[str]:
    """The runs that jobs are at, or wait to go on with; of sweeps all trials."""
    under_way = _jobs(studio, UNDER_WAY, LATELY)
    found = {run for job in under_way if job.kind != "sweep" for run in _named(job)}
    ids = {id for job in under_way if job.kind == "sweep" for id in _named(job)}
    if ids:
        from studio.workflows.sweeps import study, sweep_run

        for sweep in sweep_run.sweeps(studio.home):
            if sweep.id in ids:
                found |= {one.run for one in study.read(sweep.folder)}
    return found


def _jobs(studio: context.Studio, states: tuple[State, ...], limit: int) -> list[Job]:
    """Trainings and sweeps in these states, the newest first."""
    found = [
        job
        for kind in KINDS.values()
        if kind.goes_on and kind.exclusive
        for job in queue.listing(studio.engine, kind=kind.name, states=states, limit=limit)
    ]
    return sorted(found, key=lambda job: -job.id)


def _running(studio: context.Studio, styles: Sequence[str]) -> list[Run]:
    """The runs of these styles that MLflow takes to be running."""
    found = [studio.client.get_experiment_by_name(style) for style in styles]
    ids = [one.experiment_id for one in found if one and one.lifecycle_stage == "active"]
    return list(studio.client.search_runs(ids, "attributes.status = 'RUNNING'")) if ids else []


def _is_of(run: Run, job: Job) -> bool:
    """Whether a run is the job's: its training, its sweep, or one of the sweep's trials."""
    id, tags = run.info.run_id, run.data.tags
    mark = tags.get(MARK, "")
    # A trial's mark begins with its sweep's id, which once was the run's.
    return mark == f"job {job.id} asked {job.asked_at}" or any(
        name in (id, tags.get(PARENT))
        or mark == f"{job.kind} {name}"
        or mark.startswith(f"{name} ")
        for name in _named(job)
    )


def _named(job: Job) -> set[str]:
    """What the job was asked to go on with, and what it is at."""
    name = KINDS[job.kind].goes_on
    return {str(found) for found in (job.kept.get(name), job.payload.get(name)) if found}

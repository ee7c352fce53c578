"""What trains tonight: the trainings that wait, in their order, and when each will be done.

The times are estimates, for one worker that does nothing else meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from studio.context import Studio
from studio.datasets import manifests
from studio.diffusion import base_offers
from studio.errors import StudioError
from studio.jobs import queue, queue_order
from studio.jobs.table import Job, State
from studio.training import estimate, training_folders
from studio.training.config import load_config
from studio.worker.kind_table import exclusive
from studio.workflows.sweeps import cost, ranges

RUNNING: tuple[State, ...] = ("running",)
UNKNOWN_S = 3600.0  # taken for one whose dataset or base can't be looked at


@dataclass(frozen=True)
class Planned:
    """A training that waits or runs, and when it begins and ends, as far as one can tell."""

    job: Job
    begins: datetime
    ends: datetime


@dataclass(frozen=True)
class Schedule:
    """The queue of trainings at the moment `now`: what runs, what waits in the order in which it
    is taken, what is paused. `free_at` is when the worker has done all that runs, trainings or
    not. Whatever is said of the queue is said from one of these."""

    now: datetime
    running: tuple[Planned, ...]
    waiting: tuple[Planned, ...]
    paused: tuple[Job, ...]
    free_at: datetime

    def begins(self, begin: datetime | None) -> datetime:
        """When one that is asked for now begins, `begin` at the earliest: behind what runs, and
        behind all that is taken before it."""
        at = max(begin or self.now, self.free_at)
        for one in self.waiting:
            if one.begins <= at:
                at = max(at, one.ends)
        return at


def schedule(studio: Studio, now: datetime, device: str) -> Schedule:
    """The queue as it is now."""
    at_work = [j for j in queue.listing(studio.engine, states=RUNNING) if j.lane == "work"]
    left = {j.id: timedelta(seconds=_left(studio, j, now, device)) for j in at_work}
    running = [
        Planned(job, _began(job, now), now + left[job.id])
        for job in at_work
        if job.kind in exclusive()
    ]
    asked = queue_order.waiting(studio.engine, exclusive())
    here = [job for job in asked if job.lane == "work"]  # what machines compute waits for those
    free_at = now + max(left.values(), default=timedelta())
    waits = [job for job in here if not queue_order.held(job)]
    return Schedule(
        now=now,
        running=tuple(running),
        waiting=tuple(_planned(studio, waits, free_at, device)),
        paused=tuple(job for job in asked if queue_order.held(job)),
        free_at=free_at,
    )


def _planned(studio: Studio, waits: list[Job], at: datetime, device: str) -> Iterator[Planned]:
    """Those that wait in the order in which they will be taken, one after the other from `at`."""
    left = list(waits)
    while left:
        ready = [job for job in left if _earliest(job, at) <= at]
        job = ready[0] if ready else min(left, key=lambda one: _earliest(one, at))
        left.remove(job)
        begins = max(at, _earliest(job, at))
        at = begins + timedelta(seconds=seconds(studio, job.payload, device))
        yield Planned(job, begins, at)


def ended(studio: Studio, since: datetime) -> list[Job]:
    """Those that have ended since then, the newest first."""
    found = [
        job for kind in exclusive() for job in queue.listing(studio.engine, kind=kind, limit=50)
    ]
    wanted = [j for j in found if j.ended_at and datetime.fromisoformat(j.ended_at) >= since]
    return sorted(wanted, key=lambda job: job.ended_at or "", reverse=True)


def seconds(studio: Studio, payload: dict[str, Any], device: str) -> float:
    """How long a training will take, a sweep with all its trials."""
    try:
        config = load_config(payload["preset"], None, payload["settings"])
        name, _, version = payload["dataset"].partition("@")
        head = next(h for h in manifests.heads(studio.home, name) if h.version == version)
        offer = base_offers.known(config.base)
        folder = base_offers.folder_of(offer) if offer else studio.home
        shape = estimate.shape_of(config.base, folder)
        earlier = training_folders.speeds(studio.home, config.base)
        if "ranges" in payload:
            tried, trials = ranges.parse(payload["ranges"]), int(payload["trials"])
            return cost.cost(
                config, tried, trials, shape, device, head.pictures, None, earlier
            ).seconds
        return estimate.estimate(config, shape, device, head.pictures, None, earlier).seconds
    except (StudioError, StopIteration, KeyError):
        return UNKNOWN_S


def next_at(clock: str, now: datetime) -> datetime:
    """The next moment at which the clock shows HH:MM in the zone of `now`."""
    try:
        wanted = time.fromisoformat(clock)
    except ValueError as error:
        raise StudioError(f"{clock!r} is no time of day.", "Write it like 20:00.") from error
    found = now.replace(hour=wanted.hour, minute=wanted.minute, second=0, microsecond=0)
    return found if found > now else found + timedelta(days=1)


def _earliest(job: Job, now: datetime) -> datetime:
    return datetime.fromisoformat(job.not_before) if job.not_before else now


def _left(studio: Studio, job: Job, now: datetime, device: str) -> float:
    """Seconds that a running job still takes. A training that was never cut off tells by its own
    pace once a tenth is done; of others the estimate's share is left: they were not there all the
    time, and the machine's clock may have been set since they began."""
    share = job.done / job.total if job.total else 0.0
    again = job.attempt > 1 or job.payload.get("run") or job.payload.get("sweep")
    if job.kind in exclusive():
        training = training_folders.find(studio.home, job.kept.get("run", ""))
        if share > 0.1 and not again and training and (step := training_folders.pace(training)):
            return step * (int(training.config["max_train_steps"]) - training.steps)
        whole = seconds(studio, job.payload, device)
        return whole * (1 - share) if share > 0.1 else max(0.0, whole - _spent(job, now))
    return _spent(job, now) / share * (1 - share) if share > 0.1 else 0.0


def _spent(job: Job, now: datetime) -> float:
    """Seconds since it began, as far as the machine's clock tells."""
    return max(0.0, (now - _began(job, now)).total_seconds())


def _began(job: Job, now: datetime) -> datetime:
    return datetime.fromisoformat(job.started_at) if job.started_at else now

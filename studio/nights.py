"""What trains tonight: the trainings that wait, in their order, and when each will be done.

The times are estimates, for one worker that does nothing else meanwhile.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from studio.datasets import manifests
from studio.diffusion import offered
from studio.errors import StudioError
from studio.jobs import queue, waiting
from studio.jobs.table import Job, State
from studio.training import estimate, records
from studio.training.config import load_config
from studio.workflows import Studio

KINDS = ("train", "sweep")
RUNNING: tuple[State, ...] = ("running",)
UNKNOWN_S = 3600.0  # taken for one whose data set or base can't be looked at


@dataclass(frozen=True)
class Planned:
    """A training that waits, and when it will begin and end, as far as one can tell."""

    job: Job
    begins: datetime
    ends: datetime


def plan(studio: Studio, now: datetime, device: str) -> list[Planned]:
    """Those that wait in the order in which they will be taken, one after the other."""
    at = now
    for job in queue.listing(studio.engine, states=RUNNING):
        if job.lane == "work":
            at = max(at, now + timedelta(seconds=_left(studio, job, now, device)))
    left, found = waiting.waiting(studio.engine, KINDS), []
    while left:
        ready = [job for job in left if _earliest(job, at) <= at]
        job = ready[0] if ready else min(left, key=lambda one: _earliest(one, at))
        left.remove(job)
        begins = max(at, _earliest(job, at))
        at = begins + timedelta(seconds=seconds(studio, job.payload, device))
        found.append(Planned(job, begins, at))
    return found


def seconds(studio: Studio, payload: dict[str, Any], device: str) -> float:
    """How long a training will take; a sweep as long as all its trials, were none cut short."""
    try:
        config = load_config(payload["preset"], None, payload["settings"])
        name, _, version = payload["dataset"].partition("@")
        head = next(h for h in manifests.heads(studio.home, name) if h.version == version)
        offer = offered.known(config.base)
        folder = offered.folder_of(offer) if offer else studio.home
        shape = estimate.shape_of(config.base, folder)
        earlier = records.speeds(studio.home, config.base)
        found = estimate.estimate(config, shape, device, head.pictures, None, earlier)
        return found.seconds * int(payload.get("trials", 1))
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
    """Seconds that a running job still takes; by its own pace once a tenth is done."""
    spent = (now - datetime.fromisoformat(job.started_at)).total_seconds() if job.started_at else 0
    share = job.done / job.total if job.total else 0.0
    if share > 0.1:
        return spent / share * (1 - share)
    return max(0.0, seconds(studio, job.payload, device) - spent) if job.kind in KINDS else 0.0

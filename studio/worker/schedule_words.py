"""The queue of trainings in sentences, each made from one `Schedule`, so that no two disagree.

`Moment` shows a moment as the reader's own clock does.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from studio.errors import StudioError
from studio.jobs import queue_order
from studio.jobs.table import Job
from studio.remote.machines import CHEAPEST, HERE
from studio.worker.kind_table import left_alone, title
from studio.worker.train_schedule import Planned, Schedule

Moment = Callable[[datetime], str]
MINUTE = timedelta(minutes=1)


def of_style(found: Schedule, style: str, moment: Moment) -> str:
    """What becomes of `style` already: what is trained now, what waits, what is paused; "" for
    nothing."""
    running = [one for one in found.running if _is_of(one.job, style)]
    waiting = [one for one in found.waiting if _is_of(one.job, style)]
    paused = [job for job in found.paused if _is_of(job, style)]
    said = [
        f"{one.job.asked_by} is training {style} already, until about {moment(one.ends)}."
        for one in running
    ]
    if waiting:
        first = waiting[0]
        one = f"{_count(waiting)} of {style} {'waits' if len(waiting) == 1 else 'wait'}"
        which = "" if len(waiting) == 1 else "the first "
        said.append(
            f"{one} in the queue, {which}asked by {first.job.asked_by}, to begin at about "
            f"{moment(first.begins)}."
        )
    if paused:
        said.append(f"{_count(paused)} of {style} {'is' if len(paused) == 1 else 'are'} paused.")
    if said:
        said.append("One that you ask for now becomes a version of its own.")
    return " ".join(said)


def asked_for(found: Schedule, begin: datetime | None, length: timedelta, moment: Moment) -> str:
    """When one that takes so long is ready where it is asked for now, to begin at `begin`."""
    begins = found.begins(begin)
    behind = begins - (begin or found.now) > MINUTE
    before = " after what is done before it" if behind else ""
    ready = moment(begins + length)
    return f"Ready at about {ready}, begun at about {moment(begins)}{before}."


def check_deadline(found: Schedule, by: datetime, moment: Moment) -> None:
    """StudioError for a deadline that is past, or that comes before the first of them begins."""
    if by <= found.now:
        raise StudioError(
            f"The deadline {moment(by)} is past: it is {moment(found.now)}.",
            "Choose a moment that is still to come.",
        )
    first = min(found.waiting, key=lambda one: one.begins, default=None)
    if first and by <= first.begins:
        raise StudioError(
            f"The deadline {moment(by)} comes before the first of them begins: {title(first.job)}, "
            f"at about {moment(first.begins)}.",
            "Choose a later one, or have it begin earlier.",
        )


def late(found: Schedule, by: datetime) -> list[Planned]:
    """Those that will not be done by then."""
    return [one for one in found.waiting if one.ends > by]


def by_deadline(found: Schedule, by: datetime, moment: Moment) -> str:
    """How many will be done by then, and what becomes of the others."""
    all, others = len(found.waiting), late(found, by)
    if not others:
        one = "It" if all == 1 else f"All {all}"
        return f"{one} will be done by {moment(by)}."
    begun = sum(one.begins < by for one in others)
    said = [f"{all - len(others)} of {all} will be done by {moment(by)}."]
    if begun:
        said.append(f"{begun} will have begun by then and {'goes' if begun == 1 else 'go'} on.")
    if later := len(others) - begun:
        said.append(f"{later} {'begins' if later == 1 else 'begin'} after it.")
    said.append("Put those that matter first, begin earlier, or give fewer steps.")
    return " ".join(said)


def waits(job: Job, before: int, now: datetime, moment: Moment) -> str:
    """What a job that is queued waits for; `before` are taken before it."""
    if why := left_alone(job):
        return why
    if queue_order.held(job):
        return "is paused, under Queue on the page Training"
    own = queue_order.own_time(job)
    if own and own > now:
        return f"waits until {moment(own)}"
    if before:
        return f"waits for {before} other{'s' if before > 1 else ''}"
    if job.where == CHEAPEST:
        return "waits for a machine that has room"
    if job.where != HERE:
        return f"waits for {job.where}"
    return f"waits for a GPU of {job.gpu_gb:g} GB" if job.gpu_gb else "begins soon"


def resumes(job: Job, found: Schedule, moment: Moment) -> str:
    """What a paused one waits for."""
    own = queue_order.own_time(job)
    then = f", then until {moment(own)}" if own and own > found.now else ""
    return f"Waits until somebody resumes it{then}"


def _is_of(job: Job, style: str) -> bool:
    return bool(job.payload.get("style") == style)


def _count(several: list[Planned] | list[Job]) -> str:
    return "A training" if len(several) == 1 else f"{len(several)} trainings"

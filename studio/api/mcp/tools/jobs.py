"""Jobs: how far one is, waiting for its end, and cancelling one."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar

import anyio
from pydantic import Field

from studio import context
from studio.accounts.rights import check
from studio.api.mcp.answers import Asked, Job
from studio.api.mcp.tool import Caller, Tool
from studio.assets import search
from studio.assets.search import Wanted
from studio.context import Studio
from studio.jobs import queue
from studio.jobs.table import Job as Row
from studio.worker import kind_table
from studio.worker.payload import Counted, Payload

LONGEST = 50  # seconds of waiting: most clients give a call up after 60
AGAIN_S = 0.25  # between two looks at a job
ASSETS = 200  # ids of what a job made

Wait = Annotated[
    float,
    Field(
        ge=0,
        le=LONGEST,
        description="Seconds to wait for the job's end, at most 50. It goes on when they are over; "
        "wait_for_job waits on.",
    ),
]
A = TypeVar("A", bound=Asked)


class Waiting(Payload):
    """Which job, and for how long."""

    job: Counted = Field(description="The job's number.")
    wait: Wait = 30


class Named(Payload):
    """Which job."""

    job: Counted = Field(description="The job's number.")


def details(studio: Studio, row: Row) -> Job:
    """A job of the table with what it made."""
    waits = row.state == "queued"
    names = Job.model_fields.keys() - {"title", "ahead", "assets"}
    return Job(
        **{name: getattr(row, name) for name in names},
        title=kind_table.title(row),
        ahead=queue.ahead(studio.engine, row) if waits else 0,
        assets=search.ids(studio.engine, "", Wanted(job=row.id), ASSETS),
    )


async def until_ended(answer: A, wait: float, look: Callable[[int], Awaitable[Job]]) -> A:
    """The answer once its job has ended, or as the job is after `wait` seconds; `look` reads it
    anew."""
    until = time.monotonic() + wait
    while answer.job and not answer.job.ended and time.monotonic() < until:
        await anyio.sleep(AGAIN_S)
        answer = answer.model_copy(update={"job": await look(answer.job.id)})
    return answer


def waited_for(caller: Caller, asked: Waiting) -> Asked:
    """The job as it is now."""
    check(caller.by, "look")
    studio = caller.studio
    return Asked(job=details(studio, queue.get(studio.engine, asked.job)))


def cancelled(caller: Caller, asked: Named) -> Asked:
    """The job, cancelled at once while it waits, by its worker within seconds while it runs."""
    check(caller.by, "look")
    studio = caller.studio
    row = queue.cancel(studio.engine, asked.job, caller.by, context.now())
    return Asked(job=details(studio, row))


WAIT_FOR_JOB = Tool(
    name="wait_for_job",
    title="Wait for a job",
    says="How far a job is, what it made so far and, in words, what went wrong. Waits until it has "
    "ended (state done, failed or cancelled) or `wait` seconds are over; 0 only looks. Call it "
    "again while the job goes on.",
    right="look",
    takes=Waiting,
    gives=Asked,
    run=waited_for,
)
CANCEL_JOB = Tool(
    name="cancel_job",
    title="Cancel a job",
    says="Ends a job that you asked for and do not want any more; pictures that it has drawn stay. "
    "Other people's are cancelled by art leads.",
    right="look",
    takes=Named,
    gives=Asked,
    run=cancelled,
    changes=True,
)

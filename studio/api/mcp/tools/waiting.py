"""Jobs: how far one is, waiting for its end, and cancelling one."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from studio import context
from studio.api import jobs
from studio.api.calls import Caller
from studio.api.mcp.answers import Asked, Job
from studio.api.mcp.tool import Tool
from studio.jobs import queue, table
from studio.worker.payload import Counted, Payload

LONGEST = 50  # seconds: most clients give a call up after 60

Wait = Annotated[
    float,
    Field(
        ge=0,
        le=LONGEST,
        description="Seconds to wait for the job's end, at most 50. What is not done by then goes "
        "on; wait_for_job waits for it.",
    ),
]


class Waited(Payload):
    """Which job, and for how long."""

    job: Counted = Field(description="The job's number.")
    wait: Wait = 30


class Named(Payload):
    """Which job."""

    job: Counted = Field(description="The job's number.")


def told(caller: Caller, row: table.Job) -> Asked:
    """A job as it is answered. What it was asked and came to is left out: a list's are long."""
    values = jobs.details_of(caller, row, payload=False)
    return Asked(job=Job(**{name: values[name] for name in Job.model_fields}))


def looked_at(caller: Caller, asked: Waited) -> Asked:
    """The job as it is now."""
    return told(caller, queue.get(caller.studio.engine, asked.job))


def cancelled(caller: Caller, asked: Named) -> Asked:
    """The job, cancelled at once while it waits, by its worker within seconds while it runs."""
    engine = caller.studio.engine
    return told(caller, queue.cancel(engine, asked.job, caller.by, context.now()))


WAIT_FOR_JOB = Tool(
    name="wait_for_job",
    title="Wait for a job",
    says="How far a job is, what it made so far and, in words, what went wrong. Waits until it has "
    "ended (state done, failed or cancelled) or `wait` seconds are over; 0 only looks. Call it "
    "again while the job goes on.",
    right="look",
    takes=Waited,
    gives=Asked,
    run=looked_at,
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

"""Commands that put a job in and stay with it until it has ended, or leave it to a worker."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from studio.cli.answer import Answer, printer
from studio.errors import StudioError

if TYPE_CHECKING:
    from studio.context import Studio
    from studio.jobs.table import Job
    from studio.worker.supervisor import Worker


def job_options(parser: argparse.ArgumentParser) -> None:
    """`--detach`, `--webhook` and `--where`, as all of these commands take them."""
    parser.add_argument(
        "--detach", action="store_true", help="only put the job in, and print its number"
    )
    parser.add_argument(
        "--webhook", default="", metavar="ADDRESS", help="is told, signed, when the job has ended"
    )
    where_option(parser)


def where_option(parser: argparse.ArgumentParser) -> None:
    """`--where`: what computes it."""
    parser.add_argument(
        "--where",
        default="here",
        metavar="MACHINE",
        help="that computes it: here, a machine by its name, or cheapest",
    )


def put_in(
    studio: Studio, kind: str, payload: Mapping[str, Any], arguments: argparse.Namespace
) -> Job:
    """The job, put in by whoever acts, or StudioError as `submit.ask`."""
    from studio import context
    from studio.worker import submit

    return submit.ask(
        studio,
        kind,
        payload,
        asked_by=studio.settings.user,
        now=context.now(),
        webhook=arguments.webhook,
        where=arguments.where,
    )


def result_of(
    studio: Studio, job: Job, arguments: argparse.Namespace, taker: Worker | None = None
) -> dict[str, Any]:
    """What the job came to, its log shown meanwhile; StudioError where it failed or was cancelled.

    `taker` stays for further jobs; unset: one for this job alone.
    """
    from studio.worker.own_jobs import attend, taking

    say = printer(arguments)
    if taker is not None:
        ended = attend(taker, job, say)
    else:
        with taking(studio.settings, studio.engine, job.lane) as own:
            ended = attend(own, job, say)
    if ended.state != "done":
        raise StudioError(ended.error or f"Job {ended.id}: {ended.state}.", ended.remedy or "")
    return ended.result or {}


def detached(studio: Studio, jobs: Sequence[Job], arguments: argparse.Namespace) -> Answer:
    """What is answered where nobody waits: the numbers, and who may take them."""
    from studio import context
    from studio.jobs import workers

    alive, say = workers.alive(studio.engine, context.now()), printer(arguments)
    for job in jobs:
        say(str(job.id))
    lane = jobs[0].lane
    taking = [worker.name for worker in alive if lane in worker.lanes.split(",")]
    if not taking:
        say(f"No worker takes jobs of the lane {lane}. Start one: python -m studio worker")
    return {
        "id": jobs[0].id,
        "ids": [job.id for job in jobs],
        "kind": jobs[0].kind,
        "state": jobs[0].state,
        "workers": taking,
    }

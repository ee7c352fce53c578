"""`worker` and `jobs` on the command line."""

from __future__ import annotations

import argparse
import dataclasses
from typing import Any

from studio.cli.answer import Answer, Command, printer
from studio.cli.database import database
from studio.cli.number_flags import ID, number, whole
from studio.settings import Settings

NAMES = ("interactive", "short", "work", "elsewhere")  # of the lanes


def add(command: Command, commands: Any) -> None:
    """Add both to the top's `commands`; `command` makes one with what all take."""
    parser = command("worker", worker, "Take jobs and do them, until Ctrl-C")
    parser.add_argument("--lane", choices=NAMES, help="only this one; unset: all")
    parser.add_argument(
        "--idle",
        type=number(0, 100_000),
        default=15,
        metavar="MINUTES",
        help="after which an unused pipeline is unloaded",
    )
    jobs = commands.add_parser("jobs", help="List, cancel and read jobs")
    inner = jobs.add_subparsers(required=True, metavar="COMMAND")
    parser = command("list", list_jobs, "The newest jobs", inner)
    parser.add_argument("--state", choices=("queued", "running", "done", "failed", "cancelled"))
    parser.add_argument("--request", metavar="ID", help="only what came of this request")
    parser.add_argument("--limit", type=whole(1, 10_000), default=20)
    parser = command("cancel", cancel, "Cancel a job", inner)
    parser.add_argument("id", type=ID, metavar="ID")
    parser = command("log", log, "A job's log", inner)
    parser.add_argument("id", type=ID, metavar="ID")


def worker(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`worker`."""
    from studio.jobs.table import LANES
    from studio.worker.supervisor import Pace, work

    lanes = [lane for lane in LANES if arguments.lane in (None, lane)]
    pace = Pace(idle=arguments.idle * 60)
    return {"exit": work(settings, printer(arguments), pace=pace, lanes=lanes)}


def list_jobs(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`jobs list`."""
    from studio.jobs import queue
    from studio.worker.kind_table import left_alone

    states = [arguments.state] if arguments.state else []
    engine = database(settings)
    request, limit = arguments.request, arguments.limit
    newest = queue.listing(engine, states=states, request_id=request, limit=limit)
    for job in newest:
        waits = left_alone(job) if job.state == "queued" else ""
        says = job.error or waits or job.says
        printer(arguments)(
            f"{job.id:5}  {job.kind:8}  {job.state:9}  {job.asked_by}  {says}".rstrip()
        )
    if not newest:
        printer(arguments)("No job.")
    return {"jobs": [dataclasses.asdict(job) for job in newest]}


def cancel(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`jobs cancel`."""
    from studio.jobs import queue
    from studio.worker.supervisor import clock

    engine = database(settings)
    job = queue.cancel(engine, arguments.id, settings.user, clock())
    waits = job.state == "running"
    printer(arguments)(f"Job {job.id}: {'its worker ends it now' if waits else job.state}.")
    return dataclasses.asdict(job)


def log(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`jobs log`."""
    from studio.jobs import queue

    job = queue.get(database(settings), arguments.id)
    text = queue.read_log(settings.home, job)
    printer(arguments)(text.rstrip() or f"Job {job.id} has said nothing yet.")
    return {"id": job.id, "log": text}

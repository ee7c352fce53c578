"""`queue` on the command line: trainings that wait, their order and when they begin."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from typing import Any

from studio.cli import own_job
from studio.cli.answer import Answer, Command, printer
from studio.cli.database import database
from studio.cli.number_flags import ID
from studio.cli.train import asked_settings, training_options
from studio.settings import Settings


def add(command: Command, commands: Any) -> None:
    """Add them to the top's `commands`; `command` makes one with what all take."""
    top = commands.add_parser("queue", help="The queue of trainings, done one after the other")
    inner = top.add_subparsers(required=True, metavar="COMMAND")
    parser = command("add", add_training, "Put a training into the queue", inner)
    parser.add_argument("style", metavar="STYLE")
    training_options(parser)
    parser.add_argument("--at", default="", metavar="HH:MM", help="begin then; unset: at its turn")
    own_job.where_option(parser)
    command("list", show, "The trainings that wait, in order, and when all is done", inner)
    parser = command("move", move, "Have a training done before another", inner)
    parser.add_argument("id", type=ID, metavar="ID")
    parser.add_argument("--before", type=ID, required=True, metavar="ID")
    parser = command("begin", begin, "When those that wait may begin", inner)
    parser.add_argument("at", metavar="HH:MM", help="a time of day, or: now")
    parser = command("remove", remove, "Take a training out of the queue", inner)
    parser.add_argument("id", type=ID, metavar="ID")


def add_training(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`queue add`."""
    from studio import context
    from studio.worker import submit, train_schedule

    studio = context.open_studio(settings)
    config = asked_settings(studio, arguments)
    at = train_schedule.next_at(arguments.at, context.now().astimezone()) if arguments.at else None
    payload = {
        "style": arguments.style,
        "dataset": arguments.dataset,
        "preset": arguments.preset,
        "settings": asdict(config),
    }
    job = submit.ask(
        studio,
        "train",
        payload,
        asked_by=settings.user,
        now=context.now(),
        not_before=at,
        where=arguments.where,
    )
    return show(settings, arguments) | {"id": job.id}


def show(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`queue list`."""
    from studio import context
    from studio.diffusion import base_offers
    from studio.jobs import workers
    from studio.worker import train_schedule
    from studio.worker.kind_table import title

    studio, now = context.open_studio(settings), context.now()
    alive = workers.alive(studio.engine, now)
    device = base_offers.device(settings.device, [worker.device for worker in alive])
    found = train_schedule.schedule(studio, now, device)
    say, rows = printer(arguments), []
    for one in found.waiting:
        begins, ends = one.begins.astimezone(), one.ends.astimezone()
        style = one.job.payload.get("style", "")
        name = style or title(one.job)
        say(f"{one.job.id:5}  {name:20}  {begins:%d %b %H:%M} to about {ends:%d %b %H:%M}")
        rows.append({"id": one.job.id, "style": style, "begins": begins, "ends": ends})
    for job in found.paused:
        say(f"{job.id:5}  {job.payload.get('style') or title(job):20}  paused")
    if found.waiting:
        last = max(one.ends for one in found.waiting)
        say(f"All done at about {last.astimezone():%d %b %H:%M}.")
    elif not found.paused:
        say("No training waits.")
    return {"waiting": rows, "paused": [job.id for job in found.paused]}


def move(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`queue move`."""
    from studio.jobs import queue_order

    engine = database(settings)
    queue_order.put_before(engine, arguments.id, arguments.before, settings.user)
    return show(settings, arguments)


def begin(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`queue begin`."""
    from studio import context
    from studio.jobs import queue_order
    from studio.worker import train_schedule
    from studio.worker.kind_table import exclusive

    engine = database(settings)
    now = context.now().astimezone()
    at = None if arguments.at == "now" else train_schedule.next_at(arguments.at, now)
    ids = [job.id for job in queue_order.waiting(engine, exclusive())]
    queue_order.begin_at(engine, ids, at, settings.user)
    return show(settings, arguments)


def remove(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`queue remove`."""
    from studio import context
    from studio.jobs import queue

    engine = database(settings)
    queue.cancel(engine, arguments.id, settings.user, context.now())
    return show(settings, arguments)

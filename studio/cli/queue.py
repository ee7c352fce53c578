"""`night` on the command line: trainings that wait, their order and when they begin."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from studio.cli.answer import Answer, say
from studio.errors import StudioError
from studio.settings import Settings


def add(command: Callable[..., argparse.ArgumentParser], commands: Any) -> None:
    """Add them to the top's `commands`; `command` makes one with the options that all have."""
    night = commands.add_parser("night", help="Trainings that are done one after the other")
    inner = night.add_subparsers(required=True, metavar="COMMAND")
    one = command("add", add_training, "Let a training wait for its turn", inner)
    one.add_argument("style", metavar="STYLE")
    training_options(one)
    one.add_argument("--at", default="", metavar="HH:MM", help="begin then; unset: at its turn")
    command("list", show, "Those that wait, in order, and when all is done", inner)
    one = command("move", move, "Have a training done before another", inner)
    one.add_argument("id", type=int, metavar="ID")
    one.add_argument("--before", type=int, required=True, metavar="ID")
    one = command("begin", begin, "When those that wait may begin", inner)
    one.add_argument("at", metavar="HH:MM", help="a time of day, or: now")
    one = command("remove", remove, "Take a training out", inner)
    one.add_argument("id", type=int, metavar="ID")


def training_options(one: argparse.ArgumentParser) -> None:
    """What a training is asked with on the command line."""
    one.add_argument("--dataset", required=True, metavar="NAME[@VERSION]")
    one.add_argument("--preset", default="balanced", help="fast, balanced or quality")
    one.add_argument("--config", type=Path, metavar="FILE", help="YAML file of settings")
    one.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="one training setting; may be given many times",
    )


def flags(words: list[str]) -> dict[str, Any]:
    """The values of `--set NAME=VALUE`."""
    found: dict[str, Any] = {}
    for text in words:
        name, equals, value = text.partition("=")
        if not equals:
            raise StudioError(f"--set {text} has no value.", "Write --set NAME=VALUE.")
        found[name] = value
    return found


def add_training(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`night add`."""
    from studio import context
    from studio.training.config import load_config
    from studio.worker import submit
    from studio.workflows import train_schedule

    config = load_config(arguments.preset, arguments.config, flags(arguments.set))
    studio = context.open_studio(settings)
    at = train_schedule.next_at(arguments.at, context.now().astimezone()) if arguments.at else None
    payload = {
        "style": arguments.style,
        "dataset": arguments.dataset,
        "preset": arguments.preset,
        "settings": asdict(config),
    }
    job = submit.ask(
        studio, "train", payload, asked_by=settings.user, now=context.now(), not_before=at
    )
    return show(settings, arguments) | {"id": job.id}


def show(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`night list`."""
    from studio import context
    from studio.diffusion import base_offers
    from studio.jobs import workers
    from studio.workflows import train_schedule

    studio, now = context.open_studio(settings), context.now()
    alive = workers.alive(studio.engine, now)
    device = base_offers.device(settings.device, [worker.device for worker in alive])
    planned = train_schedule.plan(studio, now, device)
    told, rows = say(arguments), []
    for one in planned:
        begins, ends = one.begins.astimezone(), one.ends.astimezone()
        style = one.job.payload["style"]
        told(f"{one.job.id:5}  {style:20}  {begins:%d %b %H:%M} to about {ends:%d %b %H:%M}")
        rows.append({"id": one.job.id, "style": style, "begins": begins, "ends": ends})
    for job in (paused := train_schedule.paused(studio)):
        told(f"{job.id:5}  {job.payload['style']:20}  paused")
    if planned:
        told(f"All done at about {max(one.ends for one in planned).astimezone():%d %b %H:%M}.")
    elif not paused:
        told("No training waits.")
    return {"waiting": rows, "paused": [job.id for job in paused]}


def move(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`night move`."""
    from studio.database import engine as db
    from studio.jobs import queue_order

    engine = db.open_database(settings.home, settings.database_url)
    queue_order.put_before(engine, arguments.id, arguments.before, settings.user)
    return show(settings, arguments)


def begin(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`night begin`."""
    from studio import context
    from studio.database import engine as db
    from studio.jobs import queue_order
    from studio.workflows import train_schedule

    engine = db.open_database(settings.home, settings.database_url)
    now = context.now().astimezone()
    at = None if arguments.at == "now" else train_schedule.next_at(arguments.at, now)
    ids = [job.id for job in queue_order.waiting(engine, train_schedule.KINDS)]
    queue_order.begin_at(engine, ids, at, settings.user)
    return show(settings, arguments)


def remove(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`night remove`."""
    from studio import context
    from studio.database import engine as db
    from studio.jobs import queue

    engine = db.open_database(settings.home, settings.database_url)
    queue.cancel(engine, arguments.id, settings.user, context.now())
    return show(settings, arguments)

"""`request` on the command line: ask for a version in production, accept, refuse."""

from __future__ import annotations

import argparse
import dataclasses
from typing import Any

from studio.cli.answer import Answer, Command, printer
from studio.cli.number_flags import ID
from studio.settings import Settings


def add(command: Command, commands: Any) -> None:
    """Add it to the top's `commands`; `command` makes one with what all take."""
    top = commands.add_parser("request", help="Ask for a version in production, accept, refuse")
    inner = top.add_subparsers(required=True, metavar="COMMAND")
    parser = command("ask", ask, "Ask the producers for a version in production", inner)
    parser.add_argument("style", metavar="STYLE")
    parser.add_argument("version", type=ID, metavar="VERSION")
    parser.add_argument("--why", required=True, metavar="TEXT")
    command("list", listed, "What waits for a decision", inner)
    parser = command("accept", accept, "Put it into production, past the style's gates", inner)
    parser.add_argument("id", type=ID, metavar="ID")
    parser.add_argument("--answer", default="accepted", metavar="TEXT")
    parser.add_argument(
        "--override", default="", metavar="TEXT", help="why it may miss a gate; kept for good"
    )
    parser = command("refuse", refuse, "Refuse it with an answer", inner)
    parser.add_argument("id", type=ID, metavar="ID")
    parser.add_argument("--answer", required=True, metavar="TEXT")


def ask(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`request ask`."""
    from studio import context
    from studio.registry import models, requests

    studio = context.open_studio(settings)
    models.get(studio.client, arguments.style, arguments.version)
    made = requests.ask(
        studio.engine,
        style=arguments.style,
        number=arguments.version,
        actor=settings.user,
        why=arguments.why,
        now=context.now(),
    )
    printer(arguments)(f"Request {made.id}: {made.style} version {made.version} for production.")
    return dataclasses.asdict(made)


def listed(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`request list`."""
    from studio import context
    from studio.registry import requests

    waiting = requests.listing(context.open_studio(settings).engine, state="open")
    for request in waiting:
        printer(arguments)(
            f"{request.id:4}  {request.style} version {request.version}, "
            f"{request.asked_by}: {request.why}"
        )
    if not waiting:
        printer(arguments)("Nobody waits for a decision.")
    return {"requests": [dataclasses.asdict(request) for request in waiting]}


def accept(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`request accept`."""
    from studio import context
    from studio.registry import requests
    from studio.workflows import model_cards, release

    studio = context.open_studio(settings)
    release.accept(
        studio,
        arguments.id,
        actor=settings.user,
        answer=arguments.answer,
        now=context.now(),
        override=arguments.override,
    )
    done = requests.get(studio.engine, arguments.id)
    model_cards.write(studio, done.style, done.version)
    printer(arguments)(f"{done.style} version {done.version} is in production.")
    return dataclasses.asdict(done)


def refuse(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`request refuse`."""
    from studio import context
    from studio.registry import requests

    done = requests.decide(
        context.open_studio(settings).engine,
        arguments.id,
        False,
        actor=settings.user,
        answer=arguments.answer,
        now=context.now(),
    )
    printer(arguments)(f"Request {done.id} is refused.")
    return dataclasses.asdict(done)

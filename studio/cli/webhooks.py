"""`webhooks` on the command line: programs that are told of jobs that have ended."""

from __future__ import annotations

import argparse
import dataclasses
from typing import Any

from studio.cli.answer import Answer, Command, printer
from studio.cli.database import database
from studio.cli.number_flags import ID, whole
from studio.settings import Settings


def add(command: Command, commands: Any) -> None:
    """Add it to the top's `commands`; `command` makes one with what all take."""
    webhooks = commands.add_parser("webhooks", help="Programs that are told of ended jobs, signed")
    inner = webhooks.add_subparsers(required=True, metavar="COMMAND")
    parser = command("create", create, "Create a webhook; its secret is shown once", inner)
    parser.add_argument("name", metavar="NAME", help="the person whose jobs it is told of")
    parser.add_argument(
        "--url", default="", metavar="ADDRESS", help="where to; unset: where each job says"
    )
    parser.add_argument("--token", type=ID, metavar="ID", help="only jobs that it asked for")
    command("list", list_webhooks, "Every webhook that holds", inner)
    parser = command("secret", secret, "Give a webhook another secret; shown once", inner)
    parser.add_argument("id", type=ID, metavar="ID")
    parser = command("withdraw", withdraw, "End a webhook", inner)
    parser.add_argument("id", type=ID, metavar="ID")
    parser = command("deliveries", list_deliveries, "The newest messages and how they went", inner)
    parser.add_argument("--job", type=ID, metavar="ID", help="only of this job")
    parser.add_argument("--limit", type=whole(1, 10_000), default=20)
    parser = command("again", again, "Send a message once more", inner)
    parser.add_argument("id", type=ID, metavar="ID")


def create(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`webhooks create`."""
    from studio import context
    from studio.webhooks import hooks

    made, key = hooks.make(
        database(settings),
        arguments.name,
        arguments.url,
        networks=settings.private_networks,
        by=settings.user,
        now=context.now(),
        token=arguments.token,
    )
    printer(arguments)(f"Webhook {made.id} of {made.owner}: {made.says}. Its secret:")
    printer(arguments)(key)
    return {**dataclasses.asdict(made), "secret": key}


def list_webhooks(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`webhooks list`."""
    from studio.webhooks import hooks

    holding = hooks.listing(database(settings), _whose(settings))
    for one in holding:
        of = f", jobs of token {one.token}" if one.token else ""
        printer(arguments)(f"{one.id:5}  {one.owner}{of}  {one.says}")
    if not holding:
        printer(arguments)("No webhook.")
    return {"webhooks": [dataclasses.asdict(one) for one in holding]}


def secret(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`webhooks secret`."""
    from studio import context
    from studio.webhooks import hooks

    engine, now = database(settings), context.now()
    key = hooks.change_secret(engine, arguments.id, by=settings.user, now=now)
    printer(arguments)(f"Webhook {arguments.id} signs with this, for a day with the old one, too:")
    printer(arguments)(key)
    return {"id": arguments.id, "secret": key}


def withdraw(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`webhooks withdraw`."""
    from studio import context
    from studio.webhooks import hooks

    hooks.withdraw(database(settings), arguments.id, by=settings.user, now=context.now())
    printer(arguments)(f"Webhook {arguments.id} is told of nothing any more.")
    return {"id": arguments.id}


def list_deliveries(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`webhooks deliveries`."""
    from studio.masking import masked
    from studio.webhooks import deliveries

    whose, limit = _whose(settings), arguments.limit
    found = deliveries.listing(database(settings), owner=whose, job=arguments.job, limit=limit)
    for one in found:
        line = f"{one.id:5}  job {one.job}  {one.state}  {masked(one.url)}  {one.error}"
        printer(arguments)(line.rstrip())
    if not found:
        printer(arguments)("No message.")
    return {"deliveries": [{**dataclasses.asdict(one), "state": one.state} for one in found]}


def _whose(settings: Settings) -> str | None:
    """Whose webhooks who acts may see; None: everybody's."""
    from studio.accounts import rights
    from studio.webhooks import hooks

    return None if rights.allowed(settings.user, hooks.OTHERS) else settings.user


def again(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`webhooks again`."""
    from studio import context
    from studio.webhooks import deliveries

    engine, now = database(settings), context.now()
    deliveries.send_again(engine, arguments.id, by=settings.user, now=now)
    printer(arguments)(f"Message {arguments.id} is sent once more by the watcher.")
    return {"id": arguments.id}

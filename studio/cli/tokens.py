"""`tokens` on the command line: what commands and scripts act with."""

from __future__ import annotations

import argparse
import dataclasses
from typing import Any

from studio.accounts.rights import ROLES, SCOPES
from studio.cli.answer import Answer, Command, printer
from studio.cli.database import database
from studio.cli.number_flags import COUNT, ID
from studio.settings import Settings


def add(command: Command, commands: Any) -> None:
    """Add it to the top's `commands`; `command` makes one with what all take."""
    tokens = commands.add_parser("tokens", help="Tokens that commands and scripts act with")
    inner = tokens.add_subparsers(required=True, metavar="COMMAND")
    parser = command("create", create_token, "Create a token; it is shown once", inner)
    parser.add_argument("name", metavar="NAME", help="the person it acts as")
    parser.add_argument("--role", default="", choices=("", *ROLES), help="unset: the person's own")
    parser.add_argument("--for", dest="label", required=True, metavar="TEXT", help="what it is for")
    parser.add_argument("--scope", default="", choices=("", *SCOPES), help="unset: all of its role")
    parser.add_argument("--days", type=COUNT, default=90, help="after which it ends (90)")
    command("list", list_tokens, "Every token that holds", inner)
    parser = command("withdraw", withdraw, "End a token", inner)
    parser.add_argument("id", type=ID, metavar="ID")


def create_token(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`tokens create`."""
    from studio import context
    from studio.accounts import people, tokens

    engine = database(settings)
    role = arguments.role or people.named(engine, arguments.name).role
    token, secret = tokens.make(
        engine,
        arguments.name,
        role,
        label=arguments.label,
        days=arguments.days,
        by=settings.user,
        now=context.now(),
        scope=arguments.scope,
    )
    acts = f"{token.name}, {token.role}{f', for {token.scope} only' if token.scope else ''}"
    printer(arguments)(f"Token {token.id} acts as {acts}, until {token.until}:")
    printer(arguments)(secret)
    return {**dataclasses.asdict(token), "token": secret}


def list_tokens(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`tokens list`."""
    from studio import context
    from studio.accounts import tokens

    holding = tokens.listing(database(settings), context.now())
    for token in holding:
        used = f"last used {token.used_at}" if token.used_at else "never used"
        acts = f"{token.role}, {token.scope} only" if token.scope else token.role
        printer(arguments)(
            f"{token.id:5}  {token.name}, {acts}  {token.label}  until {token.until}, {used}"
        )
    if not holding:
        printer(arguments)("No token.")
    return {"tokens": [dataclasses.asdict(token) for token in holding]}


def withdraw(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`tokens withdraw`."""
    from studio import context
    from studio.accounts import tokens

    tokens.withdraw(database(settings), arguments.id, by=settings.user, now=context.now())
    printer(arguments)(f"Token {arguments.id} is good for nothing any more.")
    return {"id": arguments.id}

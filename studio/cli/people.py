"""`people` and `tokens` on the command line, and as whom every other command acts."""

from __future__ import annotations

import argparse
import dataclasses
import getpass
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from studio.accounts.rights import ROLES, close_house
from studio.cli.answer import Answer, say
from studio.errors import StudioError
from studio.settings import Settings

if TYPE_CHECKING:
    from sqlalchemy import Engine

# Who can run these on the studio's machine has its database in hand anyway.
ON_THE_MACHINE = frozenset(
    (
        "serve",
        "worker",
        "doctor",
        "people",
        "tokens",
        "pocket",
        "backup",
        "restore",
        "mlflow-server",
        "mlflow-move",
    )
)


def add(command: Callable[..., argparse.ArgumentParser], commands: Any) -> None:
    """Add both to the top's `commands`; `command` makes one with the options that all have."""
    people = commands.add_parser("people", help="Who may come in, and as what")
    inner = people.add_subparsers(required=True, metavar="COMMAND")
    one = command("add", add_person, "Add a person, with a password that is asked for", inner)
    one.add_argument("name", metavar="NAME")
    one.add_argument("--role", default="artist", choices=ROLES)
    command("list", list_people, "Everybody and their roles", inner)
    one = command("role", set_role, "Give a person another role", inner)
    one.add_argument("name", metavar="NAME")
    one.add_argument("role", choices=ROLES)
    for name, run, help in (
        ("password", set_password, "Give a person another password; their sessions end"),
        ("shut", shut, "Keep a person out; their sessions and tokens end"),
        ("admit", admit, "Let a person in again"),
        ("unlock", unlock, "Forget the wrong passwords of a name"),
    ):
        command(name, run, help, inner).add_argument("name", metavar="NAME")
    tokens = commands.add_parser("tokens", help="Tokens that commands and scripts act with")
    inner = tokens.add_subparsers(required=True, metavar="COMMAND")
    one = command("make", make_token, "Make a token; it is shown once", inner)
    one.add_argument("name", metavar="NAME", help="the person it acts as")
    one.add_argument("--role", default="", choices=("", *ROLES), help="unset: the person's own")
    one.add_argument("--for", dest="label", required=True, metavar="TEXT", help="what it is for")
    one.add_argument("--days", type=int, default=90, help="after which it ends (90)")
    command("list", list_tokens, "Every token that holds", inner)
    one = command("withdraw", withdraw, "End a token", inner)
    one.add_argument("id", type=int, metavar="ID")


def acting(settings: Settings, arguments: argparse.Namespace) -> Settings:
    """The settings with who acts. Where people sign in that is the token's person, and from here
    on this process refuses plain names; StudioError without a token that holds."""
    if not settings.sign_in.needed or arguments.command in ON_THE_MACHINE:
        return settings
    from studio import context
    from studio.accounts import refusal_log, tokens

    if not settings.sign_in.token:
        raise StudioError(
            "People sign in to this studio, so commands need a token.",
            "Make one on the page Your account and set STUDIO_TOKEN to it.",
        )
    engine = _engine(settings)
    refusal_log.keep(settings.home)
    try:
        actor = tokens.find(engine, settings.sign_in.token, context.now())
    finally:
        engine.dispose()
    if actor is None:
        refusal_log.note("", "a token that does not hold", asked=f"command {arguments.command}")
        raise StudioError(
            "The token in STUDIO_TOKEN does not hold: it is withdrawn, over, or none.",
            "Make another one on the page Your account.",
        )
    if arguments.user and arguments.user != actor:
        raise StudioError(
            f"--user is {arguments.user!r}, and the token is {actor}'s.", "Leave --user out."
        )
    close_house(True)
    return dataclasses.replace(settings, user=actor)


def add_person(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`people add`."""
    from studio import context
    from studio.accounts import people

    found = people.add(
        _engine(settings),
        arguments.name,
        arguments.role,
        password=_password(),
        by=settings.user,
        now=context.now(),
    )
    say(arguments)(f"{found.name} may come in as {found.role}.")
    return _as_record(found)


def list_people(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`people list`."""
    from studio.accounts import people

    found = people.listing(_engine(settings))
    for one in found:
        how = "identity provider" if one.provided else "password"
        say(arguments)(f"{one.name:24}{one.role:10}{'kept out' if one.shut else how}")
    if not found:
        say(arguments)("Nobody yet. Begin with: python -m studio people add NAME --role admin")
    return {"people": [_as_record(one) for one in found]}


def set_role(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`people role`."""
    from studio import context
    from studio.accounts import people

    found = people.set_role(
        _engine(settings), arguments.name, arguments.role, by=settings.user, now=context.now()
    )
    say(arguments)(f"{found.name} is {found.role}.")
    return _as_record(found)


def set_password(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`people password`."""
    from studio import context
    from studio.accounts import people

    engine = _engine(settings)
    people.named(engine, arguments.name)
    found = people.set_password(
        engine, arguments.name, _password(), by=settings.user, now=context.now()
    )
    say(arguments)(f"{found.name} has a new password; sessions that stood have ended.")
    return _as_record(found)


def shut(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`people shut`."""
    from studio import context
    from studio.accounts import people

    found = people.shut(_engine(settings), arguments.name, by=settings.user, now=context.now())
    say(arguments)(f"{found.name} is kept out.")
    return _as_record(found)


def admit(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`people admit`."""
    from studio import context
    from studio.accounts import people

    found = people.let_in(_engine(settings), arguments.name, by=settings.user, now=context.now())
    say(arguments)(f"{found.name} may come in as {found.role}.")
    return _as_record(found)


def unlock(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`people unlock`."""
    from studio.accounts import sign_in

    sign_in.forget_tries(_engine(settings), arguments.name)
    say(arguments)(f"{arguments.name} may try again.")
    return {"name": arguments.name}


def make_token(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`tokens make`."""
    from studio import context
    from studio.accounts import people, tokens

    engine = _engine(settings)
    role = arguments.role or people.named(engine, arguments.name).role
    token, secret = tokens.make(
        engine,
        arguments.name,
        role,
        label=arguments.label,
        days=arguments.days,
        by=settings.user,
        now=context.now(),
    )
    say(arguments)(f"Token {token.id} acts as {token.name}, {token.role}, until {token.until}:")
    say(arguments)(secret)
    return {**dataclasses.asdict(token), "token": secret}


def list_tokens(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`tokens list`."""
    from studio import context
    from studio.accounts import tokens

    found = tokens.listing(_engine(settings), context.now())
    for one in found:
        used = f"last used {one.used_at}" if one.used_at else "never used"
        say(arguments)(
            f"{one.id:5}  {one.name}, {one.role}  {one.label}  until {one.until}, {used}"
        )
    if not found:
        say(arguments)("No token.")
    return {"tokens": [dataclasses.asdict(one) for one in found]}


def withdraw(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`tokens withdraw`."""
    from studio import context
    from studio.accounts import tokens

    tokens.withdraw(_engine(settings), arguments.id, by=settings.user, now=context.now())
    say(arguments)(f"Token {arguments.id} is good for nothing any more.")
    return {"id": arguments.id}


def _engine(settings: Settings) -> Engine:
    from studio.database import engine as db

    return db.open_database(settings.home, settings.database_url)


def _password() -> str:
    """Asked for twice at a terminal, else the first line of standard input: never an argument,
    which other people on the machine could read."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    given = getpass.getpass("Password: ")
    if getpass.getpass("The same again: ") != given:
        raise StudioError("The two passwords differ.", "Type the same one twice.")
    return given


def _as_record(person: Any) -> Answer:
    return dataclasses.asdict(person)

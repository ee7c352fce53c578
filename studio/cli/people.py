"""`people` on the command line."""

from __future__ import annotations

import argparse
import dataclasses
import getpass
import sys
from typing import Any

from studio.accounts.rights import ROLES
from studio.cli.answer import Answer, Command, printer
from studio.cli.database import database
from studio.errors import StudioError
from studio.settings import Settings


def add(command: Command, commands: Any) -> None:
    """Add it to the top's `commands`; `command` makes one with what all take."""
    people = commands.add_parser("people", help="Who may come in, and as what")
    inner = people.add_subparsers(required=True, metavar="COMMAND")
    parser = command("add", add_person, "Add a person, with a password that is asked for", inner)
    parser.add_argument("name", metavar="NAME")
    parser.add_argument("--role", default="artist", choices=ROLES)
    command("list", list_people, "Everybody and their roles", inner)
    parser = command("role", set_role, "Give a person another role", inner)
    parser.add_argument("name", metavar="NAME")
    parser.add_argument("role", choices=ROLES)
    parser.add_argument(
        "--from", dest="before", choices=ROLES, help="only if the person has this role now"
    )
    for name, run, help in (
        ("password", set_password, "Give a person another password; their sessions and tokens end"),
        ("disable", disable, "Deactivate a person; their sessions and tokens end"),
        ("enable", enable, "Reactivate a person"),
        ("unlock", unlock, "Unlock a name after wrong passwords"),
    ):
        command(name, run, help, inner).add_argument("name", metavar="NAME")


def add_person(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`people add`."""
    from studio import context
    from studio.accounts import people

    person = people.add(
        database(settings),
        arguments.name,
        arguments.role,
        password=_password(),
        by=settings.user,
        now=context.now(),
    )
    printer(arguments)(f"{person.name} may come in as {person.role}.")
    return _as_record(person)


def list_people(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`people list`."""
    from studio.accounts import people

    everybody = people.listing(database(settings))
    for person in everybody:
        how = "identity provider" if person.provided else "password"
        printer(arguments)(
            f"{person.name:24}{person.role:10}{'deactivated' if person.shut else how}"
        )
    if not everybody:
        printer(arguments)("Nobody yet. Begin with: python -m studio people add NAME --role admin")
    return {"people": [_as_record(person) for person in everybody]}


def set_role(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`people role`."""
    from studio import context
    from studio.accounts import people

    engine = database(settings)
    person = people.set_role(
        engine,
        arguments.name,
        arguments.role,
        before=arguments.before or people.named(engine, arguments.name).role,
        by=settings.user,
        now=context.now(),
    )
    printer(arguments)(f"{person.name} is {person.role}.")
    return _as_record(person)


def set_password(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`people password`."""
    from studio import context
    from studio.accounts import people

    engine = database(settings)
    people.named(engine, arguments.name)
    person = people.set_password(
        engine, arguments.name, _password(), by=settings.user, now=context.now()
    )
    printer(arguments)(
        f"{person.name} has a new password; sessions and tokens that stood have ended."
    )
    return _as_record(person)


def disable(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`people disable`."""
    from studio import context
    from studio.accounts import people

    person = people.shut(database(settings), arguments.name, by=settings.user, now=context.now())
    printer(arguments)(f"{person.name} is deactivated.")
    return _as_record(person)


def enable(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`people enable`."""
    from studio import context
    from studio.accounts import people

    person = people.let_in(database(settings), arguments.name, by=settings.user, now=context.now())
    printer(arguments)(f"{person.name} may come in as {person.role}.")
    return _as_record(person)


def unlock(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`people unlock`."""
    from studio import context
    from studio.accounts import sign_in

    engine = database(settings)
    sign_in.unlock(engine, arguments.name, by=settings.user, now=context.now())
    printer(arguments)(f"{arguments.name} may try again.")
    return {"name": arguments.name}


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

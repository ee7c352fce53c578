"""`machine` on the command line: machines that jobs are sent to, and serving as one."""

from __future__ import annotations

import argparse
import getpass
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.cli import machine_serve
from studio.cli.answer import Answer, Command, printer
from studio.cli.database import database
from studio.cli.number_flags import number, whole
from studio.errors import StudioError
from studio.settings import Settings

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from studio.remote.connection import Connection
    from studio.remote.machines import Machine


def add(command: Command, commands: Any) -> None:
    """Add it to the top's `commands`; `command` makes one with what all take."""
    machine = commands.add_parser("machine", help="Machines that jobs are sent to, or serving")
    inner = machine.add_subparsers(required=True, metavar="COMMAND")
    parser = command("add", add_machine, "Add a machine, or give one another address or key", inner)
    parser.add_argument("name", metavar="NAME")
    parser.add_argument("address", metavar="ADDRESS", help="as https://gpu.example.com:8460")
    parser.add_argument(
        "--key-file",
        type=Path,
        metavar="FILE",
        help="holds the token that it takes; unset: typed in, or read from standard input",
    )
    parser.add_argument(
        "--kind",
        action="append",
        default=[],
        metavar="KIND",
        help="only these; unset: all it takes",
    )
    parser.add_argument(
        "--seconds",
        type=whole(1, 30 * 24 * 3_600),
        default=3_600,
        help="that one job may compute there, and the most it can cost (3600)",
    )
    parser.add_argument("--price", default="", metavar="AMOUNT", help="unset: it costs nothing")
    parser.add_argument("--per", choices=("second", "minute", "hour"), default="second")
    parser.add_argument("--currency", default="", metavar="CODE", help="of the price, as USD")
    parser.add_argument(
        "--idle-close",
        type=number(0, 1_440),
        metavar="MINUTES",
        help="without a job, after which it ends itself where it may; unset: as it is set",
    )
    command("list", list_machines, "Every machine, what it is and what it did", inner)
    parser = command("test", test, "Ask a machine what it is and has", inner)
    parser.add_argument("name", metavar="NAME")
    parser = command("remove", remove, "Forget a machine and its key", inner)
    parser.add_argument("name", metavar="NAME")
    parser = command("adapters", adapters, "Adapters on a machine: put, verify, delete", inner)
    parser.add_argument("name", metavar="NAME")
    parser.add_argument("--put", type=Path, metavar="FILE", help="a LoRA, as safetensors")
    parser.add_argument("--as", dest="called", default="", metavar="NAME", help="what it is called")
    parser.add_argument("--verify", action="store_true", help="have each read there and compared")
    parser.add_argument("--delete", default="", metavar="HASH", help="or the first letters of it")
    machine_serve.add(command, inner)


def add_machine(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`machine add`. The key is never given on the command line, which others here see."""
    from studio import context
    from studio.accounts.rights import check
    from studio.charges import money
    from studio.remote import machine_prices, machines
    from studio.worker.machine.capabilities import kinds_of

    check(settings.user, machines.RIGHT)
    engine, now = database(settings), context.now()
    kinds = kinds_of(arguments.kind) if arguments.kind else ()
    if arguments.price:
        money.read(arguments.price, arguments.currency)  # before anything is kept
    made = machines.add(
        engine,
        settings.home,
        arguments.name,
        arguments.address,
        _key(arguments),
        networks=settings.private_networks,
        kinds=kinds,
        seconds=arguments.seconds,
        idle_close=arguments.idle_close,
        by=settings.user,
        now=now,
    )
    say = printer(arguments)
    say(f"{made.name} at {made.address}. Its key is kept sealed and is not shown again.")
    if arguments.price:
        machine_prices.save(
            engine,
            made.name,
            arguments.price,
            arguments.per,
            arguments.currency,
            by=settings.user,
            now=now,
        )
        say(f"A {arguments.per} of it costs {arguments.price} {arguments.currency.upper()}.")
    say(f"Test it: python -m studio machine test {made.name}")
    return {"machine": asdict(made)}


def list_machines(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`machine list`."""
    from studio.accounts.rights import check
    from studio.remote import machines, runs

    check(settings.user, "look")
    engine, say = database(settings), printer(arguments)
    found = machines.listing(engine)
    did = runs.totals(engine, [one.name for one in found])
    for one in found:
        count, computed = did.get(one.name, (0, 0))
        say(f"{one.name}  {one.address}  {_told(one)}; {count:,} runs, {computed / 1_000:,.0f} s")
    if not found:
        say("No machine: all jobs are done here.")
    rows = [
        {
            **asdict(one),
            "runs": did.get(one.name, (0, 0))[0],
            "computed_ms": did.get(one.name, (0, 0))[1],
        }
        for one in found
    ]
    return {"machines": rows}


def test(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`machine test`."""
    from studio import context
    from studio.remote import client, machines, words

    engine, machine, connection = _connected(settings, arguments.name)
    try:
        found = client.health(connection)
    except StudioError as error:
        machines.note(engine, machine.name, None, error.message, context.now())
        raise
    finally:
        connection.close()
    machines.note(engine, machine.name, found, "", context.now())
    say = printer(arguments)
    for line in words.lines_of(found):
        say(line)
    if wrong := words.other_program(found):
        say(f"It can't be used yet: {wrong}")
    return {"machine": found.as_json(), "wrong": wrong}


def remove(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`machine remove`."""
    from studio import context
    from studio.remote import machines

    machines.remove(database(settings), arguments.name, by=settings.user, now=context.now())
    printer(arguments)(f"{arguments.name} is forgotten, with its key.")
    return {"name": arguments.name}


def adapters(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`machine adapters`."""
    from studio.accounts.rights import check
    from studio.remote import client, machines
    from studio.store.contents import digest_of

    changes = arguments.put or arguments.delete
    check(settings.user, machines.RIGHT if changes else "look")
    _, machine, connection = _connected(settings, arguments.name)
    say = printer(arguments)
    try:
        if arguments.put:
            name = arguments.called or arguments.put.stem
            client.put_adapter(connection, digest_of(arguments.put), arguments.put, name)
            say(f"{name} is on {machine.name}.")
        if arguments.delete:
            hash = _one(client.adapters(connection), arguments.delete)
            client.delete_adapter(connection, hash)
            say(f"{hash[:12]} is gone from {machine.name}.")
        found = client.adapters(connection)
        for one in found:
            whole = client.verify_adapter(connection, one["hash"]) if arguments.verify else None
            word = "" if whole is None else "  whole" if whole else "  CHANGED"
            say(f"{one['hash'][:12]}  {one['name']}  {one['bytes'] / 1e6:,.1f} MB{word}")
            if whole is not None:
                one["whole"] = whole
    finally:
        connection.close()
    if not found:
        say(f"No adapter was put on {machine.name}.")
    return {"adapters": found}


def _connected(settings: Settings, name: str) -> tuple[Engine, Machine, Connection]:
    from studio.remote import machines

    engine = database(settings)
    machine = machines.get(engine, name)
    networks = settings.private_networks
    return engine, machine, machines.connected(engine, settings.home, machine, networks)


def _told(one: Machine) -> str:
    if one.trouble:
        return one.trouble
    if one.said is None:
        return "not tested yet"
    return f"{one.said.device}{f' {one.said.gpu}' if one.said.gpu else ''}"


def _key(arguments: argparse.Namespace) -> str:
    if arguments.key_file:
        try:
            return str(arguments.key_file.read_text("utf-8")).strip()
        except (OSError, UnicodeDecodeError) as error:
            raise StudioError(
                f"{arguments.key_file} can't be read: {error}.", "Give a file with the token."
            ) from error
    if sys.stdin.isatty():
        return getpass.getpass("Its token: ").strip()
    return sys.stdin.readline().strip()


def _one(found: list[dict[str, Any]], asked: str) -> str:
    """The hash of the adapter that is meant."""
    fits = [one["hash"] for one in found if one["hash"].startswith(asked.lower())]
    if len(fits) != 1 or len(asked) < 4:
        said = "no adapter" if not fits else "several adapters, or too few letters"
        raise StudioError(f"{asked[:64]!r} is {said} there.", "Give more of its hash.")
    return str(fits[0])

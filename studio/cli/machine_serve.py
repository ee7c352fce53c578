"""`machine serve` and `machine tokens`: this machine computes for studios elsewhere."""

from __future__ import annotations

import argparse
from typing import Any

from studio.cli.answer import Answer, Command, printer
from studio.cli.number_flags import number, whole
from studio.errors import StudioError
from studio.settings import PORTS, Settings

FIRST = "first"  # the token that is made where there is none


def add(command: Command, inner: Any) -> None:
    """Add them to `machine`'s commands."""
    parser = command("serve", serve, "Compute for studios elsewhere; a first token is shown", inner)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (127.0.0.1)")
    parser.add_argument("--port", type=whole(0, PORTS), default=8460, help="(8460)")
    parser.add_argument(
        "--kind", action="append", default=[], metavar="KIND", help="takes only these; unset: all"
    )
    parser.add_argument(
        "--at-once", type=whole(1, 64), default=1, help="jobs side by side beside drawing (1)"
    )
    parser.add_argument(
        "--idle-close",
        type=number(0, 1_440),
        default=0.0,
        metavar="MINUTES",
        help="without a job, after which it ends; 0: it stays (0)",
    )
    parser.add_argument(
        "--may-close", action="store_true", help="studios may say after how long it ends"
    )
    parser = command("tokens", tokens, "Tokens that this machine takes: create, withdraw", inner)
    parser.add_argument("--create", default="", metavar="NAME", help="a new one, shown once")
    parser.add_argument("--withdraw", default="", metavar="NAME", help="it opens nothing any more")


def serve(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`machine serve`. It needs neither the studio's database nor MLflow."""
    from studio import context
    from studio.worker.machine import server, tokens

    say = printer(arguments)
    settings.home.mkdir(parents=True, exist_ok=True)
    if not tokens.listing(settings.home):
        say("A studio needs this token to send jobs here. It is shown once:")
        say(tokens.make(settings.home, FIRST, context.now()))
    return {
        "exit": server.serve(
            settings,
            say,
            host=arguments.host,
            port=arguments.port,
            kinds=arguments.kind,
            at_once=arguments.at_once,
            idle_close=arguments.idle_close,
            may_close=arguments.may_close,
        )
    }


def tokens(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`machine tokens`."""
    from studio import context
    from studio.worker.machine import tokens as kept

    say, answer = printer(arguments), dict[str, Any]()
    if arguments.create and arguments.withdraw:
        raise StudioError("Two things are asked for at once.", "Create first, then withdraw.")
    if arguments.create:
        answer["token"] = kept.make(settings.home, arguments.create, context.now())
        say(f"{arguments.create} is shown once:")
        say(answer["token"])
    if arguments.withdraw:
        kept.withdraw(settings.home, arguments.withdraw)
        say(f"{arguments.withdraw} opens nothing any more.")
    found = kept.listing(settings.home)
    for name, made in found.items():
        say(f"{name}  made {made}")
    return {**answer, "tokens": found}

"""`rollout` on the command line: a new version for some of the people first."""

from __future__ import annotations

import argparse
import dataclasses
from typing import Any

from studio.cli.answer import Answer, Command, printer
from studio.cli.number_flags import AMOUNT, ID
from studio.errors import StudioError
from studio.settings import Settings


def add(command: Command, commands: Any) -> None:
    """Add it to the top's `commands`; `command` makes one with what all take."""
    top = commands.add_parser("rollout", help="A new version for some of the people first")
    inner = top.add_subparsers(required=True, metavar="COMMAND")
    parser = command("start", start, "Start one beside what is in production", inner)
    parser.add_argument("style", metavar="STYLE")
    parser.add_argument("version", type=ID, metavar="VERSION")
    parser.add_argument("--percent", type=AMOUNT, default=0.0, help="of all people, below 100")
    parser.add_argument("--people", default="", help="names with commas; @artist for all artists")
    parser.add_argument("--why", required=True, metavar="TEXT")
    parser.add_argument(
        "--override", default="", metavar="TEXT", help="why it may miss a gate; kept for good"
    )
    parser = command("change", change, "Another share, a pause; 100 puts it into production", inner)
    parser.add_argument("style", metavar="STYLE")
    parser.add_argument("--percent", type=AMOUNT)
    parser.add_argument("--people", help="names with commas; @artist for all artists")
    parser.add_argument(
        "--pause", action="store_true", help="everybody draws with production meanwhile"
    )
    parser.add_argument("--resume", action="store_true", help="end the pause")
    parser.add_argument("--why", required=True, metavar="TEXT")
    parser.add_argument(
        "--override",
        default="",
        metavar="TEXT",
        help="at 100: why it may miss a gate; kept for good",
    )
    parser = command("abort", abort, "End it: everybody draws with production again", inner)
    parser.add_argument("style", metavar="STYLE")
    parser.add_argument("--why", required=True, metavar="TEXT")
    parser = command("show", show, "How it goes: what people approve of in each arm", inner)
    parser.add_argument("style", metavar="STYLE")


def start(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`rollout start`."""
    from studio import context
    from studio.registry.rollout_records import shares
    from studio.workflows import release

    going = release.begin_rollout(
        context.open_studio(settings),
        style=arguments.style,
        number=arguments.version,
        percent=arguments.percent,
        people=_names(arguments.people),
        actor=settings.user,
        why=arguments.why,
        now=context.now(),
        override=arguments.override,
    )
    printer(arguments)(f"{going.style} version {going.version} goes to {shares(going)}.")
    return dataclasses.asdict(going)


def change(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`rollout change`."""
    from studio import context
    from studio.registry import rollout
    from studio.registry.rollout_records import shares
    from studio.workflows import release

    if arguments.pause and arguments.resume:
        raise StudioError("--pause and --resume are both given.", "Give one of them.")
    studio = context.open_studio(settings)
    if arguments.percent == 100:
        going = release.complete_rollout(
            studio,
            style=arguments.style,
            actor=settings.user,
            why=arguments.why,
            now=context.now(),
            override=arguments.override,
        )
        printer(arguments)(f"{going.style} version {going.version} is in production.")
        return dataclasses.asdict(going)
    going = rollout.change(
        studio.engine,
        studio.client,
        style=arguments.style,
        actor=settings.user,
        why=arguments.why,
        now=context.now(),
        percent=arguments.percent,
        people=None if arguments.people is None else _names(arguments.people),
        paused=True if arguments.pause else False if arguments.resume else None,
    )
    printer(arguments)(f"{going.style} version {going.version}: {going.state}, {shares(going)}")
    return dataclasses.asdict(going)


def abort(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`rollout abort`."""
    from studio import context
    from studio.registry import rollout

    studio = context.open_studio(settings)
    going = rollout.abort(
        studio.engine,
        studio.client,
        style=arguments.style,
        actor=settings.user,
        why=arguments.why,
        now=context.now(),
    )
    printer(arguments)(f"The rollout of {going.style} version {going.version} is ended.")
    return dataclasses.asdict(going)


def show(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`rollout show`."""
    from studio import context
    from studio.registry.rollout_records import current, shares
    from studio.workflows import rollout_outcomes

    studio = context.open_studio(settings)
    going = current(studio.engine, arguments.style)
    if going is None:
        printer(arguments)(f"Nothing of {arguments.style} is being rolled out.")
        return {"style": arguments.style, "rollout": None}
    outcomes = rollout_outcomes.look(studio.engine, going)
    old, new = outcomes.old, outcomes.new
    printer(arguments)(f"Version {going.version} goes to {shares(going)}, {going.state}.")
    for arm in (old, new):
        printer(arguments)(f"version {arm.version}: {arm.approved} of {arm.judged} approved")
    printer(arguments)(
        f"{outcomes.people} people judged both; fewer than {rollout_outcomes.PEOPLE} end nothing."
    )
    return {
        "rollout": dataclasses.asdict(going),
        "arms": [dataclasses.asdict(arm) for arm in (old, new)],
        "people": outcomes.people,
        "decision": {"a": "worse", "b": "better"}.get(outcomes.verdict.decision, "undecided"),
    }


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]

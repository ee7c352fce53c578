"""Releases on the command line: stages, gates, rollouts, what was in production when."""

from __future__ import annotations

import argparse
import dataclasses
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from studio.cli.answer import Answer, say
from studio.database.availability import DatabaseAway, Unsure
from studio.errors import StudioError
from studio.settings import Settings


def add(command: Callable[..., argparse.ArgumentParser], commands: Any) -> None:
    """Add all to the top's `commands`; `command` makes one with the options that all have."""
    one = command("promote", promote, "Move a version to a stage")
    one.add_argument("style", metavar="STYLE")
    one.add_argument("version", type=int, metavar="VERSION")
    one.add_argument("stage", metavar="STAGE", help="candidate, staging, production or archived")
    one.add_argument("--why", required=True, metavar="TEXT")
    one.add_argument(
        "--override",
        default="",
        metavar="TEXT",
        help="why it goes into production though it misses a gate",
    )
    one = command("rollback", rollback, "Put the version before back into production")
    one.add_argument("style", metavar="STYLE")
    one.add_argument(
        "--from",
        dest="held",
        type=int,
        metavar="VERSION",
        help="only if this is in production: sent again, it counts once",
    )
    one.add_argument("--why", required=True, metavar="TEXT")
    one = command("gates", gates, "What a version must show before production")
    one.add_argument("style", metavar="STYLE")
    one.add_argument(
        "version",
        type=int,
        nargs="?",
        metavar="VERSION",
        help="hold the gates against this version",
    )
    one.add_argument("--set", type=Path, metavar="FILE", help="keep this YAML as the gates")
    one = command("production", production, "What is in production, now or at a moment")
    one.add_argument("style", metavar="STYLE")
    one.add_argument("--at", metavar="TIME", help="2026-03-31, or 2026-03-31T18:00 in UTC")
    one.add_argument(
        "--for",
        dest="person",
        default="",
        metavar="NAME",
        help="what this person draws with now, and why",
    )
    top = commands.add_parser("rollout", help="A new version for some of the people first")
    inner = top.add_subparsers(required=True, metavar="COMMAND")
    one = command("begin", begin, "Begin one beside what is in production", inner)
    one.add_argument("style", metavar="STYLE")
    one.add_argument("version", type=int, metavar="VERSION")
    one.add_argument("--percent", type=float, default=0.0, help="of all people, below 100")
    one.add_argument("--people", default="", help="names with commas; @artist for all artists")
    one.add_argument("--why", required=True, metavar="TEXT")
    one.add_argument("--override", default="", metavar="TEXT", help="why it may miss a gate")
    one = command("change", change, "Another share, a pause; 100 puts it into production", inner)
    one.add_argument("style", metavar="STYLE")
    one.add_argument("--percent", type=float)
    one.add_argument("--people", help="names with commas; @artist for all artists")
    one.add_argument("--pause", action="store_true")
    one.add_argument("--go-on", action="store_true")
    one.add_argument("--why", required=True, metavar="TEXT")
    one.add_argument(
        "--override", default="", metavar="TEXT", help="at 100: why it may miss a gate"
    )
    one = command("abort", abort, "End it: everybody draws with production again", inner)
    one.add_argument("style", metavar="STYLE")
    one.add_argument("--why", required=True, metavar="TEXT")
    one = command("show", show, "How it goes: what people approve of in each arm", inner)
    one.add_argument("style", metavar="STYLE")


def promote(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`promote`."""
    from studio import context
    from studio.workflows import model_cards, release

    studio = context.open_studio(settings)
    done = release.promote(
        studio,
        style=arguments.style,
        number=arguments.version,
        to=arguments.stage,
        actor=settings.user,
        why=arguments.why,
        now=context.now(),
        override=arguments.override,
    )
    say(arguments)(f"{done.style} version {done.number}: {done.from_stage} -> {done.to_stage}")
    with suppress(DatabaseAway):  # the move is made; the worker writes cards too
        for number in filter(None, (done.number, done.previous)):
            model_cards.write(studio, done.style, number)
    return dataclasses.asdict(done)


def rollback(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`rollback`."""
    from studio import context
    from studio.registry import stages
    from studio.workflows import model_cards

    studio, held = context.open_studio(settings), arguments.held
    seen = stages.production(studio.engine, arguments.style) if held is None else held
    try:
        done = stages.rollback(
            studio.engine,
            studio.client,
            style=arguments.style,
            actor=settings.user,
            why=arguments.why,
            now=context.now(),
            expect=held,
        )
    except Unsure as error:
        again = f"With --from {seen or 0} the same command counts once, whenever it is sent."
        raise Unsure(error.message, f"{error.remedy} {again}") from error
    instead = f", in place of version {done.previous}" if done.previous else ""
    say(arguments)(f"{done.style} version {done.number} is in production again{instead}.")
    with suppress(DatabaseAway):
        for number in filter(None, (done.number, done.previous)):
            model_cards.write(studio, done.style, number)
    return dataclasses.asdict(done)


def gates(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`gates`. The exit code is 1 where the version misses one."""
    from studio import context
    from studio.registry import gates as files
    from studio.workflows import release

    studio = context.open_studio(settings)
    if arguments.set:
        try:
            text = arguments.set.read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise StudioError(f"{arguments.set} can't be read: {error}.", "Give a file.") from error
        release.save_gates(studio, arguments.style, text, settings.user)
    found = files.load(studio.home, arguments.style)
    if arguments.version is None:
        say(arguments)(
            found.text or f"{arguments.style} has no gates. An example:\n{files.EXAMPLE}"
        )
        return {"style": arguments.style, "version": found.version, "text": found.text}
    checked = release.held(studio, arguments.style, arguments.version)
    for one in checked:
        say(arguments)(f"{one.state:8} {one.gate:18} asked: {one.asks}; {one.says}")
    if not checked:
        say(arguments)(f"{arguments.style} has no gates.")
    return {
        "gates": [dataclasses.asdict(one) for one in checked],
        "exit": int(any(not one.met for one in checked)),
    }


def production(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`production`."""
    from studio import context
    from studio.registry import stages, version_choice

    studio = context.open_studio(settings)
    style, at, user = arguments.style, arguments.at, arguments.person
    if user:
        chosen = version_choice.choose(studio.engine, style, user)
        say(arguments)(chosen.why)
        return {"style": style, "version": chosen.version, "why": chosen.why}
    moment = _moment(at) if at else context.now()
    number = stages.in_production_at(studio.engine, style, moment)
    said = "nothing" if number is None else f"version {number}"
    when = f"at {moment.isoformat(timespec='seconds')}" if at else "now"
    say(arguments)(f"In production of {style} {when}: {said}")
    return {"style": style, "at": moment.isoformat(), "version": number}


def begin(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`rollout begin`."""
    from studio import context
    from studio.registry import rollout
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
    say(arguments)(f"{going.style} version {going.version} goes to {rollout.shares(going)}.")
    return dataclasses.asdict(going)


def change(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`rollout change`."""
    from studio import context
    from studio.registry import rollout
    from studio.workflows import release

    if arguments.pause and arguments.go_on:
        raise StudioError("--pause and --go-on are both given.", "Give one of them.")
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
        say(arguments)(f"{going.style} version {going.version} is in production.")
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
        paused=True if arguments.pause else False if arguments.go_on else None,
    )
    say(arguments)(f"{going.style} version {going.version}: {going.state}, {rollout.shares(going)}")
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
    say(arguments)(f"The rollout of {going.style} version {going.version} is ended.")
    return dataclasses.asdict(going)


def show(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`rollout show`."""
    from studio import context
    from studio.registry import rollout
    from studio.workflows import rollout_outcomes

    studio = context.open_studio(settings)
    going = rollout.current(studio.engine, arguments.style)
    if going is None:
        say(arguments)(f"Nothing of {arguments.style} is being rolled out.")
        return {"style": arguments.style, "rollout": None}
    found = rollout_outcomes.look(studio.engine, going)
    old, new = found.old, found.new
    say(arguments)(f"Version {going.version} goes to {rollout.shares(going)}, {going.state}.")
    for arm in (old, new):
        say(arguments)(f"version {arm.version}: {arm.approved} of {arm.judged} approved")
    say(arguments)(
        f"{found.people} people judged both; fewer than {rollout_outcomes.PEOPLE} end nothing."
    )
    return {
        "rollout": dataclasses.asdict(going),
        "arms": [dataclasses.asdict(arm) for arm in (old, new)],
        "people": found.people,
        "decision": {"a": "worse", "b": "better"}.get(found.verdict.decision, "undecided"),
    }


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def _moment(text: str) -> datetime:
    """A day is meant to its end, so that what was put in on it counts."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise StudioError(f"--at is {text!r}.", "Write 2026-03-31 or 2026-03-31T18:00.") from error
    if len(text) == len("2026-03-31"):
        found = found.replace(hour=23, minute=59, second=59, microsecond=999_999)
    return found if found.tzinfo else found.replace(tzinfo=UTC)

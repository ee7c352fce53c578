"""Releases on the command line: stages, gates, the way back, what was in production when."""

from __future__ import annotations

import argparse
import dataclasses
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from studio.cli.answer import Answer, Command, printer
from studio.cli.number_flags import ID
from studio.database.availability import DatabaseAway, Unsure
from studio.errors import StudioError
from studio.settings import Settings


def add(command: Command, commands: Any) -> None:
    """Add all to the top's `commands`; `command` makes one with what all take."""
    parser = command("promote", promote, "Move a version to a stage")
    parser.add_argument("style", metavar="STYLE")
    parser.add_argument("version", type=ID, metavar="VERSION")
    parser.add_argument("stage", metavar="STAGE", help="candidate, staging, production or archived")
    parser.add_argument("--why", required=True, metavar="TEXT")
    parser.add_argument(
        "--override",
        default="",
        metavar="TEXT",
        help="override reason, kept for good: why it may miss a gate",
    )
    parser = command("rollback", rollback, "Put the version before back into production")
    parser.add_argument("style", metavar="STYLE")
    parser.add_argument(
        "--from",
        dest="held",
        type=ID,
        metavar="VERSION",
        help="only if this is in production: sent again, it counts once",
    )
    parser.add_argument("--why", required=True, metavar="TEXT")
    parser = command("gates", gates, "What a version must show before production")
    parser.add_argument("style", metavar="STYLE")
    parser.add_argument(
        "version",
        type=ID,
        nargs="?",
        metavar="VERSION",
        help="hold the gates against this version",
    )
    parser.add_argument("--set", type=Path, metavar="FILE", help="keep this YAML as the gates")
    parser.add_argument(
        "--after",
        default="",
        metavar="VERSION",
        help="with --set: only if these are the gates in use; needed where there are any",
    )
    parser = command("production", production, "What is in production, now or at a moment")
    parser.add_argument("style", metavar="STYLE")
    parser.add_argument("--at", metavar="TIME", help="2026-03-31, or 2026-03-31T18:00 in UTC")
    parser.add_argument(
        "--for",
        dest="person",
        default="",
        metavar="NAME",
        help="what this person draws with now, and why",
    )
    command("styles", styles, "Every style with its versions and stages")


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
    printer(arguments)(f"{done.style} version {done.number}: {done.from_stage} -> {done.to_stage}")
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
    printer(arguments)(f"{done.style} version {done.number} is in production again{instead}.")
    with suppress(DatabaseAway):
        for number in filter(None, (done.number, done.previous)):
            model_cards.write(studio, done.style, number)
    return dataclasses.asdict(done)


def gates(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`gates`. The exit code is 1 where the version misses one."""
    from studio import context
    from studio.registry import gates as files
    from studio.text import decoding
    from studio.workflows import release

    studio = context.open_studio(settings)
    if arguments.set:
        text = decoding.read_text(arguments.set).text
        release.save_gates(
            studio,
            arguments.style,
            text,
            after=arguments.after,
            by=settings.user,
            now=context.now(),
        )
    asked = files.load(studio.home, arguments.style)
    if arguments.version is None:
        if asked.text:
            printer(arguments)(f"# version {asked.version}")
        printer(arguments)(
            asked.text or f"{arguments.style} has no gates. An example:\n{files.EXAMPLE}"
        )
        return {"style": arguments.style, "version": asked.version, "text": asked.text}
    results = release.held(studio, arguments.style, arguments.version)
    for result in results:
        printer(arguments)(f"{result.state:8} {result.gate:18} asked: {result.asks}; {result.says}")
    if not results:
        printer(arguments)(f"{arguments.style} has no gates.")
    return {
        "gates": [dataclasses.asdict(result) for result in results],
        "exit": int(any(not result.met for result in results)),
    }


def production(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`production`."""
    from studio import context
    from studio.registry import stages, version_choice

    studio = context.open_studio(settings)
    style, at, user = arguments.style, arguments.at, arguments.person
    if user:
        chosen = version_choice.choose(studio.engine, style, user)
        printer(arguments)(chosen.why)
        return {"style": style, "version": chosen.version, "why": chosen.why}
    moment = _moment(at) if at else context.now()
    number = stages.in_production_at(studio.engine, style, moment)
    said = "nothing" if number is None else f"version {number}"
    when = f"at {moment.isoformat(timespec='seconds')}" if at else "now"
    printer(arguments)(f"In production of {style} {when}: {said}")
    return {"style": style, "at": moment.isoformat(), "version": number}


def _moment(text: str) -> datetime:
    """A day is meant to its end, so that what was put in on it counts."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise StudioError(f"--at is {text!r}.", "Write 2026-03-31 or 2026-03-31T18:00.") from error
    if len(text) == len("2026-03-31"):
        moment = moment.replace(hour=23, minute=59, second=59, microsecond=999_999)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def styles(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`styles`."""
    from studio import context
    from studio.registry import models, places
    from studio.workflows.model_kinds import table
    from studio.workflows.version_loading import as_record

    studio = context.open_studio(settings)
    known = models.list_versions(studio.client)
    where = {style: places.places(studio.engine, style) for style in {v.style for v in known}}
    for version in known:
        printer(arguments)(
            f"{version.style} v{version.number}  {where[version.style].of(version.number):13}  "
            f"{version.created}  {table.label(version)}"
        )
    if not known:
        printer(arguments)("No style yet. Begin with: python -m studio train STYLE --dataset NAME")
    return {"versions": [as_record(v) for v in known]}

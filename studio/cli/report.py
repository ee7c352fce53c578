"""`report` on the command line: what was promised and what is known of it, as text and CSV; minutes
by hand; what the game took."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.cli.answer import Answer, Command, printer
from studio.cli.database import database
from studio.settings import Settings

if TYPE_CHECKING:
    from studio.review.success import Figure
    from studio.workflows.uses import Listed

# As `studio.assets.uses` has them, which the command line loads only where it is asked.
USES = ("as is", "recoloured", "touched up", "redrawn", "dropped")


def add(command: Command, commands: Any) -> None:
    """Add it to the top's `commands`; `command` makes one with what all take."""
    report = commands.add_parser("report", help="What was promised of the studio, and what came")
    inner = report.add_subparsers(required=True, metavar="COMMAND")
    parser = command("show", show, "A style's figures: met, not met or not shown", inner)
    parser.add_argument("style", metavar="STYLE")
    _month(parser)
    parser = command("csv", write_csv, "Write the figures of all styles and months", inner)
    parser.add_argument("--style", default="", metavar="STYLE", help="unset: all styles")
    parser.add_argument("--out", required=True, metavar="FILE.csv")
    command("minutes", show_minutes, "How long each category takes by hand", inner)
    parser = command("set-minutes", set_minutes, "Say how long one takes by hand", inner)
    parser.add_argument("category", metavar="CATEGORY", help="of a list, or * for all others")
    parser.add_argument("minutes", metavar="MINUTES")
    parser.add_argument("--why", required=True, metavar="TEXT", help="how that is known")
    command("look", look, "Compare what was exported with what the game has now", inner)
    parser = command("uses", show_uses, "What became of each exported picture", inner)
    parser.add_argument("--style", default="", metavar="STYLE", help="unset: all styles")
    _month(parser)
    parser = command("use", correct, "Say what became of a picture, whatever was measured", inner)
    parser.add_argument("picture", metavar="ID")
    parser.add_argument("use", choices=USES, metavar="USE", help=", ".join(USES))


def _month(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--month", default="", metavar="YYYY-MM", help="unset: all months")


def show(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`report show`."""
    from studio import context
    from studio.registry import models
    from studio.workflows import success

    studio, say = context.open_studio(settings), printer(arguments)
    found = success.report(
        studio,
        arguments.style,
        arguments.month,
        versions=models.list_versions(studio.client, arguments.style),
        by=settings.user,
        now=context.now(),
    )
    for one in found.figures:
        say(f"{one.state:10}{one.name:38}{_value(one):>12}  {one.why}")
        if one.beside:
            say(f"{'':10}{one.beside}")
    told = found.states
    say(f"Met {told['met']}, not met {told['not met']}, not shown {told['not shown']}.")
    return asdict(found)


def write_csv(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`report csv`."""
    from studio import context
    from studio.registry import models
    from studio.store.publish import publishing
    from studio.workflows import success, success_gathering

    studio, file = context.open_studio(settings), Path(arguments.out)
    styles = [arguments.style] if arguments.style else success_gathering.styles(studio.engine)
    reports = success.every(
        studio,
        styles,
        versions=models.list_versions(studio.client),
        by=settings.user,
        now=context.now(),
    )
    with publishing(file) as aside, aside.open("w", encoding="utf-8", newline="") as opened:
        count = success.write_csv(opened, reports)
    printer(arguments)(f"{count} figures in {file}.")
    return {"file": str(file), "figures": count}


def show_minutes(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`report minutes`."""
    from studio.review import hand_minutes

    found = hand_minutes.listing(database(settings))
    for one in found:
        told = f"{one.minutes:g} minutes, said by {one.by} on {one.at[:10]}: {one.why}"
        printer(arguments)(f"{one.category:24}{told}")
    if not found:
        printer(arguments)("Nobody said how long anything takes by hand.")
    return {"minutes": [asdict(one) for one in found]}


def set_minutes(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`report set-minutes`."""
    from studio import context
    from studio.review import hand_minutes

    engine = database(settings)
    kept = hand_minutes.put(
        engine,
        arguments.category,
        arguments.minutes,
        before=hand_minutes.read(engine).get(hand_minutes.named(arguments.category)),
        why=arguments.why,
        by=settings.user,
        now=context.now(),
    )
    printer(arguments)(f"{kept.category} takes {kept.minutes:g} minutes by hand.")
    return asdict(kept)


def look(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`report look`."""
    from studio import context
    from studio.workflows import uses

    studio, say = context.open_studio(settings), printer(arguments)
    done = uses.look(studio, by=settings.user, now=context.now())
    for one in done.unread:
        say(one)
    say(f"{done.looked} exported pictures, {done.changed} changed since the last look.")
    if done.left:
        say(f"{done.left} wait: call the same command again.")
    return asdict(done)


def show_uses(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`report uses`."""
    from studio.workflows import uses

    found = uses.listing(database(settings), arguments.style, arguments.month)
    rows = [_use(one) for one in found]
    for row in rows:
        printer(arguments)(f"{row['id']}  {row['use'] or 'not looked at':14}{row['path']}")
    if not rows:
        printer(arguments)("Nothing was exported.")
    return {"uses": rows}


def correct(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`report use`."""
    from studio import context
    from studio.assets import uses

    engine, now = database(settings), context.now()
    kept = uses.correct(engine, arguments.picture, arguments.use, by=settings.user, now=now)
    printer(arguments)(f"{kept.id}: {kept.use}.")
    return asdict(kept)


def _value(one: Figure) -> str:
    from studio.review import success

    return "-" if one.value is None else success.said(one.value, one.unit)


def _use(one: Listed) -> dict[str, Any]:
    use = one.use
    return {
        "id": one.picture.id,
        "style": one.picture.style,
        "name": one.picture.name,
        "path": one.path,
        "exported_at": one.exported.at if one.exported else None,
        "use": use.use if use else None,
        "measured": use.measured if use else None,
        "recoloured": use.recoloured if use else None,
        "redone": use.redone if use else None,
        "corrected_by": use.corrected_by if use else None,
    }

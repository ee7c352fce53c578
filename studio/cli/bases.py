"""`base` on the command line: which bases versions need, and where they lie now."""

from __future__ import annotations

import argparse
from typing import Any

from studio.cli.answer import Answer, Command, printer
from studio.settings import Settings


def add(command: Command, commands: Any) -> None:
    """Add it to the top's `commands`; `command` makes one with what all take."""
    inner = commands.add_parser(
        "base", help="Which bases versions need, and where they lie"
    ).add_subparsers(required=True, metavar="COMMAND")
    command("list", show, "Every base that versions need, and whether it is there", inner)
    parser = command("moved", moved, "Say where a base lies now", inner)
    parser.add_argument("old", metavar="OLD", help="where it lay, as `base list` names it")
    parser.add_argument("new", metavar="NEW", help="its file or folder now")


def show(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`base list`."""
    from studio import context
    from studio.diffusion import team_bases
    from studio.registry import models

    studio, say = context.open_studio(settings), printer(arguments)
    needed: dict[str, list[str]] = {}
    for version in models.list_versions(studio.client):
        if name := version.tags.get("base_name", version.base):
            needed.setdefault(name, []).append(f"{version.style} {version.number}")
    rows = []
    for name, versions in sorted(needed.items()):
        place = team_bases.place(studio.home, name)
        lost = team_bases.is_lost(place)
        rows.append({"base": name, "place": place, "lost": lost, "versions": versions})
        state = "LOST" if lost else "there" if place == name else f"now {place}"
        say(f"{name}  {state}  needed by {', '.join(versions)}")
    if any(row["lost"] for row in rows):
        say("Say where one lies now: python -m studio base moved OLD NEW")
    return {"bases": rows}


def moved(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`base moved`."""
    from studio import context
    from studio.accounts import rights
    from studio.database import engine as db
    from studio.database import ledger
    from studio.diffusion import team_bases

    rights.check(settings.user, team_bases.RIGHT)
    studio = context.open_studio(settings)
    with db.file_lock(studio.home / "bases.lock", 30):
        base = team_bases.move(studio.home, arguments.old, arguments.new)
    with db.writing(studio.engine) as connection:
        ledger.record(
            connection,
            at=context.now(),
            actor=settings.user,
            action="base moved",
            reason=f"{arguments.old} lies at {base.name} now",
        )
        db.bump(connection)
    printer(arguments)(f"{arguments.old} lies at {base.name} now.")
    return {"base": arguments.old, "place": base.name}

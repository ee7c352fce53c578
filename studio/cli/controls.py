"""`controls` on the command line: the ControlNets and IP-Adapters that a team has."""

from __future__ import annotations

import argparse
from typing import Any

from studio.cli.answer import Answer, Command, printer
from studio.settings import Settings


def add(command: Command, commands: Any) -> None:
    """Add it to the top's `commands`; `command` makes one with what all take."""
    from studio.diffusion import control_files

    inner = commands.add_parser(
        "controls", help="ControlNets and IP-Adapters: what pictures lead a drawing by"
    ).add_subparsers(required=True, metavar="COMMAND")
    command("list", show, "Every one, for which bases it is, and its licence", inner)
    parser = command("add", bring, "Bring one in: a file, a folder, or a Hub id", inner)
    parser.add_argument("name", metavar="NAME", help="what it is called here: a-z, 0-9, - and _")
    parser.add_argument(
        "source",
        metavar="SOURCE",
        help="a .safetensors file, a folder in diffusers' layout, OWNER/NAME of the Hub, or "
        "OWNER/NAME:FILE for an IP-Adapter",
    )
    parser.add_argument("--kind", required=True, choices=list(control_files.KINDS))
    parser.add_argument(
        "--family",
        choices=list(control_files.NAMES),
        default="",
        help="of bases; unset: as the weights tell, which a Hub id does not",
    )
    parser.add_argument(
        "--encoder", default="", metavar="FOLDER", help="that an IP-Adapter looks with"
    )
    parser.add_argument("--licence", default="", metavar="TEXT", help="unset: its model card's")
    parser = command("remove", remove, "Take one away; what it drew stays", inner)
    parser.add_argument("name", metavar="NAME")


def show(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`controls list`."""
    from studio import context
    from studio.diffusion import bundled_bases, control_files

    studio, say = context.open_studio(settings), printer(arguments)
    rows = []
    for one in control_files.listing(studio.home):
        rows.append(_row(one.name, one))
        sold = {True: "may be sold", False: "may not be sold", None: "look its licence up"}
        say(
            f"{one.name}  {control_files.KINDS[one.kind]}  for {control_files.NAMES[one.family]}  "
            f"{one.licence}: {sold[one.commercial]}"
        )
    for base in bundled_bases.present():
        own = control_files.of_base(base.name)
        if own is not None:
            rows.append(_row(own.name, own, base.name))
        say(f"{base.name}  {'its own tile ControlNet' if own else 'has no ControlNet of its own'}")
    if not rows:
        say("Bring one in: python -m studio controls add NAME SOURCE --kind KIND")
    return {"controls": rows}


def bring(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`controls add`."""
    from studio import context
    from studio.accounts import rights
    from studio.diffusion import control_files, control_intake, team_bases

    rights.check(settings.user, team_bases.RIGHT)
    studio = context.open_studio(settings)
    kept = control_intake.add(
        studio.home,
        arguments.name,
        arguments.source,
        kind=arguments.kind,
        family=arguments.family,
        encoder=arguments.encoder,
        licence=arguments.licence,
        by=settings.user,
        now=context.now(),
    )
    _noted(studio, settings.user, "control added", f"{kept.name} from {kept.source}")
    printer(arguments)(f"{kept.label}, for {control_files.NAMES[kept.family]}, {kept.licence}.")
    return _row(kept.name, kept)


def remove(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`controls remove`."""
    from studio import context
    from studio.accounts import rights
    from studio.diffusion import control_files, team_bases

    rights.check(settings.user, team_bases.RIGHT)
    studio = context.open_studio(settings)
    kept = control_files.remove(studio.home, arguments.name)
    _noted(studio, settings.user, "control removed", kept.name)
    printer(arguments)(f"{kept.name} is gone; what was drawn with it stays.")
    return _row(kept.name, kept)


def _noted(studio: Any, by: str, action: str, reason: str) -> None:
    from studio import context
    from studio.database import engine as db
    from studio.database import ledger

    with db.writing(studio.engine) as connection:
        ledger.record(connection, at=context.now(), actor=by, action=action, reason=reason)
        db.bump(connection)


def _row(name: str, kept: Any, base: str = "") -> dict[str, Any]:
    told = ("part", "kind", "family", "source", "licence", "commercial", "by", "at")
    return {"name": name, "base": base, **{one: getattr(kept, one) for one in told}}

"""`character` on the command line: who one is, the cells of its matrix, and sheets made of them."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.cli import own_job
from studio.cli.answer import Answer, Command, printer
from studio.cli.number_flags import ID, number, whole
from studio.errors import StudioError
from studio.numbers import SEEDS
from studio.settings import Settings

if TYPE_CHECKING:
    from studio.context import Studio

ACTIONS = ("stand", "walk", "attack")
DIRECTIONS = ("south", "east", "north", "west")
SEED = whole(0, SEEDS - 1)
VIEWS = {"front": "seen from the front", "side": "facing right", "back": "seen from behind"}
# Fields with a flag of their own: name, what it is read by, help.
PLAIN: tuple[tuple[str, Any, str], ...] = (
    ("prompt", str, "what it looks like"),
    ("negative", str, "what should not be in it"),
    ("style", str, "that draws it; without one the bare --base does"),
    ("version", ID, "of the style; 0: the one in production (0)"),
    ("base", str, "without a style"),
    ("palette", str, "NAME or NAME@REVISION"),
    ("height", whole(8, 256), "pixels from head to feet (32)"),
    ("heads", number(2, 8), "how many heads tall it is (4)"),
    ("seed", SEED, "that its cells are first drawn with (1)"),
)


def add(command: Command, commands: Any) -> None:
    """Add it to the top's `commands`; `command` makes one with what all take."""
    top = commands.add_parser(
        "character", help="Characters: walks, attacks and directions, cell by cell"
    )
    inner = top.add_subparsers(required=True, metavar="COMMAND")
    command("list", listed, "Every character: its style, height and reference sheet", inner)
    parser = command("new", new, "Make a character", inner)
    parser.add_argument("name", metavar="NAME", help="a-z, 0-9, - and _")
    _fields(parser)
    parser = command("set", change, "Change a character; what is not said stays", inner)
    parser.add_argument("name", metavar="NAME")
    _fields(parser)
    parser = command(
        "show", show, "A character, what is in its cells, and the figures of each row", inner
    )
    parser.add_argument("name", metavar="NAME")
    parser.add_argument("--action", choices=ACTIONS, default="walk", help="(walk)")
    parser = command("draw", draw, "Draw the empty cells of an action", inner)
    parser.add_argument("name", metavar="NAME")
    parser.add_argument("--action", choices=ACTIONS, default="walk", help="(walk)")
    _drawing(parser)
    parser = command("redraw", redraw, "Draw cells again, each alone", inner)
    parser.add_argument("name", metavar="NAME")
    parser.add_argument("cells", nargs="+", metavar="CELL", help="as walk/east/3")
    _drawing(parser)
    parser = command("take", take, "Have an earlier picture in a cell again", inner)
    parser.add_argument("name", metavar="NAME")
    parser.add_argument("cell", metavar="CELL", help="as walk/east/3")
    parser.add_argument("asset", metavar="ID", help="of a picture that was in it")
    parser = command(
        "sheet", sheet, "An animation sheet of an action, a tag for each direction", inner
    )
    parser.add_argument("name", metavar="NAME")
    parser.add_argument("--action", choices=ACTIONS, default="walk", help="(walk)")
    parser.add_argument(
        "--direction",
        action="append",
        choices=DIRECTIONS,
        default=[],
        help="one of several; unset: all that are whole",
    )
    parser.add_argument("--duration", type=whole(1, 60_000), metavar="MS", help="of each frame")
    own_job.job_options(parser)


def _fields(parser: argparse.ArgumentParser) -> None:
    for name, read, says in PLAIN:
        parser.add_argument(f"--{name}", type=read, help=says)
    for view, says in VIEWS.items():
        parser.add_argument(f"--{view}", metavar="FILE|ID", help=f"reference picture, {says}")
    parser.add_argument("--lora", metavar="STYLE@VERSION", help="its own, beside the style; none")
    parser.add_argument("--lora-strength", type=number(-2, 2), help="how strongly it acts (1)")


def _drawing(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--way",
        choices=("pose", "reference"),
        help="led by poses, or, for standing, begun from the reference sheet (pose)",
    )
    parser.add_argument(
        "--seed", type=SEED, help="unset: the character's; drawn again, the next one"
    )
    parser.add_argument("--steps", type=whole(1, 200), help="(20)")
    parser.add_argument("--guidance", type=number(0, 50), help="(4)")
    parser.add_argument("--control", type=number(0, 1.5), help="how strongly poses lead (1)")
    parser.add_argument(
        "--reference-scale", type=number(0, 1.5), help="how strongly the reference acts (0.6)"
    )
    parser.add_argument(
        "--change", type=number(0, 1), help="of a reference that is begun from (0.35)"
    )
    own_job.job_options(parser)


def listed(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`character list`."""
    from studio import context
    from studio.characters import characters

    engine, say = context.open_records(settings)[0], printer(arguments)
    found = characters.listing(engine)
    for one in found:
        views = ", ".join(one.character.views) or "no reference"
        drawn = one.character.style or "a bare base"
        say(f"{one.name}: {drawn}, {one.character.height} px, {views}, revision {one.revision}")
    return {"characters": [_told(one) for one in found]}


def new(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`character new`."""
    return _saved(settings, arguments, 0)


def change(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`character set`."""
    from studio import context
    from studio.characters import characters

    engine = context.open_records(settings)[0]
    return _saved(settings, arguments, characters.current(engine, arguments.name).revision)


def show(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`character show`."""
    from studio import context
    from studio.characters import characters
    from studio.workflows import character_rows, character_ways

    studio, say = context.open_studio(settings), printer(arguments)
    found = characters.current(studio.engine, arguments.name)
    rows = character_rows.rows(studio, arguments.name, arguments.action)
    ways = character_ways.ways(studio, found.character, arguments.action)
    say(f"{found.name}, revision {found.revision}: {found.character.prompt}")
    for row in rows:
        signs = "".join("." if one is None else "#" for one in row.filled)
        say(f"  {row.direction:6} {signs} {row.says}".rstrip())
        for bar in row.verdicts:
            say(f"    {'met' if bar.met else 'not met'}: {bar.name}, {bar.says}")
    for way, why in ways.refused.items():
        if why:
            say(f"Not by {way}: {why}")
    return {
        **_told(found),
        "action": arguments.action,
        "rows": [character_rows.told(row) for row in rows],
        "refused": dict(ways.refused),
        "remarks": list(ways.remarks),
    }


def draw(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`character draw`."""
    return _drawn(settings, arguments, {"action": arguments.action})


def redraw(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`character redraw`."""
    return _drawn(settings, arguments, {"cells": arguments.cells})


def take(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`character take`."""
    from studio import context
    from studio.characters import cells, characters

    engine = context.open_records(settings)[0]
    found = characters.current(engine, arguments.name)
    cell, who = cells.named(arguments.cell), settings.user
    taken = cells.take(engine, found.name, cell, arguments.asset, by=who, now=context.now())
    printer(arguments)(f"{cell.name} has {taken.asset} again.")
    return {"cell": cell.name, "asset": taken.asset, "seed": taken.seed}


def sheet(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`character sheet`."""
    from studio import context
    from studio.accounts.rights import check
    from studio.workflows import character_rows
    from studio.workflows import characters as workflow

    check(settings.user, workflow.RIGHT)
    studio = context.open_studio(settings)
    payload = character_rows.payload(
        studio, arguments.name, arguments.action, arguments.direction, arguments.duration
    )
    job = own_job.put_in(studio, "sheet", payload, arguments)
    if arguments.detach:
        return own_job.detached(studio, [job], arguments)
    told = own_job.result_of(studio, job, arguments)
    printer(arguments)(f"Sheet {told['sheet']}: {told['frames']} frames")
    return {**told, "job": job.id}


def _drawn(settings: Settings, arguments: argparse.Namespace, which: dict[str, Any]) -> Answer:
    """The job that draws, put in and waited for."""
    from studio import context

    studio = context.open_studio(settings)
    payload = {"character": arguments.name, **which}
    for name in ("way", "seed", "steps", "guidance", "control", "reference_scale", "change"):
        if (given := getattr(arguments, name)) is not None:
            payload[name] = given
    job = own_job.put_in(studio, "character", payload, arguments)
    if arguments.detach:
        return own_job.detached(studio, [job], arguments)
    told = own_job.result_of(studio, job, arguments)
    for cell, asset in told["cells"].items():
        printer(arguments)(f"{cell}: {asset}")
    return {**told, "job": job.id}


def _saved(settings: Settings, arguments: argparse.Namespace, after: int) -> Answer:
    from studio import context
    from studio.workflows import characters as workflow

    studio = context.open_studio(settings)
    saved = workflow.save(
        studio,
        arguments.name,
        _given(studio, arguments),
        after=after,
        by=settings.user,
        now=context.now(),
    )
    printer(arguments)(f"{saved.name} is revision {saved.revision}.")
    return _told(saved)


def _given(studio: Studio, arguments: argparse.Namespace) -> dict[str, Any]:
    """What the flags say; "" takes a picture, a palette or a style away again."""
    from studio.workflows import upscale_sources

    names = [name for name, *_ in PLAIN]
    told = {name: value for name in names if (value := getattr(arguments, name)) is not None}
    for view in VIEWS:
        if (named := getattr(arguments, view)) is not None:
            file = Path(named)
            is_file = named and file.is_file()
            told[view] = upscale_sources.bring(studio, file).named if is_file else named
    if arguments.lora is not None:
        told["lora"], told["lora_version"] = _lora(arguments.lora)
    if arguments.lora_strength is not None:
        told["lora_strength"] = arguments.lora_strength
    return told


def _lora(said: str) -> tuple[str, int]:
    from studio import numbers

    if said in ("", "none"):
        return "", 0
    style, at, version = said.rpartition("@")
    found = numbers.counted(version)
    if not at or not found:
        raise StudioError(f"{said[:80]!r} names no version.", "Write it as in --lora hero@3.")
    return style, found


def _told(one: Any) -> dict[str, Any]:
    from studio.characters import characters

    return {
        "name": one.name,
        "revision": one.revision,
        "character": characters.told(one),
        "by": one.by,
        "at": one.at,
    }

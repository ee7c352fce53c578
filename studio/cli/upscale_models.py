"""`upscale-models` on the command line: the models that enlarge, and a team's own among them."""

from __future__ import annotations

import argparse
import re
from pathlib import Path
from typing import Any

from studio.cli.answer import Answer, Command, printer
from studio.settings import Settings


def add(command: Command, commands: Any) -> None:
    """Add all to the top's `commands`; `command` makes one with what all take."""
    inner = commands.add_parser(
        "upscale-models", help="Models that enlarge pictures: the bundled ones and your own"
    ).add_subparsers(required=True, metavar="COMMAND")
    command("list", listing, "Every upscaling model", inner)
    parser = command("add", bring_in, "Check a .safetensors file and keep it as a model", inner)
    parser.add_argument("file", type=Path, metavar="FILE", help="of any architecture of spandrel")
    parser.add_argument("--name", default="", help="(the file's)")
    parser.add_argument("--licence", required=True, metavar="TEXT", help="of the weights")
    parser = command("remove", remove, "Take one of your own away", inner)
    parser.add_argument("name", metavar="NAME")


def listing(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`upscale-models list`."""
    from studio.upscaling import models

    found, say = models.all(settings.home), printer(arguments)
    for one in found:
        whose = f"by {one.by}, {one.added[:10]}" if one.source == "own" else "bundled"
        say(f"{one.name}  {one.factor}x  {one.licence}  {one.architecture}  {whose}  {one.about}")
    return {"models": [models.as_record(one) for one in found]}


def bring_in(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`upscale-models add`."""
    from studio import context
    from studio.upscaling import models

    engine, _ = context.open_records(settings)
    made = models.add(
        settings.home,
        engine,
        arguments.file,
        name=arguments.name or _name_of(arguments.file),
        licence=arguments.licence,
        by=settings.user,
        now=context.now(),
    )
    printer(arguments)(f"{made.name} makes pictures {made.factor} times as large.")
    return {"model": models.as_record(made)}


def remove(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`upscale-models remove`."""
    from studio import context
    from studio.upscaling import models

    engine, _ = context.open_records(settings)
    gone = models.remove(settings.home, engine, arguments.name, by=settings.user, now=context.now())
    printer(arguments)(f"{gone.name} is removed.")
    return {"model": models.as_record(gone)}


def _name_of(file: Path) -> str:
    """A file's name as one of a model."""
    return re.sub(r"[^a-z0-9._-]+", "-", file.stem.lower()).strip("-._")[:63]

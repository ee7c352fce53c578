"""`sizes` on the command line: a style's usual sizes."""

from __future__ import annotations

import argparse
from typing import Any

from studio.cli.answer import Answer, Command, printer
from studio.errors import StudioError
from studio.settings import Settings


def add(command: Command, commands: Any) -> None:
    """Add it; `command` makes one with what all take."""
    parser = command("sizes", shown, "A style's usual sizes, which pages and commands offer")
    parser.add_argument("style", metavar="STYLE")
    parser.add_argument(
        "--add",
        action="append",
        default=[],
        metavar="NAME=SIZE",
        help="hero=32x48; may be repeated",
    )
    parser.add_argument(
        "--remove", action="append", default=[], metavar="NAME", help="may be repeated"
    )


def shown(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`sizes`."""
    from studio import context
    from studio.generation import usual_sizes

    studio, style = context.open_studio(settings), arguments.style
    before = usual_sizes.read(studio.home, style)
    for name in arguments.remove:
        usual_sizes.find(studio.home, style, name)
    gone = {name.strip().lower() for name in arguments.remove}
    kept = {one.name.lower(): one for one in before if one.name.lower() not in gone}
    kept |= {one.name.lower(): one for one in map(_read, arguments.add)}
    found = tuple(kept.values())
    if found != before:
        new = usual_sizes.checked([(o.name, o.size.width, o.size.height) for o in found])
        usual_sizes.write(studio.engine, style, new, before, by=settings.user, now=context.now())
    say = printer(arguments)
    for one in found:
        say(f"{one.name}  {one.size}")
    if not found:
        say(f"{style} has no usual sizes. Add one: --add hero=32x48")
    return {
        "style": style,
        "sizes": [{"name": one.name, **vars(one.size)} for one in found],
    }


def _read(written: str) -> Any:
    from studio.diffusion import sizes
    from studio.generation.usual_sizes import UsualSize

    name, sign, text = written.partition("=")
    size = sizes.read(text) if sign else None
    if size is None:
        raise StudioError(f"{written!r} is no size with its name.", "Write it as hero=32x48.")
    return UsualSize(" ".join(name.split()), size)

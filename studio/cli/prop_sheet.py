"""`prop sheet` on the command line: a prop back in 2D, from 1, 4 or 8 directions."""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.cli import own_job
from studio.cli.answer import Answer, Command, printer
from studio.cli.number_flags import number, whole
from studio.errors import StudioError
from studio.settings import Settings

if TYPE_CHECKING:
    from studio.context import Studio

NONE = "none"
# As they are called in `props.directions`: what is not said is as the style has it.
PLAIN: tuple[tuple[str, Any, str], ...] = (
    ("side", whole(8, 512), "pixels of a frame"),
    ("elevation", number(0, 80), "degrees above the ground from which it is seen (30)"),
    ("light", number(0, 1), "0 keeps the texture's own colours (0.7)"),
    ("outline_colour", str, "#rrggbb"),
)


def add(command: Command, inner: Any) -> None:
    """Add it to the commands of `prop`."""
    parser = command("sheet", sheet, "Draw a prop from 1, 4 or 8 directions, for 2D games", inner)
    parser.add_argument("prop", metavar="ID")
    parser.add_argument(
        "--directions", dest="count", type=whole(1, 8), choices=(1, 4, 8), help="(8)"
    )
    for name, read, says in PLAIN:
        parser.add_argument(f"--{name.replace('_', '-')}", dest=name, type=read, help=says)
    parser.add_argument("--outline", choices=(NONE, "add", "recolour"), help="around the figure")
    parser.add_argument("--palette", metavar="PALETTE", help="NAME, NAME@REVISION, or none")
    for flag, name, says in (
        ("--soft", "hard_alpha", "half-transparent pixels stay"),
        ("--no-normals", "normals", "no normal map beside it"),
    ):
        parser.add_argument(flag, dest=name, action="store_false", default=None, help=says)
    parser.add_argument("--normal-y", choices=("up", "down"), help="green of the normal map")
    parser.add_argument("--style", default="", help="whose size and colours it has; its own")
    parser.add_argument("--out", type=Path, metavar="DIR", help="a copy of the pictures, too")
    own_job.job_options(parser)


def sheet(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`prop sheet`."""
    from studio import context
    from studio.assets.files import of
    from studio.store import local

    if arguments.detach and arguments.out:
        raise StudioError(
            "With --detach nobody is left to copy pictures to --out.",
            "Leave it out: the sheet comes into the gallery.",
        )
    studio = context.open_studio(settings)
    payload = {
        "prop": arguments.prop,
        "directions": _asked(studio, arguments),
        "style": arguments.style,
    }
    job = own_job.put_in(studio, "prop_sheet", payload, arguments)
    if arguments.detach:
        return own_job.detached(studio, [job], arguments)
    told = own_job.result_of(studio, job, arguments)
    files = [local.present(studio.home / one.path) for one in of(studio.engine, told["picture"])]
    if arguments.out:
        files = [_copied(file, arguments.out) for file in files]
    for file in files:
        printer(arguments)(str(file))
    return {**told, "job": job.id, "files": [str(file) for file in files]}


def _asked(studio: Studio, arguments: argparse.Namespace) -> dict[str, Any]:
    """What was said; the rest is as the style has it."""
    from studio.finishing import palettes

    names = ("count", *(name for name, *_ in PLAIN), "hard_alpha", "normals", "normal_y")
    asked = {name: one for name in names if (one := getattr(arguments, name)) is not None}
    if arguments.outline is not None:
        asked["outline"] = "" if arguments.outline == NONE else arguments.outline
    if arguments.palette is not None:
        mark = arguments.palette
        free = mark == NONE
        asked["palette"] = [] if free else list(palettes.named(studio.engine, mark).colours)
    return asked


def _copied(file: Path, folder: Path) -> Path:
    from studio.store.publish import publishing

    with publishing(folder / file.name, flush=False) as aside:
        shutil.copyfile(file, aside)
    return folder / file.name

"""`picture-edit` on the command line: pictures cut, recoloured and cut out before props are made of
them, each result a picture of the gallery."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.cli import own_job
from studio.cli.answer import Answer, Command, printer
from studio.cli.number_flags import number, whole
from studio.errors import StudioError
from studio.pixels.snapping import DITHERS
from studio.settings import Settings

if TYPE_CHECKING:
    from studio.context import Studio
    from studio.jobs.table import Job

COLOUR: tuple[tuple[str, Any, str], ...] = (
    ("hue", whole(-180, 180), "turned by degrees"),
    ("saturation", whole(-100, 100), "more or less, in percent"),
    ("lightness", whole(-100, 100), "more or less, in percent"),
    ("black", whole(0, 99), "percent of lightness that becomes black"),
    ("white", whole(1, 100), "percent of lightness that becomes white"),
    ("gamma", number(0.1, 10), "of the lightness between; above 1 is brighter"),
)
WAYS = ("advised", "flood", "model")


def add(command: Command, commands: Any) -> None:
    """Add it; `command` makes one with what all take."""
    parser = command("picture-edit", picture_edit, "Edit pictures before props are made of them")
    parser.add_argument(
        "pictures", nargs="+", metavar="PICTURE", help="a file, or a picture's id in the gallery"
    )
    parser.add_argument(
        "--crop", metavar="BOX", help="LEFT,TOP,WIDTH,HEIGHT in pixels, before all else"
    )
    for name, reads, says in COLOUR:
        parser.add_argument(f"--{name}", type=reads, metavar="N", help=says)
    parser.add_argument(
        "--background",
        choices=WAYS,
        help="away: by a flood from a plain border, by a model for smooth art, or as advised",
    )
    parser.add_argument(
        "--tolerance", type=number(0.005, 0.3), metavar="N", help="of the flood, in OKLab (0.06)"
    )
    parser.add_argument("--trim", action="store_true", help="cut to what is seen")
    palette = parser.add_mutually_exclusive_group()
    palette.add_argument("--palette", metavar="PALETTE", help="a file, or NAME, or NAME@REVISION")
    palette.add_argument("--style", metavar="STYLE", help="the palette of a style")
    parser.add_argument("--dither", choices=DITHERS)
    parser.add_argument("--hard-alpha", action="store_true", help="no half-transparent pixels")
    parser.add_argument("--out", type=Path, metavar="DIR", help="a copy of each result, too")
    own_job.job_options(parser)


def picture_edit(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`picture-edit`. The exit code is 2 where a picture was left out."""
    from studio import context
    from studio.accounts.rights import check
    from studio.workflows import picture_edits

    check(settings.user, picture_edits.RIGHT)
    if arguments.detach and arguments.out:
        raise StudioError(
            "With --detach nobody is left to copy results to --out.",
            "Leave it out: the results come into the gallery.",
        )
    edits = _edits(arguments)
    studio = context.open_studio(settings)
    alone = Path(arguments.pictures[0])
    name = alone.stem if len(arguments.pictures) == 1 and alone.is_file() else ""
    payload = {"pictures": _named(studio, arguments.pictures), "edits": edits, "name": name}
    job = own_job.put_in(studio, "picture_edit", payload, arguments)
    if arguments.detach:
        return own_job.detached(studio, [job], arguments)
    return _result(studio, job, arguments)


def _edits(arguments: argparse.Namespace) -> list[dict[str, Any]]:
    """The chain that the flags make, in the order in which they are documented."""
    edits: list[dict[str, Any]] = []
    if arguments.crop is not None:
        sides = arguments.crop.split(",")
        if len(sides) != 4:
            raise StudioError(
                f"{arguments.crop[:80]!r} is no part of a picture.",
                "Write it as LEFT,TOP,WIDTH,HEIGHT: --crop 0,0,32,48",
            )
        names = ("left", "top", "width", "height")
        edits.append({"edit": "crop", **dict(zip(names, sides, strict=True))})
    shifts = {
        name: value for name, _, _ in COLOUR if (value := getattr(arguments, name)) is not None
    }
    if shifts:
        edits.append({"edit": "colour", **shifts})
    if arguments.background is not None:
        tolerance = {} if arguments.tolerance is None else {"tolerance": arguments.tolerance}
        edits.append({"edit": "background", "by": arguments.background, **tolerance})
    elif arguments.tolerance is not None:
        raise StudioError("--tolerance needs --background.", "Give both, or leave it out.")
    if arguments.trim:
        edits.append({"edit": "trim"})
    if arguments.palette or arguments.style:
        dither = {"dither": arguments.dither} if arguments.dither else {}
        hard = {"hard_alpha": arguments.hard_alpha}
        edits.append({"edit": "palette", **_palette(arguments), **dither, **hard})
    elif arguments.dither or arguments.hard_alpha:
        flag = "--dither" if arguments.dither else "--hard-alpha"
        raise StudioError(f"{flag} needs a palette.", "Give --palette or --style, too.")
    if not edits:
        raise StudioError("Nothing says how to edit.", "Give --crop, --background or another.")
    return edits


def _palette(arguments: argparse.Namespace) -> dict[str, Any]:
    """Where the colours come from; those of a file are written out."""
    if arguments.style:
        return {"style": arguments.style}
    file = Path(arguments.palette)
    if not file.is_file():
        return {"palette": arguments.palette}
    from studio import images
    from studio.finishing import palette_files

    found = palette_files.read(images.read_file(file), arguments.palette)
    return {"colours": list(found.table.colours)}


def _named(studio: Studio, pictures: Sequence[str]) -> list[str]:
    """The pictures by id; files are kept as pictures to begin from, by their hash."""
    from studio.workflows import upscale_sources

    return [
        upscale_sources.bring(studio, file).named if (file := Path(named)).is_file() else named
        for named in dict.fromkeys(pictures)
    ]


def _result(studio: Studio, job: Job, arguments: argparse.Namespace) -> Answer:
    """What the job came to, a line a picture."""
    import shutil

    from studio.store.publish import publishing

    told = own_job.result_of(studio, job, arguments)
    files = []
    for id, name in zip(told["pictures"], told["files"], strict=True):
        file = studio.home / name
        if arguments.out:
            target = arguments.out / file.name
            with publishing(target, flush=False) as aside:
                shutil.copyfile(file, aside)
            file = target
        files.append(str(file))
        printer(arguments)(f"{id}: {file}")
    answer: Answer = {"job": job.id, **told, "files": files}
    return {**answer, "exit": 2} if told["left"] else answer

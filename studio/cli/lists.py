"""`lists` on the command line: pictures written line by line, drawn as one job."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.cli import own_job
from studio.cli.answer import Answer, Command, printer
from studio.cli.generate import drawing_options, fill_of, sides
from studio.cli.number_flags import whole
from studio.errors import StudioError
from studio.settings import Settings

if TYPE_CHECKING:
    from studio.generation.lists import PictureList

TOLD = 10  # of what is wrong


def add(command: Command, commands: Any) -> None:
    """Add it to the top's `commands`; `command` makes one with what all take."""
    top = commands.add_parser("lists", help="Pictures written line by line, drawn as one job")
    inner = top.add_subparsers(required=True, metavar="COMMAND")
    parser = command("check", checked, "What comes of a list, before anything is drawn", inner)
    _list_options(parser)
    parser = command("draw", draw, "Draw a list with what is in production", inner)
    _list_options(parser)
    parser.add_argument("--style", required=True, metavar="STYLE")
    parser.add_argument("--name", default="", metavar="NAME", help="what the list is called")
    drawing_options(parser)
    parser.add_argument(
        "--zip", type=Path, metavar="FILE", help="keep its pictures there by their names, too"
    )
    own_job.job_options(parser)


def checked(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`lists check`. The exit code is 2 where a line is wrong."""
    found, say = _read(arguments), printer(arguments)
    for line in found.lines:
        size = f", {line.width or '-'} x {line.height or '-'}" if line.width or line.height else ""
        say(f"{line.name}: {line.count} of {line.prompt!r}{size}")
    say(f"{found.written:,} lines as {len(found.lines):,}, {found.pictures:,} pictures")
    return {"lines": [asdict(line) for line in found.lines], "pictures": found.pictures}


def draw(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`lists draw`."""
    from studio import context
    from studio.assets.search import Wanted
    from studio.generation import gallery_table, lists
    from studio.workflows import labelling

    found, studio = _read(arguments), context.open_studio(settings)
    width, height = sides(settings, arguments.style, arguments)
    asked = {
        "style": arguments.style,
        "set": arguments.name,
        "assets": [asdict(line) for line in found.lines],
        "width": width,
        "height": height,
        "seamless": arguments.seamless,
        "fill": fill_of(arguments),
        **{
            name: getattr(arguments, name) for name in ("negative", "steps", "guidance", "strength")
        },
    }
    if arguments.detach and arguments.zip:
        raise StudioError(
            "With --detach nobody is left to write --zip.",
            "Leave it out, and download the list's pictures on the page Judge.",
        )
    job = own_job.put_in(studio, "batch", asked, arguments)
    if arguments.detach:
        return own_job.detached(studio, [job], arguments)
    made = own_job.result_of(studio, job, arguments)["pictures"]
    say, files = printer(arguments), [str(studio.home / one["file"]) for one in made]
    for file in files:
        say(file)
    if cut := gallery_table.count(studio.engine, Wanted(job=job.id, seam="cut")):
        say(f"{cut:,} of them are cut at a seam: on the page Gallery at ?job={job.id}&seam=cut")
    if arguments.zip:
        drawn = gallery_table.all_of(studio.engine, Wanted(job=job.id))
        label = labelling.labelled
        packed = lists.pack(studio.home, drawn, "1", arguments.zip, labelled=label)
        say(f"{packed} pictures: {arguments.zip}")
    return {"id": job.id, "files": files}


def _list_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar="FILE", help="CSV or TSV")
    parser.add_argument(
        "--count", type=whole(1, 100), default=4, help="pictures where a line gives no count (4)"
    )


def _read(arguments: argparse.Namespace) -> PictureList:
    """The list; StudioError that names the lines that are wrong."""
    from studio.generation import lists
    from studio.text import decoding

    found = lists.read_list(decoding.read_text(arguments.file).text, arguments.count)
    if found.problems:
        more = len(found.problems) - TOLD
        said = [*found.problems[:TOLD], *([f"And {more:,} lines more."] if more > 0 else [])]
        raise StudioError("\n".join(said), f"Mend {arguments.file}, then call it again.")
    return found

"""`dataset` on the command line: pictures brought in, how they are shown, every version."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from studio.cli import own_job, preprocessing
from studio.cli.answer import Answer, Command, printer
from studio.settings import Settings

FOLDERS = "import from server folders"


def add(command: Command, commands: Any) -> None:
    """Add all to the top's `commands`; `command` makes one with what all take."""
    top = commands.add_parser("dataset", help="Bring in pictures, list datasets")
    inner = top.add_subparsers(required=True, metavar="COMMAND")
    parser = command("import", import_dataset, "Bring a folder of pictures in as a version", inner)
    parser.add_argument("name", metavar="NAME")
    parser.add_argument("folder", type=Path, metavar="DIR")
    parser.add_argument("--source", default="", help="where the pictures come from")
    parser.add_argument("--author", default="", help="who made them")
    parser.add_argument("--licence", default="", help="under which licence")
    parser.add_argument(
        "--cut",
        dest="cuts",
        action="append",
        default=[],
        metavar="[FILES=]GRID",
        help="cut sheets by a grid: 16x16 (pixels of a cell) or 8by4 (columns and rows), then "
        "perhaps ,margin=1,spacing=2; or auto, a grid that is looked for, or whole, for a sheet "
        "whose JSON is beside it. FILES: which are meant, such as tiles*.png; without, every one. "
        "May be given again; the last that fits a file holds",
    )
    parser.add_argument(
        "--frames",
        action="store_true",
        help="take all frames of GIF, APNG and WebP; without, the first",
    )
    preprocessing.options(parser)
    own_job.job_options(parser)
    preprocessing.add(command, inner)
    command("list", list_datasets, "Every dataset and version", inner)


def import_dataset(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`dataset import`."""
    from studio import context
    from studio.accounts import rights

    given = {name: getattr(arguments, name) for name in ("name", "source", "author", "licence")}
    if not (arguments.detach or arguments.webhook or rights.allowed(settings.user, FOLDERS)):
        # A worker may read folders that this person may not; their own process reads no more.
        found = _read_here(settings, arguments, given)
    else:
        folder = str(arguments.folder.expanduser().absolute())
        asked = {**given, **preprocessing.given(arguments), "folder": folder}
        asked |= {"cuts": arguments.cuts, "frames": arguments.frames}
        studio = context.open_studio(settings)
        job = own_job.put_in(studio, "import", asked, arguments)
        if arguments.detach:
            return own_job.detached(studio, [job], arguments)
        found = own_job.result_of(studio, job, arguments)
    say = printer(arguments)
    for line in left_out(found["refused"]):
        say(f"left out  {line}")
    for warning in found["warnings"]:
        say(f"mind      {warning}")
    new, changed, gone = (len(found[name]) for name in ("new", "changed", "gone"))
    named = f"{found['name']}@{found['version']}"
    say(f"{named}: {found['pictures']} pictures; {new} new, {changed} changed, {gone} gone.")
    return found


def left_out(refused: Sequence[dict[str, str]]) -> list[str]:
    """A line for each reason, with the files that it holds for."""
    from studio.datasets.pictures import listed

    files: dict[tuple[str, str], list[str]] = {}
    for one in refused:
        files.setdefault((one["reason"], one["remedy"]), []).append(one["file"])
    return [f"{listed(names, 10)}: {reason} {remedy}" for (reason, remedy), names in files.items()]


def _read_here(
    settings: Settings, arguments: argparse.Namespace, given: dict[str, str]
) -> dict[str, Any]:
    from studio import context
    from studio.datasets.folder_import import import_folder
    from studio.datasets.sheets.requests import Asked

    look = preprocessing.for_import(settings, arguments)
    result = import_folder(
        settings.home,
        folder=arguments.folder,
        look=look,
        asked=Asked(tuple(arguments.cuts), arguments.frames),
        now=context.now(),
        actor=settings.user,
        **given,
    )
    return result.as_record()


def list_datasets(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`dataset list`."""
    from studio.datasets.versions import list_versions

    frozen = list_versions(settings.home)
    for version in frozen:
        named = f"{version.name}@{version.version}"
        printer(arguments)(f"{named}  {len(version.pictures):5} pictures  {version.created}")
    if not frozen:
        printer(arguments)("No dataset yet. Begin with: python -m studio dataset import NAME DIR")
    rows = [
        {"name": v.name, "version": v.version, "pictures": len(v.pictures), "created": v.created}
        for v in frozen
    ]
    return {"datasets": rows}

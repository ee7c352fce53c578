"""`dataset` on the command line: pictures brought in, how they are shown, every version."""

from __future__ import annotations

import argparse
import dataclasses
from pathlib import Path
from typing import Any

from studio.cli import preprocessing
from studio.cli.answer import Answer, Command, printer
from studio.settings import Settings


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
    preprocessing.options(parser)
    preprocessing.add(command, inner)
    command("list", list_datasets, "Every dataset and version", inner)


def import_dataset(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`dataset import`."""
    from studio import context
    from studio.datasets.folder_import import import_folder

    result = import_folder(
        settings.home,
        arguments.name,
        arguments.folder,
        look=preprocessing.for_import(settings, arguments),
        source=arguments.source,
        author=arguments.author,
        licence=arguments.licence,
        now=context.now(),
        actor=settings.user,
    )
    say = printer(arguments)
    version = result.version
    for refusal in result.refused:
        say(f"left out  {refusal.file}: {refusal.reason} {refusal.remedy}")
    for warning in result.warnings:
        say(f"mind      {warning}")
    say(
        f"{version.name}@{version.version}: {len(version.pictures)} pictures; "
        f"{len(result.new)} new, {len(result.changed)} changed, {len(result.gone)} gone."
    )
    return {
        "name": version.name,
        "version": version.version,
        "digest": version.digest,
        "pictures": len(version.pictures),
        "new": result.new,
        "changed": result.changed,
        "gone": result.gone,
        "refused": [dataclasses.asdict(r) for r in result.refused],
        "warnings": result.warnings,
    }


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

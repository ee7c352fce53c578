"""`sheet to-dataset` on the command line: cut animation frames as pictures to learn from."""

from __future__ import annotations

import argparse
from typing import Any

from studio.cli.answer import Answer, Command, printer
from studio.cli.number_flags import whole
from studio.settings import Settings


def add(command: Command, inner: Any) -> None:
    """Add it to those of `sheet`."""
    parser = command("to-dataset", run, "A sheet's frames into a dataset, with their phase", inner)
    parser.add_argument("sheet", metavar="ID")
    parser.add_argument("dataset", metavar="DATASET", help="a new one, or one that is there")
    parser.add_argument("--caption", default="", help="what all of them show; the sheet's name")
    parser.add_argument(
        "--phases", type=whole(1, 64), default=8, metavar="N", help="that captions count (8)"
    )
    parser.add_argument(
        "--on-black", action="store_true", help="for effects that are added to the game"
    )
    parser.add_argument("--source", default="", help="where they are from")
    parser.add_argument("--author", default="", help="who drew them")
    parser.add_argument("--licence", default="", help="under which licence")


def run(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`sheet to-dataset`."""
    from studio import context
    from studio.workflows import sheet_to_dataset
    from studio.workflows.sheet_to_dataset import Provenance

    done = sheet_to_dataset.hand_on(
        context.open_studio(settings),
        arguments.sheet,
        arguments.dataset,
        caption=arguments.caption,
        count=arguments.phases,
        on_black=arguments.on_black,
        told=Provenance(arguments.source, arguments.author, arguments.licence),
        by=settings.user,
        now=context.now(),
    )
    say, version = printer(arguments), done.added.version
    say(f"{len(done.added.new):,} frames were added to {version.name}, {done.left:,} left out.")
    for warning in done.added.warnings:
        say(warning)
    say("Once it is trained, ask for these to draw the effect:")
    for caption in done.captions:
        say(f"  {caption}")
    return {
        "dataset": version.name,
        "version": version.version,
        "digest": version.digest,
        "new": list(done.added.new),
        "left": done.left,
        "captions": list(done.captions),
        "warnings": list(done.added.warnings),
    }

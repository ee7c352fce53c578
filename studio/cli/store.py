"""`store` on the command line: the bucket that the studio's files are in."""

from __future__ import annotations

import argparse
import dataclasses
from typing import Any

from studio.cli.answer import Answer, Command, printer
from studio.settings import Settings

NAMED = 10  # files of one kind that are named one by one


def add(command: Command, commands: Any) -> None:
    """Add them to the top's `commands`; `command` makes one with what all take."""
    top = commands.add_parser("store", help="The bucket that the studio's files are in")
    inner = top.add_subparsers(required=True, metavar="COMMAND")
    parser = command("check", check, "Compare database and bucket both ways", inner)
    parser.add_argument(
        "--read", action="store_true", help="read every object and compare its hash"
    )
    parser.add_argument(
        "--fix", action="store_true", help="send again what the folder has still; deletes nothing"
    )
    said = "Move the files of a studio that is stopped into the bucket, or back into the folder"
    parser = command("move", move, said, inner)
    parser.add_argument("to", choices=("s3", "folder"), help="where they are to be")


def check(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`store check`."""
    from studio import context
    from studio.operations import store_check

    say = printer(arguments)
    studio = context.open_studio(settings)
    found = store_check.check(studio, say, read=arguments.read, fix=arguments.fix)
    say(f"{found.there:,} files are up, {found.bytes / 1e6:,.1f} MB; {found.waiting:,} wait.")
    sent = ", and go up again" if arguments.fix else ". Send them: store check --fix"
    for what, paths in (
        (f"are not in the bucket, but in the folder{sent}", found.lacking),
        (f"of the folder are not noted yet{sent}", found.unnoted),
        ("are in neither: put them back from a backup", found.lost),
        ("are named by assets and nowhere: put them back from a backup", found.unnamed),
        ("were changed in the bucket", found.changed),
        ("objects are named by no row; nothing needs them", found.nobodys),
    ):
        if paths:
            more = f", and {len(paths) - NAMED:,} more" if len(paths) > NAMED else ""
            say(f"{len(paths):,} {what}: {', '.join(paths[:NAMED])}{more}")
    mended = arguments.fix and not (found.lost or found.unnamed)
    return {**dataclasses.asdict(found), "exit": 0 if found.whole or mended else 1}


def move(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`store move`."""
    from studio import context
    from studio.operations import store_move

    say, back = printer(arguments), arguments.to == "folder"
    run = store_move.into_folder if back else store_move.into_bucket
    found = run(settings, context.now(), say)
    there = "in the folder" if back else f"in {settings.store.shown}"
    say(f"{found.files:,} files are {there}, {found.bytes / 1e6:,.1f} MB, each compared.")
    if found.taken:
        say(f"{found.taken:,} were taken away where they had been.")
    if found.left:
        say(f"{found.left:,} objects stay in the bucket: nothing in the folder needs them.")
    for one in found.flaws[:NAMED]:
        say(one)
    if len(found.flaws) > NAMED:
        say(f"And {len(found.flaws) - NAMED:,} more.")
    if found.flaws and not back:
        say("Mend that, then call it again; nothing was taken away.")
    if back:
        say("Set STUDIO_STORE=folder now: else the files go up again.")
    return {**dataclasses.asdict(found), "exit": 1 if found.flaws else 0}

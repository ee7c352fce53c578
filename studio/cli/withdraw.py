"""`withdraw` on the command line: pictures leave every dataset, and what learned from them."""

from __future__ import annotations

import argparse
import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from studio.cli.answer import Answer, Command, printer
from studio.cli.lineage import tell_learned
from studio.errors import StudioError
from studio.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

    from studio.datasets.pictures import Picture


def add(command: Command, commands: Any) -> None:
    """Add it to the top's `commands`; `command` makes one with what all take."""
    from studio.datasets.withdrawals import GROUNDS

    top = commands.add_parser("withdraw", help="Withdraw pictures; what had learned from them")
    inner = top.add_subparsers(required=True, metavar="COMMAND")
    parser = command("show", show, "What learned from pictures; changes nothing", inner)
    _pictures(parser)
    parser = command("pictures", pictures, "Withdraw pictures from every dataset", inner)
    _pictures(parser)
    parser.add_argument(
        "--ground", required=True, choices=GROUNDS, metavar="GROUND", help="; ".join(GROUNDS)
    )
    parser.add_argument("--why", required=True, metavar="TEXT", help="in a line")
    parser.add_argument("--asked-by", default="", metavar="NAME", help="who asked for it")
    command("list", listed, "Every withdrawal, also those that were taken back", inner)
    parser = command("back", back, "Take a withdrawal back", inner)
    parser.add_argument("picture", metavar="HASH", help="as `withdraw list` shows it")
    parser.add_argument("--why", required=True, metavar="TEXT")


def _pictures(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("dataset", metavar="NAME[@VERSION]")
    parser.add_argument(
        "pictures",
        nargs="*",
        metavar="PICTURE",
        help="file names as in the dataset, or the first 8 letters of hashes and more",
    )
    parser.add_argument("--author", default="", help="all pictures of this author")
    parser.add_argument("--csv", metavar="FILE", help="write all that learned as a table")


def show(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`withdraw show`."""
    from studio import context

    studio = context.open_studio(settings)
    found = _found(settings.home, arguments.dataset, arguments.pictures, arguments.author)
    say = printer(arguments)
    for picture in found:
        say(f"{picture.hash[:12]}  {picture.file_name}")
    answer = tell_learned(studio, found, arguments, say)
    say("Nothing was changed. `withdraw pictures` withdraws them.")
    return answer


def pictures(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`withdraw pictures`."""
    from studio import context
    from studio.datasets import withdrawals

    studio = context.open_studio(settings)
    found = _found(settings.home, arguments.dataset, arguments.pictures, arguments.author)
    count = withdrawals.withdraw(
        studio.engine,
        found,
        ground=arguments.ground,
        why=arguments.why,
        asked_by=arguments.asked_by,
        by=settings.user,
        now=context.now(),
    )
    say = printer(arguments)
    for picture in found:
        say(f"{picture.hash[:12]}  {picture.file_name}")
    before = len(found) - count
    say(
        f"{count} withdrawn{f', {before} were before' if before else ''}. Versions that hold them "
        "are trained on no more; the next version leaves them out."
    )
    return {"withdrawn": count, **tell_learned(studio, found, arguments, say)}


def listed(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`withdraw list`."""
    from studio.datasets import withdrawals

    found = withdrawals.listing(settings.home)
    for one in found:
        asked = f", asked by {one.asked_by}" if one.asked_by else ""
        back = f"; taken back by {one.back_by}: {one.back_why}" if one.back_at else ""
        printer(arguments)(
            f"{one.hash[:12]}  {one.file_name}: {one.ground}, {one.why} "
            f"({one.by}, {one.at[:10]}{asked}{back})"
        )
    if not found:
        printer(arguments)("No picture was ever withdrawn.")
    return {"withdrawn": [dataclasses.asdict(one) for one in found]}


def back(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`withdraw back`."""
    from studio import context
    from studio.datasets import withdrawals

    wanted = arguments.picture.lower()
    named = [hash for hash in withdrawals.active(settings.home) if hash.startswith(wanted)]
    if len(wanted) < 8 or len(named) != 1:
        raise StudioError(
            f"{arguments.picture!r} names {'no' if not named else 'no single'} withdrawn picture.",
            "Give 8 letters or more of a hash that `python -m studio withdraw list` shows.",
        )
    studio = context.open_studio(settings)
    withdrawals.take_back(
        studio.engine, named[0], why=arguments.why, by=settings.user, now=context.now()
    )
    printer(arguments)(f"{named[0][:12]} may be used again.")
    return {"hash": named[0]}


def _found(home: Path, dataset: str, named: Sequence[str], author: str) -> list[Picture]:
    """The pictures of a version that are meant; StudioError names each that is not in it."""
    from studio.datasets import versions

    name, _, wanted = dataset.partition("@")
    version = versions.load(home, name, wanted or None)
    if not named and not author:
        raise StudioError("No picture is named.", "Give file names, hashes, or --author NAME.")
    found = {p.hash: p for p in version.pictures if author and p.author == author}
    if author and not found:
        raise StudioError(
            f"No picture of {name}@{version.version} is by {author!r}.", "Check the spelling."
        )
    for one in named:
        mine = [p for p in version.pictures if p.file_name == one]
        if not mine and len(one) >= 8:
            mine = [p for p in version.pictures if p.hash.startswith(one.lower())]
        if not mine:
            raise StudioError(
                f"{name}@{version.version} has no picture {one!r}.",
                "Give its file name as the dataset has it, with its folder, or its hash.",
            )
        found |= {p.hash: p for p in mine}
    return list(found.values())

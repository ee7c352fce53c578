"""`boards` on the command line: named collections of the gallery, and their pictures as a zip."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.cli.answer import Answer, Command, printer
from studio.settings import Settings

if TYPE_CHECKING:
    from PIL import Image


def add(command: Command, commands: Any) -> None:
    """Add all to the top's `commands`; `command` makes one with what all take."""
    from studio.generation.lists import FACTORS

    top = commands.add_parser("boards", help="Boards of the gallery, and their pictures")
    inner = top.add_subparsers(required=True, metavar="COMMAND")
    command("list", list_boards, "Every board", inner)
    parser = command("show", show, "What is on a board, the newest first", inner)
    parser.add_argument("board", metavar="BOARD", help="its name, or its id as links have it")
    parser = command("zip", pack, "A board's pictures as a zip", inner)
    parser.add_argument("board", metavar="BOARD", help="its name, or its id as links have it")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE.zip")
    parser.add_argument(
        "--factor", choices=FACTORS, default="1", help="of their size (1); whole pixels"
    )
    parser.add_argument(
        "--indexed", default="", metavar="PALETTE", help="as indexed PNG in this palette's order"
    )


def list_boards(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`boards list`."""
    from studio import context
    from studio.assets import boards

    found = boards.all_of(context.open_records(settings)[0])
    for board in found:
        printer(arguments)(f"{board.id}  {board.count:5} on it  {board.name}  by {board.by}")
    if not found:
        printer(arguments)("No board yet. Make one on the page Gallery.")
    return {"boards": [asdict(board) for board in found]}


def show(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`boards show`."""
    from studio import context
    from studio.assets import boards, listing
    from studio.assets.search import Wanted

    engine, _ = context.open_records(settings)
    board = boards.named(engine, arguments.board)
    say = printer(arguments)
    say(f"{board.name}  {board.count} on it  by {board.by}, {board.at}")
    if board.note:
        say(board.note)
    found = listing.page(engine, Wanted(board=board.id), 1, max(1, board.count))
    for one in found:
        verdict = one.verdict or "not judged"
        say(f"{one.id}  {one.kind}  {one.style} version {one.version}  {verdict}  {one.said}")
    return {"board": asdict(board), "assets": [asdict(one) for one in found]}


def pack(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`boards zip`."""
    from studio import context
    from studio.assets import boards
    from studio.assets.search import Wanted
    from studio.errors import StudioError
    from studio.finishing import indexed, palettes
    from studio.generation import gallery_table, lists
    from studio.workflows import labelling

    engine, _ = context.open_records(settings)
    board = boards.named(engine, arguments.board)
    found = gallery_table.all_of(engine, Wanted(board=board.id))
    if not found:
        raise StudioError(f"There is no picture on {board.name!r}.", "Put some on it first.")
    encoded: Callable[[Image.Image], bytes] = lists.as_png
    if arguments.indexed:
        colours = palettes.named(engine, arguments.indexed).colours
        encoded = partial(indexed.snapped_and_encoded, colours=colours)
    packed = lists.pack(
        settings.home, found, arguments.factor, arguments.out, encoded, labelling.labelled
    )
    printer(arguments)(f"{packed} pictures in {arguments.out}")
    return {"pictures": packed, "file": str(arguments.out)}

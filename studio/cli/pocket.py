"""`pocket` on the command line: train a practice base, measure one."""

from __future__ import annotations

import argparse
import dataclasses
from pathlib import Path
from typing import Any

from studio.cli.answer import Answer, Command, printer
from studio.settings import Settings


def add(command: Command, commands: Any) -> None:
    """Add both to the top's `commands`; `command` makes one with what all take."""
    pocket = commands.add_parser("pocket", help="The practice base")
    inner = pocket.add_subparsers(required=True, metavar="COMMAND")
    parser = command("train", train, "Train a practice base on a folder of pictures", inner)
    parser.add_argument("folder", type=Path, metavar="DATASET")
    parser.add_argument("--out", type=Path, default=Path("pocket"))
    parser.add_argument("--work", type=Path, default=Path("var/pocket"))
    parser.add_argument("--minutes", type=float, help="stop and write what is there after so long")
    parser.add_argument("--resume", action="store_true")
    parser = command(
        "report", report, "Measure a practice base and what it learns of a style", inner
    )
    parser.add_argument("--base", default="pocket", help="pocket, or the folder of another base")
    parser.add_argument("--dcss", type=Path, metavar="DIR", help="the real sprites it learned from")
    parser.add_argument(
        "--style",
        action="append",
        default=[],
        metavar="NAME=DIR",
        help="real pictures of a style; may be given many times",
    )
    parser.add_argument("--out", type=Path, default=Path("var/pocket-report"), metavar="DIR")
    parser.add_argument(
        "--parts",
        default="speed,colour,kind,copying,style",
        help="style-NAME is one style alone",
    )
    parser.add_argument("--preset", default="balanced", help="of the styles' trainings")
    parser.add_argument("--seed", type=int, default=0)


def train(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`pocket train`."""
    from studio.diffusion.bases import pick_device
    from studio.pocket.train import Recipe, train_pocket

    recipe = Recipe()
    if arguments.minutes is not None:
        recipe = dataclasses.replace(recipe, time_limit_s=arguments.minutes * 60)
    train_pocket(
        arguments.folder,
        arguments.out,
        arguments.work,
        recipe,
        device=pick_device(settings.device).type,
        resume=arguments.resume,
        report=printer(arguments),
    )
    return {"out": str(arguments.out)}


def report(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`pocket report`."""
    from studio.pocket.report import Request, make_report, named_folders

    request = Request(
        base=arguments.base,
        sprites=arguments.dcss,
        styles=named_folders(arguments.style),
        out=arguments.out,
        parts=tuple(arguments.parts.split(",")),
        seed=arguments.seed,
        preset=arguments.preset,
    )
    return make_report(settings, request, printer(arguments))

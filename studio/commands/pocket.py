"""`pocket` on the command line: train a practice base, measure one."""

from __future__ import annotations

import argparse
import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

from studio.cli import Answer, say
from studio.settings import Settings


def add(command: Callable[..., argparse.ArgumentParser], commands: Any) -> None:
    """Add both to the top's `commands`; `command` makes one with the options that all have."""
    pocket = commands.add_parser("pocket", help="The practice base")
    inner = pocket.add_subparsers(required=True, metavar="COMMAND")
    one = command("train", train, "Train a practice base on a folder of pictures", inner)
    one.add_argument(
        "folders",
        nargs="+",
        metavar="DATASET",
        help="a folder of sprites; DATASET=WORDS for one drawn in another style, so called",
    )
    one.add_argument("--out", type=Path, default=Path("var/pocket-base"))
    one.add_argument("--work", type=Path, default=Path("var/pocket"))
    one.add_argument(
        "--from",
        dest="start",
        type=Path,
        metavar="BASE",
        help="a base that this recipe made: its weights are gone on with, on any machine",
    )
    one.add_argument("--pictures", type=int, help="that the UNet is to see in all")
    one.add_argument("--minutes", type=float, help="stop and write what is there after so long")
    one.add_argument("--resume", action="store_true")
    one = command("report", report, "Measure a practice base and what it learns of a style", inner)
    one.add_argument(
        "--base",
        action="append",
        metavar="BASE",
        help="a bundled base or the folder of another; given again, a second is held against it",
    )
    one.add_argument("--dcss", type=Path, metavar="DIR", help="the real sprites it learned from")
    one.add_argument("--style", action="append", default=[], metavar="NAME=DIR",
                     help="real pictures of a style; may be given many times")  # fmt: skip
    one.add_argument("--out", type=Path, default=Path("var/pocket-report"), metavar="DIR")
    one.add_argument("--parts", default="speed,colour,kind,copying,style",
                     help="style-NAME is one style alone")  # fmt: skip
    one.add_argument("--preset", default="balanced", help="of the styles' trainings")
    one.add_argument("--seed", type=int, default=0)


def train(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`pocket train`."""
    from studio.diffusion.bases import pick_device
    from studio.pocket.corpus import parse_source
    from studio.pocket.train import Recipe, train_pocket

    recipe = Recipe()
    if arguments.pictures is not None:
        recipe = dataclasses.replace(recipe, denoiser_pictures=arguments.pictures)
    if arguments.minutes is not None:
        recipe = dataclasses.replace(recipe, time_limit_s=arguments.minutes * 60)
    train_pocket(
        [parse_source(text) for text in arguments.folders],
        arguments.out,
        arguments.work,
        recipe,
        device=pick_device(settings.device).type,
        resume=arguments.resume,
        start=arguments.start,
        report=say(arguments),
    )
    return {"out": str(arguments.out)}


def report(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`pocket report`."""
    from studio.pocket import bundled
    from studio.pocket_report import Request, make_report, named_folders

    request = Request(
        bases=tuple(arguments.base or [base.name for base in bundled.present()]),
        sprites=arguments.dcss,
        styles=named_folders(arguments.style),
        out=arguments.out,
        parts=tuple(arguments.parts.split(",")),
        seed=arguments.seed,
        preset=arguments.preset,
    )
    return make_report(settings, request, say(arguments))

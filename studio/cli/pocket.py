"""`pocket` on the command line: train a practice base and its ControlNet, measure both."""

from __future__ import annotations

import argparse
import dataclasses
from pathlib import Path
from typing import Any

from studio.cli.answer import Answer, Command, printer
from studio.cli.number_flags import number, whole
from studio.numbers import SEEDS
from studio.settings import Settings

CONTROL = Path("var/pocket-control/control")


def add(command: Command, commands: Any) -> None:
    """Add both to the top's `commands`; `command` makes one with what all take."""
    pocket = commands.add_parser("pocket", help="The practice base")
    inner = pocket.add_subparsers(required=True, metavar="COMMAND")
    parser = command("train", train, "Train a practice base on folders of pictures", inner)
    parser.add_argument(
        "folders",
        nargs="+",
        metavar="DATASET",
        help="a folder of sprites; DATASET=WORDS for one drawn in another style, so called",
    )
    parser.add_argument("--out", type=Path, default=Path("var/pocket-base"))
    parser.add_argument("--work", type=Path, default=Path("var/pocket"))
    parser.add_argument(
        "--from",
        dest="start",
        type=Path,
        metavar="BASE",
        help="a base that this recipe made: its weights are gone on with, on any machine",
    )
    parser.add_argument("--pictures", type=whole(1, 10**9), help="that the UNet is to see in all")
    parser.add_argument(
        "--minutes", type=number(0, 10**6), help="stop and write what is there after so long"
    )
    parser.add_argument("--resume", action="store_true")
    parser = command(
        "report", report, "Measure a practice base and what it learns of a style", inner
    )
    parser.add_argument(
        "--base",
        action="append",
        metavar="BASE",
        help="a bundled base or the folder of another; given again, a second is held against it",
    )
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
        default="sheet,speed,colour,kind,copying,style",
        help="style-NAME is one style alone",
    )
    parser.add_argument("--preset", default="balanced", help="of the styles' trainings")
    parser.add_argument("--seed", type=whole(0, SEEDS - 1), default=0)
    _add_control(command, inner)


def _add_control(command: Command, inner: Any) -> None:
    parser = command("control", control, "Train a practice base's own tile ControlNet", inner)
    parser.add_argument("folders", nargs="+", metavar="DATASET", help="as for train")
    parser.add_argument("--base", default="pocket", metavar="BASE", help="a practice base (pocket)")
    parser.add_argument("--out", type=Path, default=CONTROL, metavar="DIR")
    parser.add_argument("--work", type=Path, default=Path("var/pocket-control"))
    parser.add_argument("--pictures", type=whole(1, 10**9), help="that it is to see in all (50000)")
    parser.add_argument(
        "--minutes", type=number(0, 10**6), help="stop and write what is there after so long"
    )
    parser.add_argument("--resume", action="store_true")
    parser = command(
        "control-report", control_report, "Measure whether that one holds its promise", inner
    )
    parser.add_argument("--base", default="pocket", metavar="BASE", help="a practice base (pocket)")
    parser.add_argument("--control", type=Path, default=CONTROL, metavar="DIR")
    parser.add_argument(
        "--style",
        action="append",
        default=[],
        metavar="NAME=DIR",
        help="real pictures of a style beside the bundled sample; two make three styles",
    )
    parser.add_argument(
        "--out", type=Path, default=Path("var/pocket-control-report"), metavar="DIR"
    )
    parser.add_argument("--seed", type=whole(0, SEEDS - 1), default=0)


def train(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`pocket train`."""
    from studio import context
    from studio.diffusion.bases import pick_device
    from studio.pocket.corpus import parse_source
    from studio.pocket.train import Recipe, train_pocket

    context.set_threads(settings)
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
        report=printer(arguments),
    )
    return {"out": str(arguments.out)}


def report(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`pocket report`."""
    from studio.diffusion import bundled_bases
    from studio.pocket.report import Request, make_report, named_folders

    request = Request(
        bases=tuple(arguments.base or [base.name for base in bundled_bases.present()]),
        sprites=arguments.dcss,
        styles=named_folders(arguments.style),
        out=arguments.out,
        parts=tuple(arguments.parts.split(",")),
        seed=arguments.seed,
        preset=arguments.preset,
    )
    return make_report(settings, request, printer(arguments))


def control(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`pocket control`."""
    from studio import context
    from studio.diffusion.bases import pick_device
    from studio.pocket.control import Recipe, train_control
    from studio.pocket.corpus import parse_source

    context.set_threads(settings)
    recipe = Recipe()
    if arguments.pictures is not None:
        recipe = dataclasses.replace(recipe, pictures=arguments.pictures)
    if arguments.minutes is not None:
        recipe = dataclasses.replace(recipe, time_limit_s=arguments.minutes * 60)
    say = printer(arguments)
    train_control(
        [parse_source(text) for text in arguments.folders],
        arguments.base,
        arguments.out,
        arguments.work,
        recipe,
        device=pick_device(settings.device).type,
        resume=arguments.resume,
        report=say,
    )
    say("Measure it: python -m studio pocket control-report")
    return {"out": str(arguments.out)}


def control_report(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`pocket control-report`."""
    from studio.pocket.control_report import Request, make_report
    from studio.pocket.report import named_folders

    request = Request(
        base=arguments.base,
        control=arguments.control,
        styles=named_folders(arguments.style),
        out=arguments.out,
        seed=arguments.seed,
    )
    return make_report(settings, request, printer(arguments))

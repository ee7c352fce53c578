"""`train` on the command line, and the options of every command that asks for a training."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from studio.cli.answer import Answer, Command, printer
from studio.errors import StudioError
from studio.settings import Settings


def add(command: Command, commands: Any) -> None:
    """Add it; `command` makes one with what all take."""
    parser = command("train", train, "Train a LoRA of a style and register it as a candidate")
    parser.add_argument("style", metavar="STYLE")
    training_options(parser)
    parser.add_argument("--resume", action="store_true", help="go on with the unfinished training")


def train(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`train`."""
    from studio import context
    from studio.training.config import load_config
    from studio.workflows import model_cards
    from studio.workflows.train import train_style
    from studio.workflows.version_loading import as_record

    config = load_config(arguments.preset, arguments.config, flags(arguments.set))
    studio = context.open_studio(settings)
    version = train_style(
        studio,
        arguments.style,
        arguments.dataset,
        config,
        printer(arguments),
        resume=arguments.resume,
    )
    model_cards.write(studio, version.style, version.number)
    return as_record(version)


def training_options(parser: argparse.ArgumentParser) -> None:
    """What a training is asked with on the command line."""
    parser.add_argument("--dataset", required=True, metavar="NAME[@VERSION]")
    parser.add_argument("--preset", default="balanced", help="fast, balanced or quality")
    parser.add_argument("--config", type=Path, metavar="FILE", help="YAML file of settings")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="one training setting; may be given many times",
    )


def flags(words: list[str]) -> dict[str, Any]:
    """The values of `--set NAME=VALUE`."""
    found: dict[str, Any] = {}
    for text in words:
        name, equals, value = text.partition("=")
        if not equals:
            raise StudioError(f"--set {text} has no value.", "Write --set NAME=VALUE.")
        found[name] = value
    return found

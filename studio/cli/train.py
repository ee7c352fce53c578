"""`train` on the command line, and the options of every command that asks for a training."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.cli import own_job
from studio.cli.answer import Answer, Command
from studio.errors import StudioError
from studio.settings import Settings

if TYPE_CHECKING:
    from studio.context import Studio
    from studio.jobs.table import Job
    from studio.training.config import TrainConfig


def add(command: Command, commands: Any) -> None:
    """Add it; `command` makes one with what all take."""
    parser = command("train", train, "Train a LoRA of a style and register it as a candidate")
    parser.add_argument("style", metavar="STYLE")
    training_options(parser)
    parser.add_argument("--resume", action="store_true", help="go on with the unfinished training")
    own_job.job_options(parser)


def train(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`train`."""
    from studio import context
    from studio.workflows import model_cards

    studio = context.open_studio(settings)
    config = asked_settings(studio, arguments)
    asked = {
        "style": arguments.style,
        "dataset": arguments.dataset,
        "preset": arguments.preset,
        "settings": asdict(config),
    }
    job = _left(studio, asked) if arguments.resume else None
    if job is None:
        run = _unfinished(studio, arguments, config) if arguments.resume else ""
        job = own_job.put_in(studio, "train", {**asked, "run": run}, arguments)
    if arguments.detach:
        return own_job.detached(studio, [job], arguments)
    made = own_job.result_of(studio, job, arguments)
    model_cards.write(studio, made["style"], made["number"])
    return made


def _left(studio: Studio, asked: dict[str, Any]) -> Job | None:
    """The job of a command that was killed, or of a page, which still waits or runs: it is gone
    on with, since a second one would write into the same run."""
    from studio.datasets.versions import load
    from studio.jobs import queue

    name, _, said = asked["dataset"].partition("@")
    version = load(studio.home, name, said or None)
    wanted = {**asked, "dataset": f"{version.name}@{version.version}"}
    user = studio.settings.user
    for job in queue.listing(studio.engine, states=("queued", "running"), user=user, kind="train"):
        if {name: job.payload.get(name) for name in wanted} == wanted:
            return job
    return None


def _unfinished(studio: Studio, arguments: argparse.Namespace, config: TrainConfig) -> str:
    """The run to go on with, or StudioError."""
    from studio.diffusion import base_offers
    from studio.training.config import on_this_machine
    from studio.training.runs import unfinished
    from studio.workflows import train_inputs

    version = train_inputs.usable(studio, arguments.dataset, config)
    settled, _ = on_this_machine(config, base_offers.device(studio.settings.device))
    return unfinished(studio.home, arguments.style, version.digest, settled).id


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


def asked_settings(studio: Studio, arguments: argparse.Namespace) -> TrainConfig:
    """The settings that the options of a training come to, for its style and dataset. NotAllowed
    before anything is read for who may not train."""
    from studio.accounts.rights import check
    from studio.datasets.versions import load
    from studio.registry import models
    from studio.training.config import load_config
    from studio.workflows import train_examples, trigger_words

    check(studio.settings.user, "train")
    known = models.list_versions(studio.client, arguments.style)
    word = trigger_words.usual(studio.home, arguments.style, known)
    name, _, said = arguments.dataset.partition("@")
    often = train_examples.folder_repeats(load(studio.home, name, said or None))
    given = flags(arguments.set)
    return load_config(arguments.preset, arguments.config, given, trigger_word=word, repeats=often)


def flags(words: list[str]) -> dict[str, Any]:
    """The values of `--set NAME=VALUE`."""
    found: dict[str, Any] = {}
    for text in words:
        name, equals, value = text.partition("=")
        if not equals:
            raise StudioError(f"--set {text} has no value.", "Write --set NAME=VALUE.")
        found[name] = value
    return found

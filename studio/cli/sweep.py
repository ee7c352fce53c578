"""`sweep` on the command line: try settings, look at the trials, keep one."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import Any

from studio.cli.answer import Answer, Command, printer
from studio.cli.number_flags import COUNT, ID
from studio.cli.train import asked_settings, flags, training_options
from studio.settings import Settings

TRIALS = 12


def add(command: Command, commands: Any) -> None:
    """Add them to the top's `commands`; `command` makes one with what all take."""
    sweep = commands.add_parser(
        "sweep", help="Hyperparameter sweeps: try settings, keep what suits"
    )
    inner = sweep.add_subparsers(required=True, metavar="COMMAND")
    parser = command("run", run, "Train one trial after the other", inner)
    parser.add_argument("style", metavar="STYLE")
    training_options(parser)
    parser.add_argument(
        "--try",
        action="append",
        default=[],
        metavar="NAME=RANGE",
        dest="tried",
        help="such as rank=8,16,32 or learning_rate=0.0001..0.01",
    )
    parser.add_argument(
        "--ranges", type=Path, metavar="FILE", help="YAML file of trials and ranges"
    )
    parser.add_argument("--trials", type=COUNT, help=f"how many; unset: {TRIALS}")
    parser.add_argument("--resume", action="store_true", help="go on with the style's newest sweep")
    parser = command("list", show, "The trials of a style's newest sweep, the best first", inner)
    parser.add_argument("style", metavar="STYLE")
    parser = command("keep", keep, "Make a trial a candidate of its style", inner)
    parser.add_argument("style", metavar="STYLE")
    parser.add_argument("trial", type=ID, metavar="TRIAL")


def run(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`sweep run`."""
    from studio import context
    from studio.workflows.sweeps import ranges, sweep_run

    studio, say = context.open_studio(settings), printer(arguments)
    if arguments.resume:
        found = _newest(settings, arguments.style)
        sweep_run.sweep(studio, found.wish, say, found.id)
        return show(settings, arguments)
    config = asked_settings(studio, arguments)
    asked, trials = ranges.read(arguments.ranges) if arguments.ranges else ({}, None)
    asked |= flags(arguments.tried)
    texts = {name: one.text for name, one in ranges.parse(asked or ranges.usual(config)).items()}
    wish = sweep_run.Wish(
        arguments.style,
        arguments.dataset,
        arguments.preset,
        asdict(config),
        texts,
        arguments.trials or trials or TRIALS,
    )
    sweep_run.sweep(studio, wish, say)
    return show(settings, arguments)


def show(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`sweep list`."""
    from studio.workflows.sweeps import study

    found = _newest(settings, arguments.style)
    tried = study.read(found.folder)
    say = printer(arguments)
    for one in sorted(tried, key=lambda t: (t.loss is None, t.loss)):
        values = "  ".join(f"{name} {value:g}" for name, value in one.values.items())
        loss = "" if one.loss is None else f"validation loss {one.loss:.4f}"
        say(f"{one.number:4}  {one.state:8}  {values}  {loss}".rstrip())
    return {"style": arguments.style, "sweep": found.id, "trials": [asdict(one) for one in tried]}


def keep(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`sweep keep`."""
    from studio import context
    from studio.workflows import model_cards
    from studio.workflows.sweeps import sweep_run
    from studio.workflows.version_loading import as_record

    studio = context.open_studio(settings)
    found = _newest(settings, arguments.style)
    made = sweep_run.keep(studio, found, arguments.trial)
    model_cards.write(studio, made.style, made.number)
    printer(arguments)(f"Registered {made.style} version {made.number} as a candidate.")
    return as_record(made)


def _newest(settings: Settings, style: str) -> Any:
    from studio.errors import StudioError
    from studio.workflows.sweeps import sweep_run

    for found in sweep_run.sweeps(settings.home):
        if found.wish.style == style:
            return found
    raise StudioError(
        f"{style} has no sweep.", f"Begin one: python -m studio sweep run {style} --dataset NAME"
    )

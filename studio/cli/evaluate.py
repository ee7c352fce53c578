"""`evaluate` on the command line."""

from __future__ import annotations

import argparse
import math
from typing import Any

from studio.cli import own_job
from studio.cli.answer import Answer, Command, printer
from studio.cli.number_flags import ID
from studio.settings import Settings


def add(command: Command, commands: Any) -> None:
    """Add it; `command` makes one with what all take."""
    parser = command("evaluate", evaluate, "Draw a version's test sheet and measure it")
    parser.add_argument("style", metavar="STYLE")
    parser.add_argument("version", type=ID, metavar="VERSION")
    parser.add_argument(
        "--against",
        default="",
        metavar="NAME[@VERSION]",
        help="what to compare with: held-out pictures of the style, or any others "
        "of it; unset: the version's own dataset",
    )
    own_job.job_options(parser)


def evaluate(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`evaluate`."""
    from studio import context
    from studio.evaluation import metric_meanings
    from studio.workflows import model_cards

    studio = context.open_studio(settings)
    asked = {name: getattr(arguments, name) for name in ("style", "version", "against")}
    job = own_job.put_in(studio, "evaluate", asked, arguments)
    if arguments.detach:
        return own_job.detached(studio, [job], arguments)
    measured = own_job.result_of(studio, job, arguments)["metrics"]
    metrics = {name: math.nan if value is None else value for name, value in measured.items()}
    model_cards.write(studio, arguments.style, arguments.version)
    say = printer(arguments)
    say(f"{'':34}{'base':>10}{arguments.style + ' v' + str(arguments.version):>16}{'real':>10}")
    for name, value in metrics.items():
        if f"base_{name}" in metrics and not name.endswith(("_low", "_high")):
            real = metrics.get(f"real_{name}", math.nan)
            low, high = (metrics.get(f"real_{name}{end}") for end in ("_low", "_high"))
            ranged = (known := metric_meanings.of(name)) is not None and known.ranged
            beside = f"  ({low:.4g} to {high:.4g})" if ranged and low is not None else ""
            say(f"{name:34}{metrics[f'base_{name}']:10.4f}{value:16.4f}{real:10.4f}{beside}")
    folder = settings.home / "sheets" / arguments.style / str(arguments.version)
    say(f"test sheet: {folder / 'sheet.png'}")
    return {"style": arguments.style, "version": arguments.version, "metrics": metrics}

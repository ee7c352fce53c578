"""`serve`, `watch`, `doctor` and `first-run` on the command line."""

from __future__ import annotations

import argparse
import dataclasses
from typing import Any

from studio.cli.answer import Answer, Command, printer
from studio.settings import Settings


def add(command: Command, commands: Any) -> None:
    """Add all; `command` makes one with what all take."""
    command("serve", serve, "Start the studio: pages, worker, watcher and MLflow")
    command("watch", watch, "End rollouts that go wrong, send notices, clean up, until Ctrl-C")
    parser = command("doctor", doctor, "What works here and what is missing")
    fixed = (
        "settle where ledger and MLflow differ; read files not read yet; copy in those elsewhere"
    )
    parser.add_argument("--fix", action="store_true", help=fixed)
    command("first-run", first_run, "The main job on the bundled sample, once")


def serve(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`serve`."""
    from studio.operations.supervisor import serve as run

    return {"exit": run(settings, printer(arguments))}


def watch(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`watch`."""
    from studio.operations.watcher import watch as run

    return {"exit": run(settings, printer(arguments))}


def doctor(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`doctor`."""
    from studio.operations.doctor import checks

    results = checks(settings, mend=arguments.fix)
    for check in results:
        printer(arguments)(f"{'ok     ' if check.ok else 'MISSING'}  {check.name:10} {check.says}")
    return {
        "checks": [dataclasses.asdict(c) for c in results],
        "exit": 0 if all(c.ok or not c.needed for c in results) else 1,
    }


def first_run(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`first-run`."""
    from studio.operations.first_run import first_run as run

    return run(settings, printer(arguments))

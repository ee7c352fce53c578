"""`mlflow-server` and `mlflow-move` on the command line."""

from __future__ import annotations

import argparse
import dataclasses
import os
import sys
from datetime import UTC, datetime
from typing import Any

from studio.cli.answer import Answer, Command, printer
from studio.cli.number_flags import whole
from studio.settings import Settings


def add(command: Command, commands: Any) -> None:
    """Add both; `command` makes one with what all take."""
    parser = command(
        "mlflow-server", server, "Start MLflow's server alone, on the studio's records"
    )
    parser.add_argument("--host", default="", help="address it listens on; unset: as serve's")
    parser.add_argument("--port", type=whole(0, 65535), default=0, help="unset: STUDIO_MLFLOW_PORT")
    command("mlflow-move", move, "Move MLflow's records from mlflow.db into PostgreSQL, once")


def server(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`mlflow-server`; MLFLOW_TRACKING_URI may already name it to the others."""
    from studio.context import open_records
    from studio.tracking import client

    engine, tracking = open_records(dataclasses.replace(settings, mlflow_uri=None))
    engine.dispose()
    client.connect(tracking)
    words, needs = client.serving(
        tracking, arguments.host or settings.mlflow_host, arguments.port or settings.mlflow_port
    )
    printer(arguments)(f"MLflow's records are at {tracking.shown}")
    sys.stdout.flush()
    os.execve(words[0], words, {**client.spared(os.environ, tracking), **needs})


def move(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`mlflow-move`."""
    from studio.operations.mlflow_relocation import move as run

    say = printer(arguments)
    kept = run(settings, datetime.now(UTC), say)
    say(f"The file is kept as {kept}")
    return {"kept": str(kept)}

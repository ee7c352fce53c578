"""What is up: database, MLflow, worker. Quick enough to be asked every second."""

from __future__ import annotations

import urllib.request
from dataclasses import dataclass
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy import Engine

from studio.jobs import workers
from studio.outages import DatabaseAway
from studio.settings import Settings

PATIENCE_S = 2.0  # for MLflow's answer


@dataclass(frozen=True)
class Part:
    """One service: whether it answers, and a sentence for people."""

    ok: bool
    says: str


def look(settings: Settings, engine: Engine) -> dict[str, Part]:
    """The state of each service by name."""
    return {
        "database": _database(engine),
        "mlflow": _mlflow(settings),
        "worker": _worker(engine),
    }


def mlflow_address(settings: Settings) -> str:
    """Where people find MLflow's own pages: behind the studio's guard where they sign in."""
    return "/mlflow" if settings.sign_in.needed else mlflow_server(settings)


def mlflow_server(settings: Settings) -> str:
    """Where MLflow's server answers the studio."""
    named = settings.mlflow_uri or ""
    if named.startswith("http"):
        return named.rstrip("/")
    return f"http://{settings.mlflow_host}:{settings.mlflow_port}"


def _database(engine: Engine) -> Part:
    try:
        with engine.connect() as connection:
            connection.execute(sa.text("SELECT number FROM revision"))
    except (sa.exc.SQLAlchemyError, DatabaseAway) as error:
        why = error.message if isinstance(error, DatabaseAway) else error.__class__.__name__
        return Part(False, f"The database does not answer: {why}")
    return Part(True, "The database answers.")


def _mlflow(settings: Settings) -> Part:
    address = mlflow_server(settings)
    try:
        with urllib.request.urlopen(f"{address}/health", timeout=PATIENCE_S) as answer:
            if answer.status == 200:
                return Part(True, f"MLflow answers at {address}.")
            return Part(False, f"MLflow at {address} answers {answer.status}.")
    except OSError as error:
        return Part(False, f"MLflow at {address} does not answer: {error}.")


def _worker(engine: Engine) -> Part:
    try:
        found = workers.alive(engine, datetime.now(UTC))
    except (sa.exc.SQLAlchemyError, DatabaseAway):
        return Part(False, "No telling: the database does not answer.")
    if not found:
        return Part(False, "No worker answers: jobs wait until one is started.")
    return Part(True, f"{len(found)} at work, on {', '.join(sorted({w.device for w in found}))}.")

"""Where MLflow keeps its records and files, and a client on them."""

from __future__ import annotations

import logging
import os
import re
import sqlite3
import sys
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from studio.db import file_lock
from studio.errors import StudioError

if TYPE_CHECKING:
    from mlflow import MlflowClient

SQLITE = "sqlite:///"


@dataclass(frozen=True)
class Tracking:
    """`uri` of MLflow's database or server; `artifacts`: absolute folder or URI of its files."""

    uri: str
    artifacts: str


def tracking(home: Path, artifacts: Path, uri: str | None) -> Tracking:
    """MLflow at `uri`, else the studio's own database in `home`."""
    chosen = uri
    if not chosen:
        database = home.resolve() / "mlflow.db"
        database.parent.mkdir(parents=True, exist_ok=True)
        # WAL stays with the file; MLflow itself never asks for it.
        try:
            with closing(sqlite3.connect(database, timeout=30)) as connection:
                connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.Error as error:
            raise StudioError(
                f"MLflow's database {database} can't be opened: {error}.",
                "Make room on the disk and look at the folder's rights, then try again.",
            ) from error
        chosen = f"{SQLITE}{database}"
    return Tracking(uri=chosen, artifacts=str(artifacts.resolve()))


def away(error: BaseException) -> StudioError | None:
    """What to tell people of an error that is MLflow's; None for any other.

    It can be none of MLflow's where MLflow was never imported, which takes its time.
    """
    known = sys.modules.get("mlflow.exceptions")
    if known is None or not isinstance(error, known.MlflowException):
        return None
    said = str(error)
    # What follows the address are words of network libraries.
    unreached = re.search(r"request to \w+://(?:[^/@]*@)?([^/]+)\S* failed with exception", said)
    return StudioError(
        f"MLflow at {unreached[1]} does not answer." if unreached else f"MLflow says: {said[:300]}",
        "Pictures, ratings and votes still work. Have MLflow started again, then look how things "
        "stand before you try once more.",
    )


def connect(t: Tracking) -> MlflowClient:
    """A client on `t`, which also becomes MLflow's place for this process.

    The first connection to a database makes its tables, under a lock: two at once would collide.
    """
    os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
    os.environ.setdefault("MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT", "true")  # --json stays clean
    os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
    # A server that is away is told of within seconds; of itself MLflow tries for minutes.
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "1")
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", "20")
    import mlflow
    from mlflow.exceptions import MlflowException

    for name in ("alembic", "mlflow.store.db.utils"):
        logging.getLogger(name).setLevel(logging.WARNING)
    before = os.environ.get("MLFLOW_TRACKING_URI")
    mlflow.set_tracking_uri(t.uri)
    mlflow.set_registry_uri(t.uri)
    # It also writes the address into the environment, where it would pass for the user's setting.
    os.environ.pop("MLFLOW_TRACKING_URI", None)
    if before is not None:
        os.environ["MLFLOW_TRACKING_URI"] = before
    if not t.uri.startswith(SQLITE):  # a server that is away may come back while others work on
        return mlflow.MlflowClient(tracking_uri=t.uri, registry_uri=t.uri)
    try:
        with file_lock(Path(t.uri[len(SQLITE) :] + ".lock"), 120):
            client = mlflow.MlflowClient(tracking_uri=t.uri, registry_uri=t.uri)
            client.search_registered_models(max_results=1)
            client.search_experiments(max_results=1)
    except MlflowException as error:
        raise StudioError(
            f"MLflow's database at {t.uri} does not answer: {error}",
            "Make room on the disk and look at the folder's rights, then try again.",
        ) from error
    return client


def experiment(client: MlflowClient, t: Tracking, name: str) -> str:
    """The id of experiment `name`, made with an explicit location for its files when new.

    Explicit, because one made through the server (mlflow-artifacts:) can't be written by a client
    that works on the database.
    """
    from mlflow.exceptions import MlflowException

    found = client.get_experiment_by_name(name)
    if found is None:
        try:
            return str(client.create_experiment(name, artifact_location=_location(t, name)))
        except MlflowException:
            found = client.get_experiment_by_name(name)  # another process was first
            if found is None:
                raise
    if found.lifecycle_stage != "active":
        raise StudioError(
            f"The MLflow experiment {name!r} was deleted.",
            f"Restore it (mlflow experiments restore -x {found.experiment_id}) or choose a name.",
        )
    return str(found.experiment_id)


def _location(t: Tracking, name: str) -> str:
    if "://" in t.artifacts and urlsplit(t.artifacts).scheme != "file":
        return f"{t.artifacts.rstrip('/')}/{name}"
    folder = Path(t.artifacts.removeprefix("file://")) / name
    folder.mkdir(parents=True, exist_ok=True)
    return folder.as_uri()

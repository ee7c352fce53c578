"""Where MLflow keeps its records and files, and a client on them."""

from __future__ import annotations

import logging
import os
import re
import shlex
import sqlite3
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import quote

import sqlalchemy as sa

from studio.database import postgres
from studio.database.availability import AGAIN, DatabaseAway
from studio.database.engine import file_lock
from studio.errors import StudioError
from studio.store.place import Place
from studio.tracking import tables

if TYPE_CHECKING:
    from mlflow import MlflowClient

SQLITE = "sqlite:///"
# As MLflow takes it for a path whose % and ? have to be written otherwise: of the plain form it
# would make a folder of that other name, too.
SQLITE_QUOTED = "sqlite+pysqlite:///"
FOLDER = "mlflow"  # of the bucket
IN_FOLDER = Place()
# What is secret in an environment, by a word of its name; MLflow's server needs those of its own.
SECRET = {"APIKEY", "CREDENTIALS", "KEY", "PASSWORD", "SECRET", "TOKEN", "WEBHOOK"}
ITS_OWN = ("MLFLOW_", "PG")


@dataclass(frozen=True)
class Tracking:
    """`uri` of MLflow's database or server, which may hold a password; `artifacts`: absolute folder
    of its files; `home`: the studio's folder; `store`: where its files are kept beside."""

    uri: str = field(repr=False)
    artifacts: str
    home: Path
    store: Place = IN_FOLDER

    @property
    def own(self) -> bool:
        """Whether it is a database, which the studio makes, serves and brings up to date."""
        return is_own(self.uri)

    @property
    def bucket(self) -> str:
        """Where new experiments have their files: s3://BUCKET/...; "": in `artifacts`."""
        place = self.store
        return f"s3://{place.bucket}/{place.prefix}{FOLDER}" if place.in_s3 else ""

    @property
    def file(self) -> Path | None:
        """The SQLite file with the records; None where they are elsewhere."""
        in_file = self.uri.startswith((SQLITE, SQLITE_QUOTED))
        return Path(str(sa.make_url(self.uri).database)) if in_file else None

    @property
    def shown(self) -> str:
        """Where the records are, for people: no password."""
        if self.file:
            return str(self.file)
        return postgres.shown(self.uri).partition("?")[0]


def is_own(uri: str | None) -> bool:
    """Whether `uri` is unset or a database's, no server's."""
    return not uri or uri.startswith((SQLITE, SQLITE_QUOTED, "postgresql"))


def tracking(
    home: Path,
    artifacts: Path,
    uri: str | None,
    database_url: str | None = None,
    store: Place = IN_FOLDER,
) -> Tracking:
    """MLflow at `uri`, else the studio's own records of it (`studio.tracking.tables`)."""
    files = str(artifacts.resolve())
    if uri:
        named = uri.startswith("postgresql://")  # of the drivers there is only this one here
        return Tracking(uri.replace("://", "+psycopg://", 1) if named else uri, files, home, store)
    place = tables.place(home, database_url)
    if place.get_backend_name() == "sqlite":
        database = Path(str(place.database))
        database.parent.mkdir(parents=True, exist_ok=True)
        # WAL stays with the file; MLflow itself never asks for it.
        try:
            with closing(sqlite3.connect(database, timeout=30)) as connection:
                connection.execute("PRAGMA journal_mode=WAL")
                new = connection.execute("SELECT 1 FROM sqlite_master").fetchone() is None
        except sqlite3.Error as error:
            raise StudioError(
                f"MLflow's database {database} can't be opened: {error}.",
                "Make room on the disk and look at the folder's rights, then try again.",
            ) from error
        odd = any(letter in str(database) for letter in "%?")
        if odd and new:
            _refuse_astray(database)
        uri = f"{SQLITE_QUOTED}{quote(str(database))}" if odd else f"{SQLITE}{database}"
        return Tracking(uri, files, home, store)
    return Tracking(place.render_as_string(hide_password=False), files, home, store)


def _refuse_astray(database: Path) -> None:
    """StudioError where an earlier studio wrote the records of this folder where its path leads
    when it is read as an address: a%20b as `a b`, a?b as `a`."""
    astray = Path(str(sa.make_url(f"{SQLITE}{database}").database))
    if astray.is_file() and not (astray.parent / "studio.db").exists():  # else another studio's
        raise StudioError(
            f"MLflow's records of this studio are in {astray}: an earlier version read the "
            "folder's path so.",
            f"Stop the studio, then: mv {shlex.quote(str(astray))} {shlex.quote(str(database))}",
        )


def serving(t: Tracking, host: str, port: int) -> tuple[list[str], dict[str, str]]:
    """MLflow's server on the studio's own records: its command, and what its environment needs
    besides. The records' address may hold a password, so it is no word of the command."""
    words = [
        sys.executable,
        "-m",
        "mlflow",
        "server",
        "--default-artifact-root",
        t.bucket or Path(t.artifacts).as_uri(),  # of a plain path MLflow would read %20 as a space
        "--no-serve-artifacts",
        "--host",
        host,
        "--port",
        str(port),
        "--workers",
        "1",
    ]
    return words, {
        **t.store.environment,
        "MLFLOW_BACKEND_STORE_URI": t.uri,
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",  # 1.6 GB that nothing here asks for
    }


def spared(environment: Mapping[str, str], t: Tracking) -> dict[str, str]:
    """An environment for MLflow's server, without the studio's settings and without keys that it
    has no use for; those of AWS it needs where it is to show files that lie in the bucket."""
    own = (*ITS_OWN, "AWS_") if t.bucket else ITS_OWN
    return {
        name: value
        for name, value in environment.items()
        if not name.startswith(("STUDIO_", "MLFLOW_TRACKING_"))
        and (name.startswith(own) or not SECRET & set(name.split("_")))
    }


def away(error: BaseException) -> StudioError | None:
    """What to tell people of an error that is MLflow's; None for any other.

    It can be none of MLflow's where MLflow was never imported, which takes its time.
    """
    known = sys.modules.get("mlflow.exceptions")
    if known is None or not isinstance(error, known.MlflowException):
        return None
    said = str(error)
    if isinstance(error.__cause__, sa.exc.OperationalError) and "psycopg." in said:
        return DatabaseAway("MLflow's records are in a database that does not answer.", AGAIN)
    if "(psycopg." in said or "(sqlite3." in said:  # a server's: its words are statements of SQL
        said = "its database does not answer."
    if "must be in the 'active' state" in said:
        return StudioError(
            f"MLflow says: {said[:300]}", "Restore it on MLflow's pages, then go on."
        )
    # What follows the address are words of network libraries.
    unreached = re.search(r"request to \w+://(?:[^/@]*@)?([^/]+)\S* failed with exception", said)
    return StudioError(
        f"MLflow at {unreached[1]} does not answer." if unreached else f"MLflow says: {said[:300]}",
        "Pictures, ratings and votes still work. Have MLflow started again, then look how things "
        "stand before you try once more.",
    )


def prepare(t: Tracking) -> None:
    """Have MLflow's tables, where they are ours, as the installed version wants them. MLflow
    itself, which takes seconds to load, is loaded only where they are not."""
    os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
    os.environ.setdefault("MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT", "true")  # --json stays clean
    os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
    # A server that is away is told of within seconds; of itself MLflow tries for minutes.
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "1")
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", "20")
    logging.getLogger("alembic").setLevel(logging.WARNING)
    if t.own:
        try:
            with _alone(t) as folder:
                tables.bring_up_to_date(sa.make_url(t.uri), folder / "backups")
        except sa.exc.DatabaseError as error:
            raise _silent(t, error) from error


def connect(t: Tracking) -> MlflowClient:
    """A client on `t`, which also becomes MLflow's place for this process.

    The first connection to a database makes what is missing, under a lock: two at once would
    collide.
    """
    prepare(t)
    import mlflow
    from mlflow.exceptions import MlflowException

    logging.getLogger("mlflow.store.db.utils").setLevel(logging.WARNING)
    before = os.environ.get("MLFLOW_TRACKING_URI")
    mlflow.set_tracking_uri(t.uri)
    mlflow.set_registry_uri(t.uri)
    # It also writes the address into the environment, where it would pass for the user's setting.
    os.environ.pop("MLFLOW_TRACKING_URI", None)
    if before is not None:
        os.environ["MLFLOW_TRACKING_URI"] = before
    client = mlflow.MlflowClient(tracking_uri=t.uri, registry_uri=t.uri)
    if t.own:  # a server that is away may come back while others work on
        try:
            with _alone(t):
                client.search_registered_models(max_results=1)
                client.search_experiments(max_results=1)
        except (MlflowException, sa.exc.DatabaseError) as error:
            raise _silent(t, error) from error
    return client


class _Later:
    """Stands for a client that is connected once something is asked of it."""

    def __init__(self, connected: Callable[[], MlflowClient]) -> None:
        self._client = cache(connected)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client(), name)


def when_asked(connected: Callable[[], MlflowClient]) -> MlflowClient:
    """The client that `connected` gives, called when something is first asked of it; where it
    raises, whoever asks is told, and the next who asks tries again."""
    return cast("MlflowClient", _Later(connected))


@contextmanager
def _alone(t: Tracking) -> Iterator[Path]:
    """No other process of the studio connects meanwhile; the folder beside its records."""
    folder = t.file.parent if t.file else t.home
    with file_lock(folder / f"{tables.FILE}.lock", 120):
        yield folder


def _silent(t: Tracking, error: Exception) -> StudioError:
    told = away(error)
    if isinstance(told, DatabaseAway):
        return told
    return StudioError(
        f"MLflow's database at {t.shown} does not answer: {error}",
        "Make room on the disk and look at the folder's rights, then try again.",
    )


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
    if t.bucket:
        return f"{t.bucket}/{name}"
    folder = Path(t.artifacts) / name
    folder.mkdir(parents=True, exist_ok=True)
    return folder.as_uri()

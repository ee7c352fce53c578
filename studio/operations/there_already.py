"""What is there already where a backup is to be put back: in folder, database and bucket."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import Connection

from studio.database import dump
from studio.database import engine as db
from studio.errors import StudioError
from studio.operations import mlflow_relocation
from studio.operations.backup import BEFORE, LEFT_OUT
from studio.settings import Settings
from studio.store.bucket import Bucket

STAGED = ".restore-"  # folders that a backup is unpacked into begin so
# What every opened studio has: its counter, its key, the processes that came by, its places.
BARE = (
    "revision",
    "commit_marks",
    "review_secret",
    "workers",
    "leases",
    "artifact_folder",
    "store_place",
    "stored_files",
)


def holds(settings: Settings) -> str:
    """What a studio has that a new one has not, in words; empty where there is nothing."""
    engine = db.make_engine(settings.home, settings.database_url)
    try:
        if db.is_postgres(engine) or (settings.home / "studio.db").exists():
            with engine.connect() as connection:
                count = _rows(connection)
            if count:
                return f"{count} rows in its database"
            if count := mlflow_relocation.in_place(settings):
                return f"{count} of MLflow's runs and models in its database"
    except sa.exc.DatabaseError:
        return "a database that can't be read"
    finally:
        engine.dispose()
    known = (
        "studio.db",
        "mlflow.db",
        "jobs",
        "restore.lock",
        BEFORE,
        STAGED,
        *LEFT_OUT,
    )
    for top, skip in ((settings.home, known), (settings.artifacts, ("README.md", STAGED))):
        for path in sorted(top.iterdir()) if top.is_dir() else []:
            if path.name.startswith(skip) or path.name.endswith(".lock"):
                continue
            if path.is_file() or any(p.is_file() for p in path.rglob("*")):
                return f"files in {path}"
    return ""


def _rows(connection: Connection) -> int:
    if db.schema(connection) is None:
        return 0
    counts = [
        connection.execute(sa.select(sa.func.count()).select_from(table)).scalar() or 0
        for table in dump.tables(connection)
        if table.name not in BARE
    ]
    return sum(counts)


def refuse_filled(settings: Settings) -> None:
    """StudioError where files are to go into a bucket whose place holds something already."""
    if settings.store.in_s3 and next(Bucket(settings.store).listing(), None):
        raise StudioError(
            f"{settings.store.shown} holds files already, which a restore never replaces.",
            "Choose an empty place: STUDIO_STORE_PREFIX. Or restore with STUDIO_STORE=folder.",
        )

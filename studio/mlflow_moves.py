"""MLflow's records brought to where the studio keeps them: from a backup, or from `mlflow.db`."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from datetime import datetime
from functools import partial
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy import Connection

from studio import db, mlflow_records, postgres
from studio.archive import Manifest
from studio.errors import StudioError
from studio.settings import Settings

FILE = mlflow_records.FILE


def into_postgres(
    settings: Settings, manifest: Manifest, home: Path, rows: Path, artifacts: Path
) -> bool:
    """Stage a backup's records, of the file in `home` or of `rows`, in PostgreSQL, with MLflow's
    files in `artifacts`; whether it has any. What is there by now is copied into the backups."""
    engine = mlflow_records.make_engine(_place(settings))
    try:
        with engine.connect() as connection:
            there = db.schema(connection) is not None
        if there:
            mlflow_records.back_up(engine, settings.home / "backups")
    finally:
        engine.dispose()
    address = db.address(settings.home, settings.database_url)
    then = partial(_readdress, manifest, artifacts)
    if (home / FILE).exists():
        with mlflow_records.reading(home / FILE) as (revision, names, lines):
            mlflow_records.stage(address, revision, names, lines, then)
        (home / FILE).unlink()
        return True
    if manifest.mlflow:
        names = _names(manifest)
        mlflow_records.stage(address, manifest.mlflow, names, partial(_lines, rows), then)
    return bool(manifest.mlflow)


def into_file(manifest: Manifest, home: Path, rows: Path, artifacts: Path) -> None:
    """Make `mlflow.db` in `home` of a backup's records, with MLflow's files in `artifacts`."""
    file = home / FILE
    if not file.exists() and not manifest.mlflow:
        return
    engine = mlflow_records.make_engine(mlflow_records.file(file))
    try:
        with mlflow_records.changing(engine) as connection:
            if manifest.mlflow:
                lines = partial(_lines, rows)
                mlflow_records.fill(connection, manifest.mlflow, _names(manifest), lines)
            _readdress(manifest, artifacts, connection)
    finally:
        engine.dispose()


def in_place(settings: Settings) -> int:
    """How many runs and models MLflow's records in PostgreSQL hold; 0 on SQLite."""
    if db.address(settings.home, settings.database_url).get_backend_name() == "sqlite":
        return 0
    engine = mlflow_records.make_engine(_place(settings))
    try:
        with engine.connect() as connection:
            return mlflow_records.told(connection)
    finally:
        engine.dispose()


def move(settings: Settings, now: datetime, report: Callable[[str], None]) -> Path:
    """Move the records of `mlflow.db` into PostgreSQL; where the file is kept from then on.

    All or nothing. StudioError where the studio runs, has no PostgreSQL, or has nothing to move.
    """
    from studio.restoring import refuse_at_work

    home, file = settings.home, settings.home / FILE
    if db.address(home, settings.database_url).get_backend_name() == "sqlite":
        raise StudioError(
            "The studio's database is SQLite, where MLflow's records stay in mlflow.db.",
            f"Set {postgres.SETTING} first.",
        )
    with db.file_lock(home / f"{FILE}.lock", 5):
        if not mlflow_records.kept_beside(home, settings.database_url):
            raise StudioError(f"No records of MLflow's in {file} wait to be moved.")
        refuse_at_work(settings)
        engine = db.open_database(home, settings.database_url)
        try:
            with mlflow_records.reading(file) as (revision, names, lines):
                address = db.address(home, settings.database_url)
                count = mlflow_records.stage(address, revision, names, lines, lambda _: None)
            with db.writing(engine) as connection:
                mlflow_records.take_place(connection, staged=True)
                db.bump(connection)
        finally:
            engine.dispose()
        report(f"{count} rows of {len(names)} tables are in PostgreSQL.")
        kept = home / "backups" / f"mlflow-moved-{now:%Y%m%dT%H%M%S}.db"
        kept.parent.mkdir(exist_ok=True)
        aside = kept.with_suffix(".part")
        mlflow_records.copy_file(file, aside)
        os.replace(aside, kept)
        for left in (file, home / f"{FILE}-wal", home / f"{FILE}-shm"):
            left.unlink(missing_ok=True)
    return kept


def _place(settings: Settings) -> sa.URL:
    address = db.address(settings.home, settings.database_url)
    return postgres.in_schema(address, postgres.MLFLOW)


def _readdress(manifest: Manifest, artifacts: Path, connection: Connection) -> None:
    mlflow_records.readdress(connection, manifest.artifacts, artifacts)


def _names(manifest: Manifest) -> list[str]:
    return [
        name[len("mlflow/") : -len(".jsonl")]
        for name in manifest.files
        if name.startswith("mlflow/")
    ]


def _lines(rows: Path, name: str) -> Iterable[bytes]:
    with (rows / f"{name}.jsonl").open("rb") as file:
        yield from file

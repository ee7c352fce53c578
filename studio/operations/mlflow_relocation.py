"""MLflow's records brought to where the studio keeps them: from a backup, or from `mlflow.db`."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterable
from contextlib import closing
from datetime import datetime
from functools import partial
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy import Connection

from studio.database import engine as db
from studio.database import postgres
from studio.errors import StudioError
from studio.operations.backup_archive import ANOTHER, Manifest
from studio.operations.in_use import refuse_at_work
from studio.settings import Settings
from studio.tracking import addresses, tables

FILE = tables.FILE


def into_postgres(
    settings: Settings, manifest: Manifest, home: Path, rows: Path, artifacts: Path
) -> bool:
    """Stage a backup's records, of the file in `home` or of `rows`, in PostgreSQL, with MLflow's
    files in `artifacts`; whether it has any. What is there by now is copied into the backups."""
    engine = tables.make_engine(_place(settings))
    try:
        with engine.connect() as connection:
            there = db.schema(connection) is not None
        if there:
            tables.back_up(engine, settings.home / "backups")
    finally:
        engine.dispose()
    address = db.address(settings.home, settings.database_url)
    then = partial(_readdress, manifest, artifacts)
    if (home / FILE).exists():
        with tables.reading(home / FILE) as (revision, names, lines):
            tables.stage(address, revision, names, lines, then)
        (home / FILE).unlink()
        return True
    if manifest.mlflow:
        names = _names(manifest)
        tables.stage(address, manifest.mlflow, names, partial(_lines, rows), then)
    return bool(manifest.mlflow)


def into_file(manifest: Manifest, home: Path, rows: Path, artifacts: Path) -> None:
    """Make `mlflow.db` in `home` of a backup's records, with MLflow's files in `artifacts`."""
    file = home / FILE
    if not file.exists() and not manifest.mlflow:
        return
    engine = tables.make_engine(tables.file(file))
    try:
        with tables.changing(engine) as connection:
            if manifest.mlflow:
                lines = partial(_lines, rows)
                tables.fill(connection, manifest.mlflow, _names(manifest), lines)
            elif db.schema(connection) is None and sa.inspect(connection).get_table_names():
                raise StudioError(f"The backup's {FILE} holds no records of MLflow's.", ANOTHER)
            _readdress(manifest, artifacts, connection)
    finally:
        engine.dispose()


def in_place(settings: Settings) -> int:
    """How many runs and models MLflow's records in PostgreSQL hold; 0 on SQLite."""
    if db.address(settings.home, settings.database_url).get_backend_name() == "sqlite":
        return 0
    engine = tables.make_engine(_place(settings))
    try:
        with engine.connect() as connection:
            return tables.told(connection)
    finally:
        engine.dispose()


def move(settings: Settings, now: datetime, report: Callable[[str], None]) -> Path:
    """Move the records of `mlflow.db` into PostgreSQL; where the file is kept from then on.

    All or nothing. Whatever a move that was cut off has left, the next one finishes. StudioError
    where the studio runs, has no PostgreSQL, or has nothing to move.
    """

    home, file = settings.home, settings.home / FILE
    address = db.address(home, settings.database_url)
    if address.get_backend_name() == "sqlite":
        raise StudioError(
            "The studio's database is SQLite, where MLflow's records stay in mlflow.db.",
            f"Set {postgres.SETTING} first.",
        )
    with db.file_lock(home / f"{FILE}.lock", 5):
        waits = tables.kept_beside(home, settings.database_url)
        before = "" if waits or not file.is_file() else _moved(address)
        if not waits and not before:
            raise StudioError(f"No records of MLflow's in {file} wait to be moved.")
        if waits:
            refuse_at_work(settings)
        _settle(file)
        with tables.reading(file) as (revision, names, lines):
            these = tables.fingerprint(names, lines)
            if waits:
                count = tables.stage(address, revision, names, lines, lambda _: None)
                _take_place(settings, these)
                report(f"{count} rows of {len(names)} tables are in PostgreSQL.")
            elif these == before:
                report("The records are in PostgreSQL since a move that was cut off.")
            else:
                raise StudioError(
                    f"The records in PostgreSQL are others than those of {file}.",
                    "The file is not in use: keep it elsewhere.",
                )
        kept = home / "backups" / f"mlflow-moved-{now:%Y%m%dT%H%M%S}.db"
        kept.parent.mkdir(exist_ok=True)
        os.rename(file, kept)  # as it is: the last step, which the next call finds undone
    return kept


def _settle(file: Path) -> None:
    """What stands in SQLite's log gets into the file, which needs nothing beside it from then on;
    StudioError where another program has it open, as its changes would be lost."""
    try:
        with closing(sqlite3.connect(file, timeout=5)) as connection:
            connection.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.Error as error:
        raise StudioError(
            f"{file} is in use elsewhere: {error}.",
            "End what has it open, then call the same command again. Nothing was changed.",
        ) from error


def _take_place(settings: Settings, these: str) -> None:
    engine = db.open_database(settings.home, settings.database_url)
    try:
        with db.writing(engine) as connection:
            tables.take_place(connection, True, these)
            db.bump(connection)
    finally:
        engine.dispose()


def _moved(address: sa.URL) -> str:
    engine = tables.make_engine(address)
    try:
        with engine.connect() as connection:
            return tables.taken_from(connection)
    finally:
        engine.dispose()


def _place(settings: Settings) -> sa.URL:
    address = db.address(settings.home, settings.database_url)
    return postgres.in_schema(address, postgres.MLFLOW)


def _readdress(manifest: Manifest, artifacts: Path, connection: Connection) -> None:
    known: set[addresses.Place] = {
        Path(manifest.artifacts),
        *addresses.places(connection, artifacts),
    }
    for old in known | ({manifest.bucket} if manifest.bucket else set()):
        addresses.readdress(connection, old, artifacts)


def _names(manifest: Manifest) -> list[str]:
    return [
        name[len("mlflow/") : -len(".jsonl")]
        for name in manifest.files
        if name.startswith("mlflow/")
    ]


def _lines(rows: Path, name: str) -> Iterable[bytes]:
    with (rows / f"{name}.jsonl").open("rb") as file:
        yield from file

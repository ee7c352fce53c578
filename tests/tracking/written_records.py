"""MLflow's records of versions as tests write them down, and what they name."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import sqlalchemy as sa

from studio.context import open_records
from studio.database import ledger
from studio.settings import Settings
from studio.tracking import moved_folder, tables, version_files
from tests.furnished import elsewhere, made_once


def records(settings: Settings) -> sa.Engine:
    return tables.make_engine(tables.place(settings.home, settings.database_url))


def write_down(settings: Settings, numbers: tuple[int, ...] = (1,), style: str = "props") -> None:
    """Versions of a style as MLflow has them, with their files."""
    settings.home.mkdir(parents=True, exist_ok=True)
    file = settings.home / tables.FILE
    if not settings.database_url and (not file.exists() or file.stat().st_size < 10_000):
        shutil.copy(made_once(), file)  # the opened one has no tables yet
    top = settings.artifacts / style
    engine = records(settings)
    with tables.changing(engine) as connection:
        rows = connection.exec_driver_sql("SELECT name, experiment_id FROM experiments").all()
        known: dict[str, int] = {name: id for name, id in rows}
        for number in numbers:
            folder = top / "models" / f"m-{number}" / "artifacts"
            (folder / "files").mkdir(parents=True)
            (folder / "MLmodel").write_text("flavors: {housestyle: {files: files}}")
            (folder / "files" / "lora.safetensors").write_text("weights")
            values = {
                "name": style,
                "id": known.get(style, 41 + len(known)),
                "number": number,
                "experiment": top.as_uri(),
                "run": f"r{number}",
                "its": f"{top.as_uri()}/r{number}/artifacts",
                "model": f"m-{number}",
                "files": folder.as_uri(),
                "link": f"models:/m-{number}",
            }
            for statement in (
                WRITTEN if style not in known and number == numbers[0] else WRITTEN[2:]
            ):
                connection.execute(sa.text(statement), values)
    engine.dispose()


WRITTEN = (
    "INSERT INTO experiments (experiment_id, name, artifact_location, lifecycle_stage)"
    " VALUES (:id, :name, :experiment, 'active')",
    "INSERT INTO registered_models (name, creation_time, last_updated_time) VALUES (:name, 1, 1)",
    "INSERT INTO runs (run_uuid, artifact_uri, experiment_id, lifecycle_stage, status)"
    " VALUES (:run, :its, :id, 'active', 'FINISHED')",
    "INSERT INTO logged_models (model_id, experiment_id, name, artifact_location, status,"
    " creation_timestamp_ms, last_updated_timestamp_ms)"
    " VALUES (:model, :id, 'lora', :files, 2, 1, 1)",
    "INSERT INTO model_versions (name, version, source, storage_location, current_stage, status,"
    " creation_time, last_updated_time)"
    " VALUES (:name, :number, :link, :files, 'None', 'READY', 1, 1)",
)


def named(settings: Settings) -> list[str]:
    """Every address of a folder in the records."""
    engine, found = records(settings), list[str]()
    with engine.connect() as connection:
        for table, column in (
            ("experiments WHERE experiment_id > 0", "artifact_location"),
            ("runs", "artifact_uri"),
            ("logged_models", "artifact_location"),
            ("model_versions", "storage_location"),
        ):
            found += connection.exec_driver_sql(f"SELECT {column} FROM {table}").scalars().all()
    engine.dispose()
    return found


def told(settings: Settings) -> list[str]:
    """What the ledger says of folders, once the studio was opened."""
    engine, _ = open_records(settings)
    said = [row.reason for row in ledger.rows(engine) if row.action == moved_folder.ACTION]
    engine.dispose()
    return said


def lost(settings: Settings) -> list[str]:
    engine = records(settings)
    with engine.connect() as connection:
        found = [str(one) for one in version_files.lost(connection, settings.artifacts)]
    engine.dispose()
    return found


def moved(settings: Settings, home: Path) -> Settings:
    os.rename(settings.home, home)
    return elsewhere(settings, home)

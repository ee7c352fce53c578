"""A studio with rows of all kinds, for the tests of backups and of restoring them."""

import atexit
import dataclasses
import functools
import json
import os
import shutil
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

from studio.database import dump, ledger
from studio.database import engine as db
from studio.jobs import leases, queue
from studio.settings import Settings
from studio.tracking import tables

NOW = datetime(2026, 8, 1, 12, tzinfo=UTC)


def elsewhere(settings: Settings, home: Path) -> Settings:
    return dataclasses.replace(settings, home=home, artifacts=home / "mlruns")


def quiet(line: str) -> None:
    pass


@functools.cache
def made_once() -> Path:
    """A file of MLflow's with all tables and nothing in them: a second to make, so it is copied."""
    made = Path(tempfile.mkdtemp(prefix="hs-records-")) / "mlflow.db"
    atexit.register(shutil.rmtree, made.parent, ignore_errors=True)
    tables.bring_up_to_date(tables.file(made), made.parent)
    return made


def furnish(settings: Settings, word: str = "ours") -> None:
    """Rows of all kinds, pictures, MLflow's records and files, and what must stay behind."""
    engine = db.open_database(settings.home, settings.database_url)
    with db.writing(engine) as connection:
        ledger.record(connection, at=NOW, actor="Ána ☂", action="promote", reason=f"{word} '\"\\")
    asked = queue.submit(
        engine,
        kind="import",
        lane="work",
        asked_by="ana",
        now=NOW,
        payload={"a": [1.1, None, True, "☂"], "b": {"z": 1, "a": 2**60}},
    )
    job = leases.take(engine, "w", "work", NOW, timedelta(seconds=9))
    assert job is not None
    leases.finish(engine, job.id, job.attempt, {"said": word}, NOW)
    gone = queue.submit(engine, kind="x", lane="work", payload={}, asked_by="b", now=NOW)
    with db.writing(engine) as connection:
        connection.exec_driver_sql(f"DELETE FROM jobs WHERE id = {gone.id}")
    assert gone.id == asked.id + 1
    engine.dispose()
    home = settings.home
    files = {
        "datasets/pictures/ab/abc.png": b"\x89PNG" + os.urandom(50_000),
        "prompts/p/current": b"v1",
        "jobs/1/log.txt": word.encode(),
        "mlruns/sample/models/m-1/adapter.bin": os.urandom(9_000),
        "cache/latents/x.safetensors": b"again",
        "runs/.step-1.part/x": b"half",
        "backups/old.db": b"old",
        "datasets/.sample.lock": b"",
    }
    for name, data in files.items():
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_bytes(data)
    told = tables.place(home, settings.database_url)
    if told.get_backend_name() == "sqlite":
        shutil.copy(made_once(), home / "mlflow.db")
    engine = tables.make_engine(told)
    if not settings.database_url:
        with engine.connect() as connection:
            connection.connection.execute("PRAGMA journal_mode=WAL")
    uri = (settings.artifacts / "sample").as_uri()
    values = {
        "word": word,
        "uri": uri,
        "run": f"{uri}/artifacts",
        "odd": 0.1 + 0.2,
        "source": f"{settings.artifacts}/sample/models/m-1",
        "away": "s3://elsewhere/m-1",
    }
    with tables.changing(engine) as connection:
        for statement in RECORDED:
            connection.execute(sa.text(statement), values)
    engine.dispose()


RECORDED = (
    "INSERT INTO experiments (experiment_id, name, artifact_location, lifecycle_stage)"
    " VALUES (41, :word, :uri, 'active')",
    "INSERT INTO runs (run_uuid, name, artifact_uri, experiment_id, lifecycle_stage, status)"
    " VALUES (:word, 'Ána', :run, 41, 'active', 'FINISHED')",
    "INSERT INTO metrics (key, value, timestamp, step, is_nan, run_uuid)"
    " VALUES ('loss', :odd, 1, 1, false, :word), ('loss', 0, 2, 2, true, :word)",
    "INSERT INTO registered_models (name) VALUES ('sample')",
    "INSERT INTO model_versions (name, version, source, storage_location)"
    " VALUES ('sample', 1, :source, :away)",
    "INSERT INTO registered_model_aliases (name, alias, version)"
    " VALUES ('sample', 'production', 1)",
)


def records(settings: Settings) -> dict[str, list[bytes]]:
    """MLflow's rows, each table's, with the folder of its files taken out."""
    engine = tables.make_engine(tables.place(settings.home, settings.database_url))
    with engine.connect() as connection:
        found = {t.name: list(dump.lines(connection, t)) for t in dump.tables(connection)}
        made = int(connection.execute(sa.text("SELECT count(*) FROM model_versions")).scalar_one())
    engine.dispose()
    assert made == 1
    where = str(settings.artifacts).encode()
    return {name: [line.replace(where, b"HERE") for line in all[1:]] for name, all in found.items()}


def rows(settings: Settings) -> dict[str, list[bytes]]:
    engine = db.open_database(settings.home, settings.database_url)
    with engine.connect() as connection:
        found = {t.name: list(dump.lines(connection, t)) for t in dump.tables(connection)}
    engine.dispose()
    found.pop("commit_marks", None)  # each transaction leaves one, a restore too
    for lines in found.values():
        head = json.loads(lines[0])
        lines[0] = json.dumps(
            [head["columns"], head["last"] or 0]
        ).encode()  # a counter that gave nothing: 0 or None
    return found


def files(settings: Settings) -> dict[str, bytes]:
    own = ("studio.db", "mlflow.db", "before-restore", "backups", "cache")
    return {
        str(file.relative_to(settings.home)): file.read_bytes()
        for file in settings.home.rglob("*")
        if file.is_file()
        and not str(file.relative_to(settings.home)).startswith(own)
        and file.suffix != ".lock"
        and ".part" not in str(file)
    }


def bare_files(folder: Path) -> str:
    """The source of versions of which only stages matter: a folder that MLflow takes for one."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "MLmodel").write_text("flavors: {}")
    return str(folder)

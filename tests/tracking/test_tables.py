"""MLflow's records in PostgreSQL: made, older ones changed, moved there, lost by nobody."""

from __future__ import annotations

import dataclasses
import re
import shutil
import sqlite3
import threading
import zipfile
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from mlflow import MlflowClient
from mlflow.entities import Metric

from studio.database import dump, postgres
from studio.database import engine as db
from studio.database.availability import DatabaseAway
from studio.errors import StudioError
from studio.jobs import workers
from studio.operations import mlflow_migration
from studio.operations.doctor import checks
from studio.settings import Settings, load_settings
from studio.tracking import tables
from studio.tracking.client import Tracking, away, connect, experiment, tracking

NOW = datetime(2026, 8, 1, 12, tzinfo=UTC)
OLDER = "5d2d30f0abce"  # a schema of MLflow's before the newest


def settings_of(home: Path, url: str = "") -> Settings:
    return load_settings(
        {"STUDIO_HOME": str(home), "STUDIO_DATABASE_URL": url, "STUDIO_PORT": "8662"}
    )


def of(settings: Settings) -> Tracking:
    return tracking(settings.home, settings.artifacts, settings.mlflow_uri, settings.database_url)


def furnish(t: Tracking) -> str:
    """A run with figures that are awkward, a model with an alias; the run's id."""
    client = connect(t)
    run = client.create_run(experiment(client, t, "props ☂"), run_name="Ána's '\"\\").info.run_id
    figures = [0.1, 1e-300, float("nan"), float("inf"), -1.5]
    client.log_batch(run, [Metric("loss", value, k, k) for k, value in enumerate(figures)])
    client.create_registered_model("props")
    client.create_model_version("props", f"{t.artifacts}/props/m-1", run)
    client.set_registered_model_alias("props", "production", "1")
    client.set_tag(run, "odd", "x" * 5000)
    # What only its gateway and its traces write: bytes, days, booleans and JSON.
    engine = tables.make_engine(sa.make_url(t.uri))
    with tables.changing(engine) as connection:
        connection.execute(
            sa.text(
                "INSERT INTO secrets (secret_id, secret_name, encrypted_value, wrapped_dek,"
                " masked_value, created_at, last_updated_at, kek_version)"
                " VALUES ('s', 'n', :raw, :raw, 'm', 1, 1, 1)"
            ),
            {"raw": bytes(range(256))},
        )
        connection.exec_driver_sql(
            "INSERT INTO endpoints (endpoint_id, name, created_at, last_updated_at, usage_tracking)"
            " VALUES ('e', 'n', 1, 1, true)"
        )
        connection.execute(
            sa.text(
                "INSERT INTO jobs (id, creation_time, job_name, params, status, retry_count,"
                " last_update_time, progress) VALUES ('j', 1, 'n', '{}', 1, 0, 1, :progress)"
            ),
            {"progress": '{"z":  [1, null], "a": "☂"}'},
        )
    engine.dispose()
    let_go(client)
    return str(run)


def let_go(client: MlflowClient) -> None:
    """Close the file, as the end of a process does."""
    client._tracking_client.store.engine.dispose()
    client._get_registry_client().store.engine.dispose()


def rows(t: Tracking) -> dict[str, list[bytes]]:
    """Every table's rows, without the counter that only PostgreSQL has."""
    engine = tables.make_engine(sa.make_url(t.uri))
    with engine.connect() as connection:
        found = {x.name: list(dump.lines(connection, x)) for x in dump.tables(connection)}
    engine.dispose()
    return {name: lines[1:] for name, lines in found.items()}


def test_one_setting_brings_them_into_postgres_apart_from_the_studios_own(cluster, tmp_path: Path):
    settings = settings_of(tmp_path, cluster.database(ready=True, mlflow=True))
    t = of(settings)
    assert "secret" not in repr(Tracking("postgresql://a:secret@b/c", "", tmp_path))
    run = furnish(t)
    assert not (tmp_path / "mlflow.db").exists() and (tmp_path / "mlruns/props ☂").is_dir()
    engine = db.open_database(tmp_path, settings.database_url)
    with engine.connect() as connection:
        names = [table.name for table in dump.tables(connection)]
        assert "ledger" in names and "runs" not in names  # a restore never mistakes them
        assert db.schema(connection) != tables.head()
        with tables.within(connection) as at:
            assert at == tables.head()
            names = [table.name for table in dump.tables(connection)]
            assert "runs" in names and "ledger" not in names
        assert "ledger" in [table.name for table in dump.tables(connection)]
    client = connect(of(settings))
    assert [m.value for m in client.get_metric_history(run, "loss")][:2] == [0.1, 1e-300]
    assert client.get_model_version_by_alias("props", "production").run_id == run


@pytest.mark.slow
def test_the_tables_are_those_that_mlflow_makes(cluster, tmp_path: Path):
    import mlflow.store.db.utils as theirs

    plain = sa.create_engine(f"sqlite:///{tmp_path}/theirs.db")
    theirs._initialize_tables(plain)
    told = {}
    for name, url in (("file", ""), ("postgres", cluster.database(ready=True))):
        engine = tables.make_engine(sa.make_url(of(settings_of(tmp_path, url)).uri))
        tables.bring_up_to_date(engine.url, tmp_path / "backups")
        told[name] = {
            table.name: [(c.name, c.nullable, c.primary_key) for c in table.columns]
            for table in reflected(engine)
        }
        if name == "file":
            with closing(sqlite3.connect(tmp_path / "theirs.db")) as one:
                with closing(sqlite3.connect(tmp_path / "mlflow.db")) as other:
                    assert made_by(one) == made_by(other)
        engine.dispose()
    assert told["file"] == told["postgres"] and len(told["file"]) > 50
    assert not (tmp_path / "backups").exists()


def made_by(connection: sqlite3.Connection) -> dict[str, list[str]]:
    """Each table's and index's words; the order of constraints is chance."""
    found = connection.execute("SELECT name, sql FROM sqlite_master WHERE sql <> ''").fetchall()
    return {name: sorted(re.split(r",?\s*\n\s*", sql)) for name, sql in found}


def reflected(engine: sa.Engine) -> list[sa.Table]:
    found = sa.MetaData()
    found.reflect(engine)
    return sorted(found.sorted_tables, key=lambda table: table.name)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_records_of_an_older_mlflow_are_copied_then_changed_once(
    request, tmp_path: Path, kind: str
):
    url = request.getfixturevalue("cluster").database(ready=True) if kind == "postgres" else ""
    t = of(settings_of(tmp_path, url))
    if url:
        make_schema(url)
    engine = tables.make_engine(sa.make_url(t.uri))
    with tables.changing(engine) as connection:
        tables.migrate(connection, OLDER)
        connection.exec_driver_sql(
            "INSERT INTO experiments (experiment_id, name, lifecycle_stage) "
            "VALUES (7, 'kept', 'active')"
        )
    failed: list[BaseException] = []

    def opening() -> None:
        try:
            tables.bring_up_to_date(engine.url, tmp_path / "backups")
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=opening) for _ in range(2 if url else 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    client = connect(t)
    assert client.get_experiment("7").name == "kept"
    copy = min((tmp_path / "backups").glob(f"mlflow-{OLDER}-*"))
    if url:
        with zipfile.ZipFile(copy) as kept:
            assert b'"kept"' in kept.read("experiments.jsonl").splitlines()[-1]
    else:
        with closing(sqlite3.connect(copy)) as kept:
            assert kept.execute("SELECT name FROM experiments").fetchall() == [("kept",)]
    with tables.changing(engine) as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = 'ffff'")
    engine.dispose()
    with pytest.raises(StudioError, match="schema 'ffff'.*newer"):
        connect(t)


def make_schema(url: str) -> None:
    engine = postgres.make_engine(postgres.address(url))
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE SCHEMA mlflow")
    engine.dispose()


@pytest.mark.slow
def test_records_in_a_file_stay_in_use_until_they_are_moved(cluster, tmp_path: Path):
    furnish(of(settings_of(tmp_path)))
    was = rows(of(settings_of(tmp_path)))
    settings = settings_of(tmp_path, cluster.database(ready=True))
    t = of(settings)
    assert t.uri == f"sqlite:///{tmp_path}/mlflow.db"
    found = [c for c in checks(settings) if c.name == "MLflow"]
    assert [c.ok for c in found] == [True, False] and "mlflow-move" in found[1].says
    client = connect(t)
    client.create_registered_model("later")  # goes on where it was
    assert rows(t) != was
    was = rows(t)
    let_go(client)
    engine = db.open_database(tmp_path, settings.database_url)
    workers.arrive(engine, "host:1", "work", "cpu", datetime.now(UTC))
    with pytest.raises(StudioError, match="at work"):
        mlflow_migration.move(settings, NOW, print)
    workers.leave(engine, "host:1")
    kept = mlflow_migration.move(settings, NOW, print)
    assert kept.is_file() and not list(tmp_path.glob("mlflow.db*[!k]"))
    moved = of(settings)
    assert moved.uri.startswith("postgresql") and rows(moved) == was
    client = connect(moved)
    assert {m.name for m in client.search_registered_models()} == {"props", "later"}
    number = int(client.create_experiment("new"))  # no number is given twice
    assert number > max(
        int(e.experiment_id) for e in client.search_experiments() if e.name != "new"
    )
    with pytest.raises(StudioError, match="wait to be moved"):
        mlflow_migration.move(settings, NOW, print)
    # A file that comes back, of an older studio say, changes nothing.
    shutil.copy(kept, tmp_path / "mlflow.db")
    assert of(settings).uri == moved.uri
    told = {c.name + str(c.needed): c for c in checks(settings)}
    assert told["databaseTrue"].ok and told["databaseTrue"].says.startswith("postgresql")
    assert told["MLflowTrue"].says.startswith("its records are at postgresql")
    assert "not in use" in told["MLflowFalse"].says
    with pytest.raises(StudioError, match="SQLite"):
        mlflow_migration.move(settings_of(tmp_path / "other"), NOW, print)


@pytest.mark.slow
def test_a_move_that_fails_leaves_the_file_in_use(cluster, tmp_path: Path):
    furnish(of(settings_of(tmp_path)))
    with closing(sqlite3.connect(tmp_path / "mlflow.db")) as connection, connection:
        connection.execute("UPDATE registered_models SET name = 'a' || char(0) || 'b'")
    settings = settings_of(tmp_path, cluster.database(ready=True))
    with pytest.raises(StudioError, match="registered_models|NUL"):
        mlflow_migration.move(settings, NOW, print)
    assert of(settings).uri.startswith("sqlite")


@pytest.mark.slow
def test_a_file_with_nothing_in_it_holds_nobody_up(cluster, tmp_path: Path):
    connect(of(settings_of(tmp_path)))
    assert (tmp_path / "mlflow.db").is_file()
    settings = settings_of(tmp_path, cluster.database(ready=True))
    assert of(settings).uri.startswith("postgresql")


@pytest.mark.slow
def test_a_server_that_is_away_is_said_and_comes_back(cluster, tmp_path: Path):
    settings = settings_of(tmp_path, cluster.database(ready=True))
    t = of(settings)
    run, client = furnish(t), connect(t)
    cluster.stop("immediate")
    try:
        with pytest.raises(Exception) as caught:
            client.log_metric(run, "loss", 1.0, step=9)
        told = away(caught.value)
        assert isinstance(told, DatabaseAway) and "psycopg" not in str(told)
        with pytest.raises(DatabaseAway):
            connect(t)
    finally:
        cluster.start()
    client.log_metric(run, "loss", 1.0, step=9)
    assert client.get_metric_history(run, "loss")[-1].step == 9


def test_what_drops_the_options_is_refused_before_tables_mix(cluster, tmp_path: Path, monkeypatch):
    settings = settings_of(tmp_path, cluster.database(ready=True))
    t = of(settings)
    real = postgres.make_engine

    def pooled(url: sa.URL) -> sa.Engine:  # as a pool does that ignores what it does not know
        engine = real(url.difference_update_query(["options"]))
        engine.url = url
        return engine

    monkeypatch.setattr(postgres, "make_engine", pooled)
    with pytest.raises(StudioError, match="does not hand on the `options`"):
        connect(t)
    monkeypatch.undo()
    engine = db.open_database(tmp_path, settings.database_url)
    assert not sa.inspect(engine).has_table("runs")


def test_a_user_who_may_make_no_schema_is_told_what_to_run(cluster, tmp_path: Path):
    url = cluster.database(ready=True)
    name = str(postgres.address(url).database)
    engine = postgres.make_engine(postgres.address(url))
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE ROLE ana LOGIN")
    engine.dispose()
    t = of(dataclasses.replace(settings_of(tmp_path), database_url=url.replace("studio@", "ana@")))
    with pytest.raises(StudioError, match="may not make the schema") as refused:
        connect(t)
    assert "AUTHORIZATION ana" in refused.value.remedy and name

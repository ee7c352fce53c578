"""PostgreSQL: its address, durable and serial writes, an outage and the way back."""

import os
import signal
import subprocess
import sys
import threading
import time
import zipfile
from pathlib import Path

import pytest
import sqlalchemy as sa

from studio.database import dump, postgres
from studio.database import engine as db
from studio.database.availability import DatabaseAway
from studio.errors import StudioError
from studio.operations import health
from studio.settings import CHECKOUT, in_force, load_settings


@pytest.mark.parametrize(
    "text",
    [
        "mysql://ana:s3cret@h/studio",
        "postgresql+psycopg2://ana:s3cret@h/studio",
        "s3cret",
        "postgresql://ana:s3cret@h",
        "postgresql://ana:s3cret@h:many/studio",
        "sqlite:///s3cret.db",
    ],
)
def test_a_bad_address_is_refused_without_its_password(text: str):
    with pytest.raises(StudioError, match="STUDIO_DATABASE_URL") as refused:
        load_settings({"STUDIO_DATABASE_URL": text})
    assert "s3cret" not in str(refused.value)


def test_the_password_is_shown_nowhere(monkeypatch):
    for address in (
        "postgresql://ana:s3cret@db.example:5432/studio?sslmode=require",
        "postgres://ana:s3cret%40x%3A@db.example/studio",
        "postgresql://db.example/studio?user=ana&password=s3cret&sslmode=require",
    ):
        monkeypatch.setenv("STUDIO_DATABASE_URL", address)
        monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://ana:s3cret@mlflow.example")
        settings = load_settings()
        assert settings.database_url == address
        assert "s3cret" not in repr(settings.database_url and in_force())
        assert "s3cret" not in repr(settings).replace(repr(settings.mlflow_uri), "")
        assert "db.example" in in_force()["STUDIO_DATABASE_URL"]


def test_a_session_is_durable_serial_and_never_waits_for_ever(cluster, tmp_path: Path):
    url = cluster.database(ready=True)
    name = postgres.address(url).database
    with db.make_engine(tmp_path, url).connect() as connection:
        connection.exec_driver_sql(f"ALTER DATABASE {name} SET synchronous_commit = off")
        connection.commit()
    engine = db.open_database(tmp_path, url)
    names = ("synchronous_commit", "lock_timeout", "transaction_isolation", "TimeZone")
    names += ("idle_in_transaction_session_timeout",)
    with engine.connect() as connection:
        found = [connection.exec_driver_sql(f"SHOW {name}").scalar() for name in names]
    assert found == ["on", "30s", "repeatable read", "UTC", "2min"]
    with db.writing(engine) as connection:
        assert connection.exec_driver_sql("SHOW transaction_isolation").scalar() == "read committed"
    with engine.connect() as connection:  # writing leaves nothing behind on a pooled connection
        found = connection.exec_driver_sql("SHOW transaction_isolation").scalar()
    assert found == "repeatable read"
    assert db.home_of(engine) == tmp_path and not (tmp_path / "studio.db").exists()


def test_a_lock_held_too_long_is_named(cluster, tmp_path: Path, monkeypatch):
    monkeypatch.setattr(postgres, "SESSION", "SET lock_timeout = '100ms'")
    address = cluster.database(ready=True)
    engine, another = (db.open_database(tmp_path, address) for _ in range(2))
    with db.writing(another):
        with pytest.raises(DatabaseAway, match="Somebody else has been writing"):
            with db.writing(engine):
                pass
        assert db.revision(engine) == 0  # who reads waits for nobody
    with db.writing(engine) as connection:
        db.bump(connection)
    assert db.revision(engine) == 1


HOLDER = """
import sys, time
from pathlib import Path
from studio.database import engine as db
engine = db.open_database(Path(sys.argv[1]), sys.argv[2])
with db.writing(engine) as connection:
    db.bump(connection)
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_killed_writer_leaves_neither_its_lock_nor_its_change(cluster, tmp_path: Path):
    url = cluster.database(ready=True)
    engine = db.open_database(tmp_path, url)
    words = [sys.executable, "-c", HOLDER, str(tmp_path), url]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True, cwd=CHECKOUT) as holder:
        assert holder.stdout.readline() == "held\n"
        os.kill(holder.pid, signal.SIGKILL)
    with db.writing(engine) as connection:
        db.bump(connection)
    assert db.revision(engine) == 1


@pytest.mark.slow
def test_the_database_goes_and_comes_back(cluster, tmp_path: Path):
    url = cluster.database(ready=True)
    engine = db.open_database(tmp_path, url)
    settings = load_settings({"STUDIO_HOME": str(tmp_path), "STUDIO_DATABASE_URL": url})
    with db.writing(engine) as connection:
        db.bump(connection)
    with pytest.raises(DatabaseAway, match="does not answer") as away:
        with db.writing(engine) as connection:
            db.bump(connection)
            cluster.stop("immediate")
    try:
        assert "send it again" in away.value.remedy and "psycopg" not in str(away.value)
        with pytest.raises(DatabaseAway, match="does not answer"):
            db.revision(engine)
        with pytest.raises(DatabaseAway):
            db.open_database(tmp_path, url)
        found = health.look(settings, engine)
        assert not found["database"].ok and "does not answer" in found["database"].says
    finally:
        cluster.start()
    assert db.revision(engine) == 1  # what was confirmed, and no more
    with db.writing(engine) as connection:
        db.bump(connection)
    assert db.revision(engine) == 2
    assert health.look(settings, engine)["database"].ok


def test_nobody_there_is_said_at_once(tmp_path: Path):
    began = time.monotonic()
    with pytest.raises(DatabaseAway, match="does not answer"):
        db.open_database(tmp_path, "postgresql://ana:s3cret@127.0.0.1:5629/studio")
    assert time.monotonic() - began < 20  # a try that waits for an answer has 30


def test_an_unknown_database_is_named(cluster, tmp_path: Path):
    with pytest.raises(DatabaseAway, match="may not use its database") as refused:
        db.open_database(tmp_path, cluster.url("nothere"))
    assert "STUDIO_DATABASE_URL" in refused.value.remedy


def test_a_text_that_can_not_be_kept_is_named(cluster, tmp_path: Path):
    engine = db.open_database(tmp_path, cluster.database(ready=True))
    with pytest.raises(StudioError, match="NUL"):
        with db.writing(engine) as connection:
            connection.execute(sa.text("SELECT CAST(:x AS text)"), {"x": "a\0b"})


def test_another_machine_takes_a_table_away_while_it_is_copied(
    cluster, tmp_path: Path, monkeypatch
):
    url = cluster.database(ready=True)
    engine = db.open_database(tmp_path, url)
    with engine.begin() as connection:
        db.unmigrate(connection, "0013")  # where the gallery was a table of its own
    engine.dispose()
    real, opened = dump.tables, []

    def tables(connection: sa.Connection) -> list[sa.Table]:
        found = real(connection)
        if not opened:
            opened.append("another")
            db.open_database(tmp_path / "another", url).dispose()
        return found

    monkeypatch.setattr(dump, "tables", tables)
    engine = db.open_database(tmp_path, url)
    assert db.revision(engine) == 0 and sa.inspect(engine).has_table("assets")
    assert len(list((tmp_path / "another" / "backups").iterdir())) == 1
    assert list((tmp_path / "backups").iterdir()) == []
    engine.dispose()


def test_an_older_schema_is_copied_then_migrated_once(cluster, tmp_path: Path):
    url = cluster.database(ready=True)
    engine = db.open_database(tmp_path, url)
    with engine.begin() as connection:
        db.bump(connection)
        db.unmigrate(connection, "0005")
    engine.dispose()
    failed = []

    def opening(home: Path) -> None:  # as on several machines: each with a folder of its own
        try:
            db.open_database(home, url).dispose()
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=opening, args=(tmp_path / str(k),)) for k in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    engine = db.open_database(tmp_path, url)
    assert db.revision(engine) == 1 and not (tmp_path / "backups").exists()
    copy = min(tmp_path.glob("*/backups/studio-0005-*.rows.zip"))
    with zipfile.ZipFile(copy) as kept:
        assert kept.read("revision.jsonl").splitlines()[1] == b"[1]"
    with db.writing(engine) as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StudioError, match="schema '9999'.*newer"):
        db.open_database(tmp_path, url)

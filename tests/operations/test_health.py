"""What is up, told soon and truly: also of a database that hangs, and of MLflow, whose records lie
in it."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import threading
import time
from collections import namedtuple
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from studio.database import engine as db
from studio.jobs import named_leases, workers
from studio.operations import health
from studio.settings import CHECKOUT, load_settings
from studio.tracking import client
from tests.cut_off import a_line, free_port, studio_beyond  # noqa: F401

SOON_S = 20.0  # of an answer, whatever hangs: without patience it would be minutes


def until(true, seconds=60.0):
    """How long it took until it was so."""
    began = time.monotonic()
    while not true():
        assert time.monotonic() - began < seconds
        time.sleep(0.05)
    return time.monotonic() - began


def asked():
    return sum(thread.name == "health" for thread in threading.enumerate())


def test_a_database_that_hangs_is_told_soon_and_asked_once(engine, line, monkeypatch):
    monkeypatch.setattr(health, "FRESH_S", 0.2)
    monkeypatch.setattr(health, "PATIENCE_S", 0.3)
    workers.arrive(engine, "host:1", "work", "cpu", datetime.now(UTC))
    settings = load_settings({"STUDIO_MLFLOW_PORT": str(free_port())})
    found = health.look(settings, engine)
    assert [found[name].ok for name in ("database", "mlflow", "worker")] == [True, False, True]
    line.hush()
    for _ in range(3):
        began = time.monotonic()
        found = health.look(settings, engine)
        assert (
            time.monotonic() - began < SOON_S and asked() <= 4
        )  # database, writing, worker, watcher
    assert not found["database"].ok and not found["worker"].ok
    assert found["database"].says == "The database does not answer within 0.3 s."
    line.mend()
    until(lambda: health.look(settings, engine)["database"].ok)


def test_a_watcher_is_up_while_it_holds_its_lease_and_until_another_would(tmp_path: Path):
    engine, lease = db.open_database(tmp_path), (named_leases.WATCHER, "host:1:ab")
    settings = load_settings({"STUDIO_MLFLOW_PORT": str(free_port())})

    def watcher():
        health._questions.clear()
        return health.look(settings, engine)["watcher"]

    until(lambda: "do not stop" in watcher().says)
    assert not watcher().ok
    assert named_leases.take(engine, *lease, datetime.now(UTC), timedelta(minutes=1))
    assert watcher() == health.Part(True, "host:1 watches.")
    ago = datetime.now(UTC) - timedelta(seconds=10)
    assert named_leases.renew(engine, *lease, ago, timedelta(seconds=6)) and watcher().ok
    ago -= health.FOLLOWED
    assert named_leases.renew(engine, *lease, ago, timedelta(seconds=6)) and not watcher().ok
    engine.dispose()


def test_it_says_when_nothing_can_be_written(tmp_path: Path, monkeypatch):
    monkeypatch.setattr(db, "BUSY_SECONDS", 0.05)
    engine = db.open_database(tmp_path)
    assert health._writing(engine).ok
    with closing(sqlite3.connect(tmp_path / "studio.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        locked = health._writing(engine)
        assert not locked.ok and "writing to the studio's database" in locked.says
        assert health._database(engine).ok  # which can be read
        other.execute("ROLLBACK")
    full = namedtuple("usage", "free")(5 * 1024**2)
    with monkeypatch.context() as patch:
        patch.setattr(health.shutil, "disk_usage", lambda home: full)
        assert health._writing(engine).says == "Nothing can be written: 5 MB are free on the disk."
    barred = db.make_engine(tmp_path, None)
    with barred.connect() as connection:
        connection.exec_driver_sql("PRAGMA query_only = 1")
    assert "can't be read or written" in health._writing(barred).says
    for one in (engine, barred):
        one.dispose()


def test_on_postgres_too(engine):
    assert health._writing(engine).ok
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        name = engine.url.database
        connection.exec_driver_sql(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    engine.dispose()
    assert "Nothing can be written" in health._writing(engine).says


def test_what_was_true_a_moment_ago_holds_while_an_answer_takes_its_time(engine, line, monkeypatch):
    monkeypatch.setattr(health, "PATIENCE_S", 0.1)
    monkeypatch.setattr(health, "FRESH_S", 60.0)
    settings = load_settings({"STUDIO_MLFLOW_PORT": str(free_port())})
    until(lambda: health.look(settings, engine)["database"].ok)
    line.hush()
    assert health.look(settings, engine)["database"].ok
    monkeypatch.setattr(health, "FRESH_S", 0.0)
    assert not health.look(settings, engine)["database"].ok


@pytest.mark.slow
def test_mlflow_is_not_up_while_its_records_are_away(engine, line, tmp_path: Path):
    """The studio's own MLflow and its pages, on PostgreSQL, which goes, hangs and comes back."""
    home, url = tmp_path, engine.url.render_as_string(hide_password=False)
    here = {
        "STUDIO_HOME": str(home),
        "STUDIO_DATABASE_URL": url.replace("+psycopg", ""),
        "STUDIO_PORT": str(free_port()),
        "STUDIO_MLFLOW_PORT": str(free_port()),
    }
    settings = load_settings(here)
    place = client.tracking(home, settings.artifacts, None, settings.database_url)
    client.connect(place)
    words, needs = client.serving(place, "127.0.0.1", settings.mlflow_port)
    pages = [sys.executable, "-m", "uvicorn", "studio.web:app", "--port", str(settings.port)]
    slowest = [0.0]
    names = ("database", "writing", "mlflow", "worker", "watcher")
    down = {"web": True, **dict.fromkeys(names, False)}

    def healthz():
        began = time.monotonic()
        try:
            at = f"http://127.0.0.1:{settings.port}/healthz"
            return httpx.get(at, timeout=60).json()
        except httpx.HTTPError:
            return {}
        finally:
            slowest.append(time.monotonic() - began)

    def all_up():
        found = healthz()
        return found.get("database") and found.get("mlflow")

    with (home / "log").open("wb") as log:
        started = [
            subprocess.Popen(
                one,
                cwd=CHECKOUT,
                env={**os.environ, **here, **needs},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
            for one in (words, pages)
        ]
        try:
            until(all_up, 120)
            took = {}
            for how, begin in (("gone", line.shut), ("hanging", line.hush)):
                slowest[:] = [0.0]
                begin()
                took[how] = until(lambda: healthz() == down)
                up = httpx.get(f"http://127.0.0.1:{settings.mlflow_port}/health", timeout=60)
                assert up.status_code == 200  # which is why it is asked for more than that
                time.sleep(2)
                assert healthz() == down
                line.mend()
                took[f"{how}, back"] = until(all_up, 120)
                took[f"{how}, slowest"] = max(slowest)
                assert max(slowest) < SOON_S
            print(took)
        finally:
            for one in started:
                os.killpg(one.pid, 9)
                one.wait()


def test_mlflows_address_is_told_without_the_password_in_it():
    settings = load_settings({"MLFLOW_TRACKING_URI": "http://ana:geheim@127.0.0.1:1"}, home="/no")
    assert health.mlflow_server(settings) == "http://ana:geheim@127.0.0.1:1"
    assert health.mlflow_address(settings) == "http://127.0.0.1:1"
    said = health._mlflow(health.mlflow_server(settings)).says
    assert "MLflow at http://ana:***@127.0.0.1:1 does not answer" in said and "geheim" not in said

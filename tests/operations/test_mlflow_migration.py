"""`mlflow-move` killed with kill -9 wherever it may be: nothing is lost, nothing is there twice.

Until the records change places the file goes on serving; from then on PostgreSQL does. Either way
the same command ends what was begun.
"""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa

from studio.database import postgres
from studio.errors import StudioError
from studio.operations import mlflow_migration
from studio.settings import CHECKOUT, Settings
from studio.tracking import tables
from tests.tracking.test_tables import NOW, furnish, of, rows, settings_of

# Runs the command and dies by kill -9 at the n-th thing done that holds a word: a statement of SQL,
# a folder made, a file named anew.
MORTAL = """
import os, signal, sys
import sqlalchemy as sa
word, left = sys.argv[1], int(sys.argv[2])
def passing(*what):
    global left
    left -= word in " ".join(map(str, what))
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
sa.event.listen(sa.Engine, "before_cursor_execute", lambda c, cursor, words, *more: passing(words))
sa.event.listen(sa.Engine, "after_cursor_execute",
                lambda c, cursor, words, *more: passing("done:", words))
files = ("os.rename", "os.mkdir")
sys.addaudithook(lambda name, given: passing(name, *given) if name in files else None)
from studio.cli import main
sys.exit(main(["mlflow-move"]))
"""
FILE, DATABASE = "sqlite", "postgresql"


@pytest.fixture(scope="module")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("furnished")
    furnish(of(settings_of(home)))
    return home


@pytest.fixture
def old(cluster, furnished: Path, tmp_path: Path) -> Settings:
    """A studio on PostgreSQL whose MLflow has its records in the file."""
    home = tmp_path / "home"
    shutil.copytree(furnished, home)
    return settings_of(home, cluster.database(ready=True))


@pytest.fixture
def call(old: Settings) -> Callable[..., subprocess.Popen[str]]:
    def begin(*words: str) -> subprocess.Popen[str]:
        url = old.database_url or ""
        around = {
            **os.environ,
            "STUDIO_HOME": str(old.home),
            "STUDIO_DATABASE_URL": url,
            "STUDIO_PORT": str(old.port),
        }
        return subprocess.Popen(
            [sys.executable, *words],
            cwd=CHECKOUT,
            env=around,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    return begin


def ended(process: subprocess.Popen[str]) -> tuple[int, str]:
    out, error = process.communicate(timeout=120)
    return process.returncode, out + error


def check_finished(old: Settings, was: dict[str, list[bytes]]) -> None:
    """The records are in PostgreSQL, once; the file is kept, once; nothing else is left."""
    t = of(old)
    assert t.uri.startswith(DATABASE) and rows(t) == was
    (kept,) = (old.home / "backups").iterdir()
    assert kept.name.startswith("mlflow-moved-") and kept.suffix == ".db"
    assert [path.name for path in old.home.glob("mlflow.db*")] == ["mlflow.db.lock"]
    with closing(sqlite3.connect(kept)) as file:
        assert file.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    engine = tables.make_engine(tables.file(kept))
    with engine.connect() as connection:
        runs = [row[0] for row in connection.exec_driver_sql("SELECT run_uuid FROM runs")]
    engine.dispose()
    assert len(runs) == 1 and runs[0].encode() in b"".join(was["runs"])
    engine = postgres.make_engine(postgres.address(old.database_url or ""))
    assert sorted(sa.inspect(engine).get_schema_names()) == [
        "information_schema",
        "mlflow",
        "public",
    ]
    engine.dispose()
    with pytest.raises(StudioError, match="wait to be moved"):
        mlflow_migration.move(old, NOW, print)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("word", "count", "serves"),
    [
        ("done: CREATE SCHEMA mlflow_new", 1, FILE),
        ("CREATE TABLE runs", 2, FILE),
        ("done: INSERT INTO runs", 1, FILE),
        ("done: ALTER SCHEMA mlflow_new", 1, FILE),  # not committed
        ("home/backups", 1, DATABASE),  # the folder is made: the COMMIT was just before
        ("mlflow-moved", 1, DATABASE),  # the file is put there
    ],
)
def test_killed_at_this_step(call, old, furnished, word, count, serves):
    was = rows(of(settings_of(furnished)))
    code, said = ended(call("-c", MORTAL, word, str(count)))
    assert code == -signal.SIGKILL, said
    t = of(old)
    assert t.uri.startswith(serves) and rows(t) == was  # as it is, the studio could go on
    code, said = ended(call("-m", "studio", "mlflow-move"))
    assert code == 0, said
    check_finished(old, was)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_killed_again_and_again_further_on_each_time(call, old, furnished):
    """What serves is whole every time, and the last one begins where so many were cut off."""
    was, reached = rows(of(settings_of(furnished))), 0
    for count in (10 * 3**k for k in range(12)):
        code, said = ended(call("-c", MORTAL, "", str(count)))
        assert rows(of(old)) == was
        if code == 0:
            break
        assert code == -signal.SIGKILL, said
        reached = count
    assert reached > 200
    check_finished(old, was)


@pytest.mark.slow
def test_a_file_that_is_open_elsewhere_is_not_moved(old, furnished):
    was = rows(of(settings_of(furnished)))
    with closing(sqlite3.connect(old.home / "mlflow.db")) as other:
        other.execute("SELECT count(*) FROM runs").fetchall()
        with pytest.raises(StudioError, match="is in use elsewhere"):
            mlflow_migration.move(old, NOW, print)
        assert of(old).uri.startswith(FILE)
    mlflow_migration.move(old, NOW, print)
    check_finished(old, was)

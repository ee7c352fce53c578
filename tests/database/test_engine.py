"""The studio's database: settings of the file, migrations, backup, refusal, two writers."""

import importlib
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from studio.database import engine as db
from studio.errors import StudioError
from studio.settings import CHECKOUT


def test_the_file_is_set_up_for_many_writers(tmp_path: Path):
    engine = db.open_database(tmp_path / "home")
    with engine.connect() as connection:
        found = [
            connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        ]
    assert found == ["wal", 2, 1, 30_000]
    assert not (tmp_path / "home" / "backups").exists()  # nothing to back up at first
    assert db.home_of(engine) == tmp_path / "home"


def test_the_tables_are_as_the_code_believes(tmp_path: Path, either_database: str):
    for file in (CHECKOUT / "studio").rglob("*.py"):
        if " = sa.Table(" in file.read_text():
            importlib.import_module(".".join(file.relative_to(CHECKOUT).with_suffix("").parts))
    engine = db.open_database(tmp_path)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        odd = compare_metadata(context, db.metadata)
    # Constraints and indexes stand in the migrations alone; the code need not know them.
    wanted = ("add_table", "remove_table", "add_column", "remove_column")
    odd = [change for change in odd if isinstance(change, list) or change[0] in wanted]
    assert odd == []
    inspector = db.sa.inspect(engine)
    for table in db.metadata.tables.values():
        found = {column["name"]: column["nullable"] for column in inspector.get_columns(table.name)}
        assert found == {column.name: column.nullable for column in table.columns}


@pytest.mark.slow
def test_migrations_go_down_and_up_again_step_by_step(tmp_path: Path, either_database: str):
    engine = db.open_database(tmp_path)
    steps = sorted(db.known_schemas())

    def look(connection) -> dict[str, list]:
        inspector = db.sa.inspect(connection)
        return {
            name: [
                sorted((c["name"], str(c["type"]), c["nullable"]) for c in part)
                if "type" in (part or [{}])[0]
                else sorted(str(c["name"]) for c in part)
                for part in (
                    inspector.get_columns(name),
                    inspector.get_indexes(name),
                    inspector.get_unique_constraints(name),
                    inspector.get_check_constraints(name),
                )
            ]
            for name in inspector.get_table_names()
        }

    with engine.connect() as connection:
        whole = look(connection)
    seen = {}
    with db.writing(engine) as connection:
        for down in [*steps[-2::-1], "base"]:
            db.unmigrate(connection, down)
            seen[down] = look(connection)
        assert set(seen["base"]) == {"alembic_version"}
        for up in steps:
            db.migrate(connection, up)
            assert look(connection) == seen.get(up, whole)
    with db.writing(engine) as connection:
        db.bump(connection)
    assert db.revision(engine) == 1


def test_an_older_schema_is_backed_up_and_upgraded(tmp_path: Path, monkeypatch):
    engine = db.open_database(tmp_path)
    with db.writing(engine) as connection:
        db.bump(connection)
    engine.dispose()
    newer = tmp_path / "migrations"
    (newer / "versions").mkdir(parents=True)
    for file in [db.MIGRATIONS / "env.py", *(db.MIGRATIONS / "versions").glob("*.py")]:
        (newer / file.relative_to(db.MIGRATIONS)).write_text(file.read_text())
    head = _schema(tmp_path / "studio.db")
    (newer / "versions" / "9999_more.py").write_text(
        f"from alembic import op\nrevision = '9999'\ndown_revision = {head!r}\n"
        "def upgrade():\n    op.execute('CREATE TABLE more (x INTEGER)')\n"
    )
    monkeypatch.setattr(db, "MIGRATIONS", newer)
    engine = db.open_database(tmp_path)
    assert db.sa.inspect(engine).has_table("more")
    assert db.revision(engine) == 1
    (copy,) = (tmp_path / "backups").iterdir()
    assert _schema(copy) == head

    monkeypatch.undo()  # back to the older code
    with pytest.raises(StudioError, match="schema '9999'.*newer"):
        db.open_database(tmp_path)
    assert _schema(tmp_path / "studio.db") == "9999"


def test_a_failing_migration_changes_nothing(tmp_path: Path, monkeypatch):
    db.open_database(tmp_path).dispose()
    broken = tmp_path / "migrations"
    (broken / "versions").mkdir(parents=True)
    for file in [db.MIGRATIONS / "env.py", *(db.MIGRATIONS / "versions").glob("*.py")]:
        (broken / file.relative_to(db.MIGRATIONS)).write_text(file.read_text())
    head = _schema(tmp_path / "studio.db")
    (broken / "versions" / "9999_more.py").write_text(
        f"from alembic import op\nrevision = '9999'\ndown_revision = {head!r}\n"
        "def upgrade():\n    op.execute('CREATE TABLE more (x INTEGER)')\n"
        "    raise RuntimeError('power cut')\n"
    )
    monkeypatch.setattr(db, "MIGRATIONS", broken)
    with pytest.raises(RuntimeError, match="power cut"):
        db.open_database(tmp_path)
    assert _schema(tmp_path / "studio.db") == head
    with sqlite3.connect(tmp_path / "studio.db") as connection:
        assert connection.execute("SELECT 1 FROM sqlite_master WHERE name='more'").fetchall() == []


def test_a_file_that_is_no_database_is_refused(tmp_path: Path):
    (tmp_path / "studio.db").write_bytes(b"a text, not a database" * 100)
    with pytest.raises(StudioError, match="can't be opened"):
        db.open_database(tmp_path)


def test_writers_wait_for_each_other(tmp_path: Path, either_database: str):
    engine = db.open_database(tmp_path)

    def count() -> None:
        for _ in range(20):
            with db.writing(engine) as connection:
                # Reading first is what fails under a deferred transaction.
                connection.execute(db.sa.select(db.revision_counter)).all()
                db.bump(connection)

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert db.revision(engine) == 80


def test_threads_of_one_process_queue_where_the_database_itself_does_not_wait(tmp_path: Path):
    engine = db.open_database(tmp_path)
    db.sa.event.listen(
        engine, "begin", lambda c: c.exec_driver_sql("PRAGMA busy_timeout=0"), insert=True
    )
    before, ready, refused = db.revision(engine), threading.Barrier(8), []

    def write() -> None:
        ready.wait()
        for _ in range(20):
            try:
                with db.writing(engine) as connection:
                    db.bump(connection)
            except StudioError as error:
                refused.append(error)

    threads = [threading.Thread(target=write) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert refused == [] and db.revision(engine) == before + 8 * 20


def test_a_failed_transaction_leaves_nothing(tmp_path: Path, either_database: str):
    engine = db.open_database(tmp_path)
    with pytest.raises(RuntimeError):
        with db.writing(engine) as connection:
            db.bump(connection)
            raise RuntimeError
    assert db.revision(engine) == 0


def test_a_lock_that_stays_held_is_named(tmp_path: Path):
    with db.file_lock(tmp_path / "lock"):
        with pytest.raises(StudioError, match="lock has been locked"):
            with db.file_lock(tmp_path / "lock", seconds=0.05):
                pass
    with db.file_lock(tmp_path / "lock", seconds=0.05):
        pass


HOLDER = """
import sys
from pathlib import Path
from studio.database.engine import file_lock
with file_lock(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_lock_holds_between_processes_and_threads_and_a_dead_holder_frees_it(tmp_path: Path):
    lock, order = tmp_path / "lock", []
    words = [sys.executable, "-c", HOLDER, str(lock)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(words, cwd=CHECKOUT, **pipes) as holder:
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(StudioError, match="lock has been locked"):
            with db.file_lock(lock, seconds=0):
                pass
        holder.kill()
    with db.file_lock(lock, seconds=5):
        waiting = threading.Thread(target=_note, args=(lock, order))
        waiting.start()
        order.append("first")
    waiting.join()
    assert order == ["first", "second"] and lock.exists()


def _note(lock: Path, order: list[str]) -> None:
    with db.file_lock(lock):
        order.append("second")


def _schema(path: Path) -> str:
    with sqlite3.connect(path) as connection:
        return connection.execute("SELECT version_num FROM alembic_version").fetchone()[0]

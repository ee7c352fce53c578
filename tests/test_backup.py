"""Backup and restore: the whole studio, from either database into either, or nothing at all."""

import dataclasses
import io
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tarfile
import threading
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from studio import archive, db, dump, ledger, mlflow_records, restoring
from studio.backup import back_up
from studio.errors import StudioError
from studio.jobs import leases, queue, workers
from studio.settings import CHECKOUT, Settings, load_settings

RECORDS = Path()  # a file of MLflow's with all tables and nothing in them
NOW = datetime(2026, 8, 1, 12, tzinfo=UTC)
ROUTES = ["sqlite-sqlite", "sqlite-postgres", "postgres-sqlite",
          pytest.param("postgres-postgres", marks=pytest.mark.slow)]  # fmt: skip


def elsewhere(settings: Settings, home: Path) -> Settings:
    return dataclasses.replace(settings, home=home, artifacts=home / "mlruns")


def quiet(line: str) -> None:
    pass


@pytest.fixture(scope="module", autouse=True)
def _made_once(tmp_path_factory: pytest.TempPathFactory) -> None:
    """MLflow's tables take a second to make: a file that is copied."""
    global RECORDS
    RECORDS = tmp_path_factory.mktemp("made") / "mlflow.db"
    mlflow_records.bring_up_to_date(mlflow_records.file(RECORDS), RECORDS.parent)


@pytest.fixture
def place(request, tmp_path: Path):
    """Settings of a new place for a studio: `place("old", "postgres")`."""

    def make(name: str, kind: str) -> Settings:
        home = tmp_path / name
        url = ""
        if kind == "postgres":
            url = request.getfixturevalue("cluster").database(ready=True, mlflow=True)
        return load_settings(
            {"STUDIO_HOME": str(home), "STUDIO_DATABASE_URL": url, "STUDIO_PORT": "8621"}
        )

    return make


@pytest.fixture
def here(tmp_path: Path) -> Settings:
    """A place on SQLite, which needs no PostgreSQL."""
    return load_settings({"STUDIO_HOME": str(tmp_path / "old"), "STUDIO_PORT": "8621"})


def furnish(settings: Settings, word: str = "ours") -> None:
    """Rows of all kinds, pictures, MLflow's records and files, and what must stay behind."""
    engine = db.open_database(settings.home, settings.database_url)
    with db.writing(engine) as connection:
        ledger.record(connection, at=NOW, actor="Ána ☂", action="promote", reason=f"{word} '\"\\")
    asked = queue.submit(
        engine, kind="import", lane="work", asked_by="ana", now=NOW,
        payload={"a": [1.1, None, True, "☂"], "b": {"z": 1, "a": 2**60}},
    )  # fmt: skip
    job = leases.take(engine, "w", "work", NOW, timedelta(seconds=9))
    leases.finish(engine, job.id, job.attempt, {"said": word}, NOW)
    gone = queue.submit(engine, kind="x", lane="work", payload={}, asked_by="b", now=NOW)
    with db.writing(engine) as connection:
        connection.exec_driver_sql(f"DELETE FROM jobs WHERE id = {gone.id}")
    assert gone.id == asked.id + 1
    engine.dispose()
    home = settings.home
    files = {
        "datasets/pictures/ab/abc.png": b"\x89PNG" + os.urandom(50_000), "prompts/p/current": b"v1",
        "jobs/1/log.txt": word.encode(), "mlruns/sample/models/m-1/adapter.bin": os.urandom(9_000),
        "cache/latents/x.safetensors": b"again", "runs/.step-1.part/x": b"half",
        "backups/old.db": b"old", "datasets/.sample.lock": b"",
    }  # fmt: skip
    for name, data in files.items():
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_bytes(data)
    told = mlflow_records.place(home, settings.database_url)
    if told.get_backend_name() == "sqlite":
        shutil.copy(RECORDS, home / "mlflow.db")
    engine = mlflow_records.make_engine(told)
    if not settings.database_url:
        with engine.connect() as connection:
            connection.connection.execute("PRAGMA journal_mode=WAL")
    uri = (settings.artifacts / "sample").as_uri()
    values = {
        "word": word, "uri": uri, "run": f"{uri}/artifacts", "odd": 0.1 + 0.2,
        "source": f"{settings.artifacts}/sample/models/m-1", "away": "s3://elsewhere/m-1",
    }  # fmt: skip
    with mlflow_records.changing(engine) as connection:
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
    engine = mlflow_records.make_engine(mlflow_records.place(settings.home, settings.database_url))
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
    for lines in found.values():
        head = json.loads(lines[0])
        lines[0] = [head["columns"], head["last"] or 0]  # a counter that gave nothing: 0 or None
    return found


def files(settings: Settings) -> dict[str, bytes]:
    own = ("studio.db", "mlflow.db", "before-restore", "backups", "cache")
    return {
        str(file.relative_to(settings.home)): file.read_bytes()
        for file in settings.home.rglob("*")
        if file.is_file() and not str(file.relative_to(settings.home)).startswith(own)
        and file.suffix != ".lock" and ".part" not in str(file)
    }  # fmt: skip


@pytest.mark.parametrize("route", ROUTES)
def test_all_of_it_comes_back_in_either_database(place, tmp_path: Path, route: str):
    old, new = (place(n, kind) for n, kind in zip(("old", "new"), route.split("-"), strict=True))
    furnish(old)
    made = back_up(old, tmp_path / "kept.tar", NOW, quiet)
    assert made.file.stat().st_mode & 0o777 == 0o600
    assert (made.mlflow, made.files) == (True, 4)
    found = restoring.restore(new, made.file, NOW, quiet)
    assert (found.files, found.rows, found.before) == (4, made.rows, [])
    assert rows(new) == rows(old)
    assert files(new) == files(old) and len(files(new)) == 4
    engine = db.open_database(new.home, new.database_url)
    asked = queue.submit(engine, kind="x", lane="work", payload={}, asked_by="b", now=NOW)
    assert asked.id == 3  # a number that was given to a job deleted since is given to nobody
    with db.writing(engine) as connection:
        number = ledger.record(connection, at=NOW, actor="b", action="promote", reason="")
    assert number == 2 and ledger.flaws(engine) == []
    assert records(new) == records(old) and (new.home / "mlflow.db").exists() == route.endswith("e")
    engine = mlflow_records.make_engine(mlflow_records.place(new.home, new.database_url))
    with engine.connect() as connection:
        there = (new.artifacts / "sample").as_uri()
        found = connection.exec_driver_sql("SELECT run_uuid, artifact_uri FROM runs").all()
        assert found == [("ours", f"{there}/artifacts")]
        sources = "SELECT source, storage_location FROM model_versions"
        found = connection.exec_driver_sql(sources).all()
        assert found == [(f"{new.artifacts}/sample/models/m-1", "s3://elsewhere/m-1")]
    engine.dispose()
    if not new.database_url:
        with closing(sqlite3.connect(new.home / "studio.db")) as connection:
            assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_a_backup_amid_writing_is_one_moment(place, tmp_path: Path, kind: str):
    old, new = place("old", kind), place("new", "sqlite")
    furnish(old)
    counted = json.loads(rows(old)["revision"][1])[0]
    stop, wrote = threading.Event(), []

    def write() -> None:
        engine = db.open_database(old.home, old.database_url)
        while not stop.is_set():
            with db.writing(engine) as connection:  # the counter and the rows go together
                file = old.home / "datasets" / f"{len(wrote)}.png"
                file.write_bytes(b"x" * 1000)
                row = ledger.record(
                    connection, at=NOW, actor="b", action="picture", reason=str(file)
                )
            wrote.append(row)
        engine.dispose()

    thread = threading.Thread(target=write)
    thread.start()
    try:
        while len(wrote) < 20:
            time.sleep(0.01)
        made = [back_up(old, tmp_path / f"{k}.tar", NOW, quiet) for k in range(3)][-1]
    finally:
        stop.set()
        thread.join()
    restoring.restore(new, made.file, NOW, quiet)
    engine = db.open_database(new.home)
    found = [row for row in ledger.rows(engine) if row.action == "picture"]
    assert 20 <= len(found) <= len(wrote)
    assert ledger.flaws(engine) == []
    # Not one row without its count, and no count without its row.
    assert json.loads(rows(new)["revision"][1])[0] == counted + len(found)
    for row in found:
        assert (new.home / Path(row.reason).relative_to(old.home)).stat().st_size == 1000


def test_a_sweeps_trials_are_copied_between_two_of_its_transactions(here: Settings, tmp_path: Path):
    furnish(here)
    sweep = here.home / "sweeps" / "1"
    sweep.mkdir(parents=True)
    (sweep / "plain.db").write_bytes(b"no database")
    with closing(sqlite3.connect(sweep / "study.db")) as connection:
        for name in ("trials", "trial_values"):
            connection.execute(f"CREATE TABLE {name} (id INTEGER, value TEXT)")
    stop, wrote = threading.Event(), []

    def write() -> None:
        with closing(sqlite3.connect(sweep / "study.db", timeout=30)) as connection:
            while not stop.is_set():
                with connection:  # a trial and its value go together
                    for name in ("trials", "trial_values"):
                        row = (len(wrote), "x" * 20_000)
                        connection.execute(f"INSERT INTO {name} VALUES (?, ?)", row)
                wrote.append(1)

    thread = threading.Thread(target=write)
    thread.start()
    try:
        while len(wrote) < 20:
            time.sleep(0.01)
        made = back_up(here, tmp_path / "kept.tar", NOW, quiet).file
    finally:
        stop.set()
        thread.join()
    new = elsewhere(here, tmp_path / "new")
    restoring.restore(new, made, NOW, quiet)
    found = new.home / "sweeps" / "1"
    assert sorted(p.name for p in found.iterdir()) == ["plain.db", "study.db"]
    assert (found / "plain.db").read_bytes() == b"no database"
    with closing(sqlite3.connect(found / "study.db")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        counts = [
            connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0]
            for name in ("trials", "trial_values")
        ]
    assert counts[0] == counts[1] >= 20


def test_a_file_that_is_not_whole_changes_nothing(here: Settings, tmp_path: Path):
    furnish(here)
    made = back_up(here, tmp_path / "kept.tar", NOW, quiet).file
    whole, new = made.read_bytes(), elsewhere(here, tmp_path / "new")
    spoilt = tmp_path / "spoilt.tar"
    words = (b"\x89PNG", b'"import"', b"SQLite format", b'"made_at')
    places = [whole.index(word) for word in words]
    flipped = [whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :] for at in places]
    cut = [whole[: len(whole) * part // 10] for part in (0, 1, 5, 9)] + [whole[:-10_500]]
    for data in [*flipped, *cut, b"no tar at all" * 1000]:
        spoilt.write_bytes(data)
        with pytest.raises(StudioError, match="spoilt.tar"):
            restoring.check(spoilt)
        with pytest.raises(StudioError, match="spoilt.tar"):
            restoring.restore(new, spoilt, NOW, quiet)
        assert [p.name for p in new.home.iterdir()] == ["restore.lock"]
    assert restoring.check(made).tables


@pytest.mark.parametrize(
    "name", ["../evil", "/tmp/evil", "home/../../evil", "other/x", "home//x", "link"]
)
def test_a_member_that_points_elsewhere_is_refused(here: Settings, tmp_path: Path, name: str):
    file = tmp_path / "evil.tar"
    with tarfile.open(file, "w") as tar:
        info = tarfile.TarInfo("home/link" if name == "link" else name)
        info.size = 0 if name == "link" else 4
        info.type, info.linkname = (tarfile.SYMTYPE, "/etc") if name == "link" else (b"0", "")
        tar.addfile(info, io.BytesIO(b"evil"))
    with pytest.raises(StudioError, match="holds"):
        restoring.restore(here, file, NOW, quiet)
    assert not (tmp_path / "evil").exists() and not Path("/tmp/evil").exists()


def test_a_studio_that_is_there_is_kept_aside_or_left_alone(here: Settings, tmp_path: Path):
    furnish(here)
    made = back_up(here, tmp_path / "kept.tar", NOW, quiet).file
    with pytest.raises(StudioError, match="there already"):
        back_up(here, made, NOW, quiet)
    other = dataclasses.replace(
        here, home=tmp_path / "other", artifacts=tmp_path / "elsewhere" / "mlruns"
    )
    furnish(dataclasses.replace(other, artifacts=other.home / "mlruns"), "theirs")
    (other.artifacts / "old").mkdir(parents=True)
    (other.artifacts / "old" / "x").write_text("x")
    before = rows(other)
    with pytest.raises(StudioError, match="holds a studio already: 2 rows.*--replace"):
        restoring.restore(other, made, NOW, quiet)
    assert rows(other) == before
    engine = db.open_database(other.home)
    workers.arrive(engine, "host:1", "work", "cpu", datetime.now(UTC))
    with pytest.raises(StudioError, match="at work.*host:1"):
        restoring.restore(other, made, NOW, quiet, replace=True)
    workers.leave(engine, "host:1")
    engine.dispose()
    found = restoring.restore(other, made, NOW, quiet, replace=True)
    assert rows(other) == rows(here)
    assert (other.artifacts / "sample/models/m-1/adapter.bin").read_bytes() == files(here)[
        "mlruns/sample/models/m-1/adapter.bin"
    ]
    aside, artifacts = map(Path, found.before)
    assert (aside / "jobs/1/log.txt").read_text() == "theirs"
    assert rows(dataclasses.replace(other, home=aside))["jobs"] == before["jobs"]
    assert (artifacts / "old" / "x").read_text() == "x"
    assert (other.home / "backups/old.db").exists() and not (other.home / "cache").exists()


def test_backups_of_older_studios_are_brought_up_to_date(here: Settings, tmp_path: Path):
    engine = db.open_database(here.home)
    with db.writing(engine) as connection:
        db.unmigrate(connection, "0003")
        db.bump(connection)
    engine.dispose()
    made = back_up(here, tmp_path / "older.tar", NOW, quiet).file
    assert restoring.check(made).schema == "0003"
    new = elsewhere(here, tmp_path / "new")
    restoring.restore(new, made, NOW, quiet)
    engine = db.open_database(new.home)
    assert db.revision(engine) == 1 and not (new.home / "backups").exists()
    newer = tmp_path / "newer.tar"
    manifest = dataclasses.replace(restoring.check(made), schema="9999", files={})
    with tarfile.open(newer, "w") as tar:
        archive.seal(tar, manifest)
    with pytest.raises(StudioError, match="9999.*newer"):
        restoring.restore(elsewhere(here, tmp_path / "more"), newer, NOW, quiet)


RESTORE = """
import os, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from studio import db, restoring
from studio.settings import load_settings
what, number = sys.argv[2], int(sys.argv[3])
module = {"rename": os, "_fill": restoring, "_keep": restoring, "_prepare": restoring}[what]
real, calls = getattr(module, what), []
def dying(*given, **named):
    calls.append(1)
    if len(calls) == number:
        if sys.argv[4] == "after":
            real(*given, **named)
        os.kill(os.getpid(), signal.SIGKILL)
    return real(*given, **named)
setattr(module, what, dying)
restoring.restore(load_settings(), Path(sys.argv[1]), datetime.now(UTC), print, replace=True)
"""
KILLS = [("_prepare", 1, "after"), ("_keep", 1, "after"), ("rename", 3, "before"),
         ("rename", 9, "before"), ("rename", 12, "after")]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "what", "number", "when"),
    [("sqlite", *KILLS[0]), ("sqlite", *KILLS[3]), ("postgres", "_fill", 1, "after")]
    + [
        pytest.param(kind, *kill, marks=pytest.mark.slow)
        for kind in ("sqlite", "postgres")
        for kill in KILLS[1:]
    ],
)
def test_killed_amid_it_is_the_old_studio_or_the_new_one(place, tmp_path, kind, what, number, when):
    old, new = place("old", "sqlite"), place("new", kind)
    furnish(old)
    furnish(new, "theirs")
    before = rows(new), files(new)
    made = back_up(old, tmp_path / "kept.tar", NOW, quiet).file
    environment = {
        **os.environ, "STUDIO_HOME": str(new.home), "STUDIO_DATABASE_URL": new.database_url or "",
        "STUDIO_PORT": "8621",
    }  # fmt: skip
    words = [sys.executable, "-c", RESTORE, str(made), what, str(number), when]
    done = subprocess.run(words, cwd=CHECKOUT, env=environment, capture_output=True, text=True)
    assert done.returncode == -signal.SIGKILL, done.stderr
    if what == "_prepare":  # nothing has begun
        assert (rows(new), files(new)) == before
    else:
        with pytest.raises(StudioError, match="cut off"):
            db.open_database(new.home, new.database_url)
        with pytest.raises(StudioError, match="cut off"):
            back_up(new, tmp_path / "no.tar", NOW, quiet)
    found = restoring.restore(new, made, NOW, quiet, replace=True)
    assert rows(new) == rows(old) and files(new) == files(old)
    (aside,) = map(Path, found.before)
    assert (aside / "jobs/1/log.txt").read_text() == "theirs"
    assert not list(new.home.glob(".restore-*.rows.part")) or what == "_prepare"


def test_a_backup_that_is_cut_off_leaves_no_file(here: Settings, tmp_path: Path, monkeypatch):
    furnish(here)

    def full(*given):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(archive, "seal", full)
    with pytest.raises(StudioError, match="No space left.*no file was made"):
        back_up(here, tmp_path / "kept.tar", NOW, quiet)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["old"]


def test_on_the_command_line(here: Settings, tmp_path: Path):
    furnish(here)

    def run(*words: str, home: Path) -> subprocess.CompletedProcess:
        environment = {**os.environ, "STUDIO_HOME": str(home), "STUDIO_PORT": "8621"}
        return subprocess.run(
            [sys.executable, "-m", "studio", *words, "--json"],
            cwd=CHECKOUT, env=environment, capture_output=True, text=True,
        )  # fmt: skip

    made = run("backup", str(tmp_path / "a.tar"), home=here.home)
    assert json.loads(made.stdout)["files"] == 4, made.stderr
    new = elsewhere(here, tmp_path / "new")
    told = json.loads(run("restore", str(tmp_path / "a.tar"), "--check", home=new.home).stdout)
    assert told["rows"] == json.loads(made.stdout)["rows"] and not (new.home / "studio.db").exists()
    assert run("restore", str(tmp_path / "a.tar"), home=new.home).returncode == 0
    assert rows(new) == rows(here)
    refused = run("restore", str(tmp_path / "a.tar"), home=new.home)
    assert refused.returncode == 2 and "holds a studio" in json.loads(refused.stdout)["error"]
    assert run("backup", str(tmp_path / "b.tar"), home=tmp_path / "none").returncode == 2

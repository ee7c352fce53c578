"""Restoring: the whole studio, from either database into either, or nothing at all."""

import dataclasses
import io
import os
import signal
import sqlite3
import subprocess
import sys
import tarfile
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from studio.database import engine as db
from studio.database import ledger
from studio.errors import StudioError
from studio.jobs import named_leases, queue, workers
from studio.operations import backup_archive, restore
from studio.operations.backup import back_up
from studio.settings import CHECKOUT, Settings
from studio.tracking import tables
from tests.furnished import NOW, elsewhere, files, furnish, quiet, records, rows

ROUTES = [
    "sqlite-sqlite",
    "sqlite-postgres",
    "postgres-sqlite",
    pytest.param("postgres-postgres", marks=pytest.mark.slow),
]


@pytest.mark.parametrize("route", ROUTES)
def test_all_of_it_comes_back_in_either_database(place, tmp_path: Path, route: str):
    old, new = (place(n, kind) for n, kind in zip(("old", "new"), route.split("-"), strict=True))
    furnish(old)
    made = back_up(old, tmp_path / "kept.tar", NOW, quiet)
    assert made.file.stat().st_mode & 0o777 == 0o600
    assert (made.mlflow, made.files) == (True, 4)
    found = restore.restore(new, made.file, NOW, quiet)
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
    engine = tables.make_engine(tables.place(new.home, new.database_url))
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


def test_a_file_that_is_not_whole_changes_nothing(here: Settings, tmp_path: Path):
    furnish(here)
    made = back_up(here, tmp_path / "kept.tar", NOW, quiet).file
    whole, new = made.read_bytes(), elsewhere(here, tmp_path / "new")
    spoilt = tmp_path / "spoilt.tar"
    words = (b"\x89PNG", b'"import"', b"SQLite format", b'"made_at')
    places = [whole.index(word) for word in words]
    flipped = [whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :] for at in places]
    # The last cut is longer than what tar fills up with, at most 10,752 bytes and a block.
    cut = [whole[: len(whole) * part // 10] for part in (0, 1, 5, 9)] + [whole[:-11_500]]
    for data in [*flipped, *cut, b"no tar at all" * 1000]:
        spoilt.write_bytes(data)
        with pytest.raises(StudioError, match="spoilt.tar"):
            restore.check(spoilt)
        with pytest.raises(StudioError, match="spoilt.tar"):
            restore.restore(new, spoilt, NOW, quiet)
        assert [p.name for p in new.home.iterdir()] == ["restore.lock"]
    assert restore.check(made).tables


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
        restore.restore(here, file, NOW, quiet)
    assert not (tmp_path / "evil").exists() and not Path("/tmp/evil").exists()


@pytest.mark.slow
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
    with pytest.raises(StudioError, match="holds a studio already: 3 rows.*--replace"):
        restore.restore(other, made, NOW, quiet)
    assert rows(other) == before
    engine = db.open_database(other.home)
    workers.arrive(engine, "host:1", "work", "cpu", datetime.now(UTC))
    with pytest.raises(StudioError, match="at work.*host:1"):
        restore.restore(other, made, NOW, quiet, replace=True)
    workers.leave(engine, "host:1")
    lease = (engine, named_leases.WATCHER, "host:2")
    assert named_leases.take(*lease, datetime.now(UTC), timedelta(minutes=1))
    with pytest.raises(StudioError, match="watcher is at work.*host:2"):
        restore.restore(other, made, NOW, quiet, replace=True)
    named_leases.release(*lease)
    engine.dispose()
    found = restore.restore(other, made, NOW, quiet, replace=True)
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
    with engine.begin() as connection:
        db.unmigrate(connection, "0003")
        db.bump(connection)
    engine.dispose()
    made = back_up(here, tmp_path / "older.tar", NOW, quiet).file
    assert restore.check(made).schema == "0003"
    new = elsewhere(here, tmp_path / "new")
    restore.restore(new, made, NOW, quiet)
    engine = db.open_database(new.home)
    assert db.revision(engine) == 1 and not (new.home / "backups").exists()
    newer = tmp_path / "newer.tar"
    manifest = dataclasses.replace(restore.check(made), schema="9999", files={})
    with tarfile.open(newer, "w") as tar:
        backup_archive.seal(tar, manifest)
    with pytest.raises(StudioError, match="9999.*newer"):
        restore.restore(elsewhere(here, tmp_path / "more"), newer, NOW, quiet)


RESTORE = """
import os, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from studio.database import engine as db
from studio.operations import restore
from studio.settings import load_settings
what, number = sys.argv[2], int(sys.argv[3])
module = {"rename": os, "_fill": restore, "_keep": restore, "_prepare": restore}[what]
real, calls = getattr(module, what), []
def dying(*given, **named):
    calls.append(1)
    if len(calls) == number:
        if sys.argv[4] == "after":
            real(*given, **named)
        os.kill(os.getpid(), signal.SIGKILL)
    return real(*given, **named)
setattr(module, what, dying)
restore.restore(load_settings(), Path(sys.argv[1]), datetime.now(UTC), print, replace=True)
"""
KILLS = [
    ("_prepare", 1, "after"),
    ("_keep", 1, "after"),
    ("rename", 3, "before"),
    ("rename", 9, "before"),
    ("rename", 10, "after"),
]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "what", "number", "when"),
    [("sqlite", *KILLS[0]), ("sqlite", *KILLS[3]), ("postgres", "_fill", 1, "after")]
    + [pytest.param("sqlite", "rename", 12, "after", marks=pytest.mark.slow)]  # the last there
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
        **os.environ,
        "STUDIO_HOME": str(new.home),
        "STUDIO_DATABASE_URL": new.database_url or "",
        "STUDIO_PORT": "8621",
    }
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
    found = restore.restore(new, made, NOW, quiet, replace=True)
    assert rows(new) == rows(old) and files(new) == files(old)
    (aside,) = map(Path, found.before)
    assert (aside / "jobs/1/log.txt").read_text() == "theirs"
    assert not list(new.home.glob(".restore-*.rows.part")) or what == "_prepare"

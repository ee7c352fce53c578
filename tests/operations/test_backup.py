"""Backups: the whole studio in one file while it runs, or no file at all."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest

from studio.database import engine as db
from studio.database import ledger
from studio.errors import StudioError
from studio.operations import backup_archive, restore
from studio.operations.backup import back_up
from studio.settings import CHECKOUT, Settings
from studio.store import reserved_room
from studio.store.contents import Flaws, store_of
from studio.upscaling import estimates, saved, work_folders
from studio.upscaling.estimates import Sort, Speed
from tests.furnished import NOW, elsewhere, furnish, quiet, rows


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
    restore.restore(new, made.file, NOW, quiet)
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
    restore.restore(new, made, NOW, quiet)
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


def test_tiles_of_enlargings_stay_behind_and_what_was_kept_of_them_comes_along(
    here: Settings, tmp_path: Path
):
    furnish(here)
    tiles = work_folders.of_job(here.home, 7)
    work_folders.begin(tiles)
    (tiles / "tiles").mkdir()
    (tiles / "tiles" / "main-1-ab.npy").write_bytes(b"x" * 1000)
    (tiles.parent / "log.txt").write_text("Tile 1/81")
    engine = db.open_database(here.home, here.database_url)
    saved.save(engine, "our look", {"hold": 0.5}, by="ana", now=NOW)
    estimates.note(engine, "gpu-box", Sort("lanczos"), 2.0, 4, NOW, 0.5)
    engine.dispose()
    made = back_up(here, tmp_path / "kept.tar", NOW, quiet).file
    new = elsewhere(here, tmp_path / "new")
    restore.restore(new, made, NOW, quiet)
    assert not work_folders.of_job(new.home, 7).exists()
    assert (new.home / "jobs" / "7" / "log.txt").read_text() == "Tile 1/81"
    engine = db.open_database(new.home, new.database_url)
    assert saved.find(engine, "our look").settings == {"hold": 0.5}
    assert estimates.speed(engine, "gpu-box", Sort("lanczos")) == Speed(0.5, 0.5, 4)
    engine.dispose()


def test_a_backup_that_is_cut_off_leaves_no_file(here: Settings, tmp_path: Path, monkeypatch):
    furnish(here)

    def full(*given):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(backup_archive, "seal", full)
    with pytest.raises(StudioError, match="No space left.*no file was made"):
        back_up(here, tmp_path / "kept.tar", NOW, quiet)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["old"]


@pytest.mark.slow
def test_on_the_command_line(here: Settings, tmp_path: Path):
    furnish(here)

    def run(*words: str, home: Path) -> subprocess.CompletedProcess:
        environment = {**os.environ, "STUDIO_HOME": str(home), "STUDIO_PORT": "8621"}
        return subprocess.run(
            [sys.executable, "-m", "studio", *words, "--json"],
            cwd=CHECKOUT,
            env=environment,
            capture_output=True,
            text=True,
        )

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


@pytest.mark.parametrize("linked", [False, True])
def test_the_store_is_taken_along_and_found_whole(here: Settings, tmp_path: Path, linked: bool):
    furnish(here)
    store = store_of(here.home)
    if linked:  # to a larger disk
        (tmp_path / "disk").mkdir()
        store.root.symlink_to(tmp_path / "disk")
    digests = sorted(store.put(b"a knight" * k) for k in (1, 1000))
    store.fetch(digests[0], here.home / "generated" / "knight.png")
    (store.root / "ab").mkdir(exist_ok=True)
    (store.root / "ab" / f".{'0' * 16}.1.part").write_bytes(b"half")
    made = back_up(here, tmp_path / "kept.tar", NOW, quiet)
    assert made.files == 4 + 3
    new = elsewhere(here, tmp_path / "new")
    restore.restore(new, made.file, NOW, quiet)
    found = store_of(new.home)
    assert list(found.digests()) == digests
    assert [found.get(one) for one in digests] == [store.get(one) for one in digests]
    assert (new.home / "generated" / "knight.png").read_bytes() == found.get(digests[0])
    assert found.check(digests) == Flaws((), ())
    assert not list(new.home.rglob("*.part"))


def test_room_that_others_were_promised_is_not_taken(
    here: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    furnish(here)
    (here.home / "datasets" / "large.png").write_bytes(b"x" * 5 * 1024**2)
    free = shutil.disk_usage(tmp_path)._replace(free=1024**3)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: free)
    with reserved_room.reserving(here.home, tmp_path, 1000 * 1024**2, 0):
        assert back_up(here, tmp_path / "fits.tar", NOW, quiet).files
        with reserved_room.reserving(here.home, tmp_path, 20 * 1024**2, 0):
            with pytest.raises(StudioError, match="beside .* that is being written"):
                back_up(here, tmp_path / "does-not.tar", NOW, quiet)
    assert not list(tmp_path.glob("does-not*"))

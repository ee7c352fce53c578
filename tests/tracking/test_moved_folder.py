"""A studio's folder that was moved, copied or mounted elsewhere, and what the records name."""

from __future__ import annotations

import dataclasses
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from threading import Barrier

import pytest
import sqlalchemy as sa

from studio.context import open_records
from studio.errors import StudioError
from studio.jobs import workers
from studio.settings import CHECKOUT, Settings
from studio.tracking import tables
from tests.furnished import elsewhere
from tests.tracking.written_records import WRITTEN, lost, moved, named, records, told, write_down

Place = Callable[[str, str], Settings]


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
@pytest.mark.parametrize("name", ["new", "a%20b?c#d e", "schön (2)'s"])
def test_records_follow_a_folder_that_was_moved(place: Place, tmp_path: Path, kind: str, name: str):
    old = place("old", kind)
    assert told(old) == []
    write_down(old, (1, 2))
    new = moved(old, tmp_path / name)
    (said,) = told(new)
    assert f"in {new.artifacts}: the folder was moved" in said and str(old.artifacts) in said
    assert len(named(new)) == 7
    assert all(one.startswith(new.artifacts.as_uri() + "/") for one in named(new))
    assert lost(new) == [] and told(new) == [said] and not old.home.exists()
    back = moved(new, old.home)
    assert len(told(back)) == 2 and lost(back) == []


@pytest.mark.parametrize("name", ["plain", "100%", "why?"])
def test_a_studio_of_before_is_known_by_its_experiments(here: Settings, tmp_path: Path, name: str):
    old = elsewhere(here, tmp_path / name)
    write_down(old)
    other = tmp_path / "other" / "mlruns" / "theirs"  # somebody else's files, which are still there
    other.mkdir(parents=True)
    engine = records(old)
    with tables.changing(engine) as connection:
        for number, where in ((52, other.as_uri()), (53, "s3://bucket/mlruns/far")):
            values = {"id": number, "name": Path(where).name, "experiment": where}
            connection.execute(sa.text(WRITTEN[0]), values)
    engine.dispose()
    new = moved(old, tmp_path / "new")
    (said,) = told(new)
    assert str(old.artifacts) in said and lost(new) == []
    outside = [one for one in named(new) if not one.startswith(new.artifacts.as_uri())]
    assert outside == [other.as_uri(), "s3://bucket/mlruns/far"]


def test_a_copy_is_a_studio_of_its_own(here: Settings, tmp_path: Path):
    told(here)
    write_down(here)
    before = named(here)
    copy = elsewhere(here, tmp_path / "copy")
    shutil.copytree(here.home, copy.home)
    (said,) = told(copy)
    assert "is a copy of the one with" in said
    assert all(one.startswith(copy.artifacts.as_uri()) for one in named(copy))
    assert named(here) == before and told(here) == []


def test_files_that_are_only_where_the_folder_was_are_read_there(here: Settings, tmp_path: Path):
    """A studio that was moved before this was noticed, and trained again where it had been."""
    write_down(here)
    new = moved(here, tmp_path / "new")
    astray = dataclasses.replace(new, artifacts=here.artifacts)
    write_down(astray, (2,))
    (said,) = told(new)
    assert str(here.artifacts) in said
    assert lost(new) == [
        f"props version 2 lies outside of the studio, in "
        f"{here.artifacts}/props/models/m-2/artifacts"
    ]
    written = [one for one in named(new) if "/models/" not in one]
    assert len(written) == 3  # the experiment and its runs: nothing more is written over there
    assert all(one.startswith(new.artifacts.as_uri()) for one in written)


def test_a_link_to_the_folder_is_the_folder(here: Settings, tmp_path: Path):
    told(here)
    write_down(here)
    before = named(here)
    new = moved(here, tmp_path / "new")
    here.home.symlink_to(new.home)
    assert told(new) == [] and named(new) == before


def test_nobody_changes_the_records_while_another_is_at_work(here: Settings, tmp_path: Path):
    told(here)
    write_down(here)
    engine, _ = open_records(here)
    workers.arrive(engine, "container:7", "work", "cpu", datetime.now(UTC))
    engine.dispose()
    before = named(here)
    new = moved(here, tmp_path / "new")
    with pytest.raises(StudioError, match=r"worker is at work.*container:7.*same path as before"):
        open_records(new)
    assert named(new) == before
    engine = sa.create_engine(f"sqlite:///{new.home}/studio.db")
    with engine.begin() as connection:
        connection.execute(sa.text("DELETE FROM workers"))
    engine.dispose()
    assert len(told(new)) == 1 and lost(new) == []


def test_two_folders_on_one_database_are_refused(place: Place, tmp_path: Path):
    old = place("old", "postgres")
    told(old)
    write_down(old)
    before = named(old)
    copy = elsewhere(old, tmp_path / "copy")
    shutil.copytree(old.home, copy.home)
    with pytest.raises(StudioError, match="copy on the same database.*a database of its own"):
        open_records(copy)
    assert named(old) == before and told(old) == []
    shutil.rmtree(old.home)
    assert len(told(copy)) == 1 and lost(copy) == []


def test_a_servers_records_cannot_follow_and_a_link_mends_it(here: Settings, tmp_path: Path):
    served = dataclasses.replace(here, mlflow_uri="http://127.0.0.1:9")
    assert told(served) == []
    new = moved(served, tmp_path / "new")
    with pytest.raises(
        StudioError, match=f"server can't be changed.*ln -s {new.artifacts} {here.artifacts}"
    ):
        open_records(new)
    here.home.mkdir()
    here.artifacts.symlink_to(new.artifacts)
    assert told(new) == []


def test_of_two_that_open_it_at_once_one_moves_the_records(here: Settings, tmp_path: Path):
    told(here)
    write_down(here)
    new, barrier = moved(here, tmp_path / "new"), Barrier(4)

    def open_it(_: int) -> None:
        barrier.wait()
        open_records(new)[0].dispose()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(open_it, range(4)))
    assert len(told(new)) == 1 and lost(new) == []


OPEN = """
import os, signal, sys
from studio import context
from studio.settings import load_settings
from studio.tracking import addresses, moved_folder
module = {"readdress": addresses, "note": moved_folder}[sys.argv[1]]
real = getattr(module, sys.argv[1])
def dying(*given, **named):
    real(*given, **named)
    os.kill(os.getpid(), signal.SIGKILL)
setattr(module, sys.argv[1], dying)
context.open_records(load_settings())
"""


@pytest.mark.parametrize("what", ["readdress", "note"])
def test_killed_amid_it_the_next_to_open_ends_it(here: Settings, tmp_path: Path, what: str):
    told(here)
    write_down(here)
    before = named(here)
    new = moved(here, tmp_path / "new")
    around = {**os.environ, "STUDIO_HOME": str(new.home)}
    words = [sys.executable, "-c", OPEN, what]
    done = subprocess.run(words, cwd=CHECKOUT, env=around, capture_output=True, text=True)
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert (named(new) == before) == (what == "readdress")  # the records' transaction ends first
    assert len(told(new)) == 1 and lost(new) == []
    assert not here.home.exists()


def test_a_path_too_long_for_postgres_changes_nothing(place: Place, tmp_path: Path):
    old = place("old", "postgres")
    told(old)
    write_down(old)
    before = named(old)
    new = moved(old, tmp_path / ("deep" * 40))
    with pytest.raises(StudioError, match="too long a path"):
        open_records(new)
    assert named(new) == before

"""What an enlarging leaves: handed on or copied, and cleared away after its time."""

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from studio.database import engine as db
from studio.database.ledger import stamp
from studio.jobs import queue
from studio.jobs.table import jobs
from studio.upscaling import work_folders

NOW = datetime(2026, 8, 1, 12, tzinfo=UTC)


@pytest.fixture
def engine(tmp_path):
    made = db.open_database(tmp_path)
    yield made
    made.dispose()


def asked(engine, again_of=0, state="done", ended=NOW):
    job = queue.submit(
        engine,
        kind="upscale",
        lane="short",
        payload={"again_of": again_of},
        asked_by="ana",
        now=NOW,
    )
    at = stamp(ended) if state in ("done", "failed", "cancelled") else None
    with db.writing(engine) as connection:
        values = {"state": state, "ended_at": at}
        connection.execute(sa.update(jobs).where(jobs.c.id == job.id).values(**values))
    return job.id


def left(home, job):
    folder = work_folders.of_job(home, job)
    work_folders.begin(folder)
    (folder / "tiles").mkdir()
    for name in ("tiles/main-1-ab.npy", "tiles.json", "events.jsonl", "outcome.json"):
        (folder / name).write_text(f"{name} of {job}")
    return folder


def names(folder):
    return sorted(str(f.relative_to(folder)) for f in folder.rglob("*") if f.is_file())


def test_a_result_keeps_its_tiles_and_the_next_has_them_too(tmp_path):
    folder = left(tmp_path, 1)
    assert work_folders.take_over(tmp_path, 1, 2, keep=True)
    assert work_folders.take_over(tmp_path, 1, 2, keep=True)  # once
    new = work_folders.of_job(tmp_path, 2)
    assert names(new) == ["CACHEDIR.TAG", "tiles.json", "tiles/main-1-ab.npy"]
    (new / "tiles.json").write_text("drawn over")
    assert (folder / "tiles.json").read_text() == "tiles.json of 1"
    assert (folder / "outcome.json").is_file()


def test_what_was_cut_off_hands_its_tiles_on(tmp_path):
    left(tmp_path, 1)
    assert work_folders.take_over(tmp_path, 1, 2, keep=False)
    assert not work_folders.is_there(tmp_path, 1) and work_folders.is_there(tmp_path, 2)
    new = work_folders.of_job(tmp_path, 2)
    assert names(new) == ["CACHEDIR.TAG", "tiles.json", "tiles/main-1-ab.npy"]


def test_where_they_are_gone_it_begins_from_nothing(tmp_path):
    assert not work_folders.take_over(tmp_path, 1, 2, keep=True)
    assert not work_folders.of_job(tmp_path, 2).exists()


def test_they_are_cleared_away_after_their_time_unless_wanted(engine, tmp_path):
    old = NOW - timedelta(days=work_folders.KEPT_DAYS, seconds=1)
    gone, wanted, new = asked(engine, ended=old), asked(engine, ended=old), asked(engine)
    running = asked(engine, again_of=wanted, state="queued")
    for job in (gone, wanted, new, running):
        left(tmp_path, job)
    assert work_folders.clear(engine, tmp_path, NOW) == 1
    assert [work_folders.is_there(tmp_path, job) for job in (gone, wanted, new, running)] == [
        False,
        True,
        True,
        True,
    ]
    assert work_folders.until(stamp(old)) < NOW

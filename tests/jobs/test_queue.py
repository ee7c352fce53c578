"""Asking for jobs, listing and cancelling them, and being told of their end."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from studio.database import engine as db
from studio.database.ledger import rows
from studio.errors import StudioError
from studio.jobs import leases, queue, table, workers

NOW = datetime(2026, 8, 1, 12, tzinfo=UTC)
LEASE = timedelta(seconds=30)


@pytest.fixture
def engine(tmp_path: Path, either_database: str):
    return db.open_database(tmp_path)


def ask(engine, kind="import", lane="work", by="ana", key=None, **payload):
    return queue.submit(
        engine, kind=kind, lane=lane, payload=payload, asked_by=by, now=NOW, key=key
    )


def test_the_migration_keeps_what_was_there(tmp_path: Path, monkeypatch, pytestconfig):
    # What today's program writes on PostgreSQL is marked since migration 0030.
    last = "0030" if pytestconfig.getoption("database") == "postgres" else "0001"
    first = tmp_path / "migrations"
    (first / "versions").mkdir(parents=True)
    scripts = (db.MIGRATIONS / "versions").glob("*.py")
    for file in (db.MIGRATIONS / "env.py", *(one for one in scripts if one.name[:4] <= last)):
        (first / file.relative_to(db.MIGRATIONS)).write_text(file.read_text())
    monkeypatch.setattr(db, "MIGRATIONS", first)
    engine = db.open_database(tmp_path)
    with db.writing(engine) as connection:
        connection.exec_driver_sql(
            "INSERT INTO ledger (at, actor, action, reason, state) "
            "VALUES ('2026', 'ana', 'promote', 'best', 'done')"
        )
        db.bump(connection)
    engine.dispose()
    monkeypatch.undo()
    engine = db.open_database(tmp_path)
    assert [row.actor for row in rows(engine)] == ["ana"] and db.revision(engine) == 1
    assert queue.listing(engine) == []
    assert len(list((tmp_path / "backups").iterdir())) == 1
    inspector = db.sa.inspect(engine)
    for made in (table.jobs, table.workers):
        found = {c["name"]: c["nullable"] for c in inspector.get_columns(made.name)}
        assert found == {c.name: c.nullable for c in made.columns}


def test_a_job_is_kept_as_it_was_asked(engine):
    job = ask(engine, folder="/pictures", size=32, tags=["a", {"b": None}])
    assert job == queue.get(engine, job.id)
    assert (job.state, job.attempt, job.asked_by) == ("queued", 0, "ana")
    assert job.payload == {"folder": "/pictures", "size": 32, "tags": ["a", {"b": None}]}
    assert job.log == f"jobs/{job.id}/log.txt" and job.group is None and job.kept == {}
    assert db.revision(engine) == 1
    with pytest.raises(StudioError, match="no job 99"):
        queue.get(engine, 99)


def test_sent_twice_it_is_one_job(engine):
    first = ask(engine, key="form-1", n=1)
    assert ask(engine, key="form-1", n=1) == first
    assert ask(engine, key="form-1", by="ben").id != first.id  # a key is its sender's own
    assert ask(engine).id != ask(engine).id  # without a key each counts
    with pytest.raises(StudioError, match="was sent before"):
        ask(engine, key="form-1", kind="train")
    leases.take(engine, "w", "work", NOW, LEASE)
    assert ask(engine, key="form-1").state == "running"


@pytest.mark.parametrize("value", [float("nan"), {1, 2}, b"x", "x" * 4_000_001])
def test_a_payload_that_is_no_json_is_refused(engine, value):
    with pytest.raises(StudioError, match="import"):
        ask(engine, value=value)
    assert queue.listing(engine) == []


def test_the_list_is_filtered_and_paged(engine):
    made = [ask(engine, kind=k, by=u) for k in ("import", "train") for u in ("ana", "ben")]
    leases.take(engine, "w", "work", NOW, LEASE)
    ids = [j.id for j in made]
    assert [j.id for j in queue.listing(engine)] == ids[::-1]
    assert [j.id for j in queue.listing(engine, user="ben")] == [ids[3], ids[1]]
    assert [j.id for j in queue.listing(engine, kind="train")] == [ids[3], ids[2]]
    assert [j.id for j in queue.listing(engine, states=("running",))] == [ids[0]]
    assert [j.id for j in queue.listing(engine, limit=2, before=ids[3])] == [ids[2], ids[1]]
    assert [queue.ahead(engine, j) for j in made] == [0, 0, 1, 2]


def test_a_waiting_job_is_cancelled_at_once_and_a_running_one_by_its_worker(engine):
    job = ask(engine)
    done = queue.cancel(engine, job.id, "ben", NOW)
    assert (done.state, done.error, done.ended_at is not None) == (
        "cancelled",
        "Cancelled by ben.",
        True,
    )
    assert [j.id for j in queue.unseen(engine, "ana")] == [job.id]  # somebody else did it
    assert queue.cancel(engine, job.id, "ana", NOW) == done
    assert leases.take(engine, "w", "work", NOW, LEASE) is None

    job = ask(engine)
    taken = leases.take(engine, "w", "work", NOW, LEASE)
    assert queue.cancel(engine, job.id, "ana", NOW).state == "running"
    assert leases.drop(engine, job.id, taken.attempt, NOW)
    ended = queue.get(engine, job.id)
    assert (ended.state, ended.cancel_by, ended.seen) == ("cancelled", "ana", True)


def test_an_end_is_told_once(engine):
    first, second = ask(engine), ask(engine, lane="interactive")
    ask(engine, by="ben")
    assert queue.unseen(engine, "ana") == []
    for lane in ("work", "interactive", "work"):
        taken = leases.take(engine, "w", lane, NOW, LEASE)
        leases.finish(engine, taken.id, taken.attempt, {"n": 1}, NOW)
    assert [j.id for j in queue.unseen(engine, "ana")] == [first.id, second.id]
    assert [j.id for j in queue.unseen(engine, "ana", "work")] == [first.id]
    assert queue.mark_seen(engine, "ben", [first.id]) == 0
    before = db.revision(engine)
    assert queue.mark_seen(engine, "ana", [first.id, second.id]) == 2
    assert queue.mark_seen(engine, "ana", [first.id, second.id]) == 0
    assert db.revision(engine) == before + 1
    assert queue.unseen(engine, "ana") == []


def test_the_end_of_a_long_log_is_read(engine, tmp_path):
    job = ask(engine)
    assert queue.read_log(tmp_path, job) == ""
    (tmp_path / job.folder).mkdir(parents=True)
    (tmp_path / job.log).write_text("".join(f"line {n} ö\n" for n in range(10_000)))
    text = queue.read_log(tmp_path, job)
    assert text.startswith("line ") and text.endswith("line 9999 ö\n")
    assert 60_000 < len(text.encode()) <= queue.LOG_BYTES


def test_silent_workers_are_not_alive(engine):
    workers.arrive(engine, "a:1", "work", "cpu", NOW)
    workers.arrive(engine, "b:1", "work", "cpu", NOW)
    later = NOW + timedelta(minutes=1)
    assert workers.seen(engine, "b:1", later)
    assert [w.name for w in workers.alive(engine, later)] == ["b:1"]
    workers.leave(engine, "b:1")
    assert workers.alive(engine, later) == []
    assert not workers.seen(engine, "b:1", later)

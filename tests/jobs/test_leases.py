"""Taking jobs: each by one worker, taken again when its lease runs out, stale writes refused."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from studio.database import engine as db
from studio.jobs import leases, queue
from studio.jobs.processes import Group
from studio.settings import CHECKOUT

NOW = datetime(2026, 8, 1, 12, tzinfo=UTC)
LEASE = timedelta(seconds=30)
LATE = NOW + timedelta(seconds=31)


@pytest.fixture
def engine(tmp_path: Path, either_database: str):
    return db.open_database(tmp_path)


def ask(engine, lane="work"):
    return queue.submit(engine, kind="import", lane=lane, payload={}, asked_by="ana", now=NOW)


TAKER = """
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from studio.database import engine as db
from studio.jobs import leases
engine = db.open_database(Path(sys.argv[1]), sys.argv[3])
def take():
    return leases.take(engine, sys.argv[2], "work", datetime.now(UTC), timedelta(seconds=300))
job = take()
print(job.id, flush=True)
sys.stdin.readline()  # until the other has one, too
while job is not None:
    assert leases.finish(engine, job.id, job.attempt, {"by": sys.argv[2]}, datetime.now(UTC))
    job = take()
    if job is not None:
        print(job.id)
"""


@pytest.mark.slow
def test_two_processes_take_each_of_200_jobs_once(engine, tmp_path, url_of):
    ids = [ask(engine).id for _ in range(200)]
    takers = [
        subprocess.Popen(
            [sys.executable, "-c", TAKER, str(tmp_path), name, url_of(engine)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=CHECKOUT,
        )
        for name in ("one", "two")
    ]
    took = [int(taker.stdout.readline()) for taker in takers]
    for taker in takers:
        taker.stdin.write("\n")
        taker.stdin.flush()
    for taker in takers:
        took += [int(line) for line in taker.communicate(timeout=250)[0].split()]
    assert sorted(took) == ids
    found = queue.listing(engine, limit=500)
    assert {(j.state, j.attempt, j.lost) for j in found} == {("done", 1, 0)}


def test_lanes_are_apart_and_the_oldest_goes_first(engine):
    work, quick, later = ask(engine), ask(engine, "interactive"), ask(engine)
    taken = leases.take(engine, "w", "interactive", NOW, LEASE)
    assert taken.id == quick.id and taken.worker == "w" and taken.state == "running"
    assert leases.take(engine, "w", "interactive", NOW, LEASE) is None
    assert leases.take(engine, "w", "work", NOW, LEASE).id == work.id
    assert leases.take(engine, "w", "work", NOW, LEASE).id == later.id


def test_one_job_is_taken_by_its_number_and_no_other(engine):
    first, second = ask(engine), ask(engine)
    assert leases.take(engine, "w", "work", NOW, LEASE, id=second.id).id == second.id
    assert leases.take(engine, "w", "work", NOW, LEASE, id=second.id) is None
    assert leases.take(engine, "w", "interactive", NOW, LEASE, id=first.id) is None
    again = leases.take(engine, "w", "work", LATE, LEASE, {second.id: 1}, id=second.id)
    assert (again.id, again.attempt) == (second.id, 2)
    assert queue.get(engine, first.id).state == "queued"


def test_a_lease_that_ran_out_is_taken_by_exactly_one(engine):
    ask(engine)
    first = leases.take(engine, "one", "work", NOW, LEASE)
    old = Group(123456, "boot/1", "mark")
    assert leases.begin(engine, first, old, NOW)
    assert leases.take(engine, "two", "work", NOW + LEASE, LEASE) is None  # just holds
    second = leases.take(engine, "two", "work", LATE, LEASE)
    assert (second.attempt, second.lost, second.worker) == (2, 1, "two")
    assert second.group == old  # so that its processes can be ended first
    assert leases.take(engine, "three", "work", LATE, LEASE) is None


def test_a_beat_holds_the_lease(engine):
    ask(engine)
    job = leases.take(engine, "one", "work", NOW, LEASE)
    before = db.revision(engine)
    assert leases.beat(engine, job.id, 1, NOW + LEASE, LEASE)
    assert leases.progress(engine, job.id, 1, "step 2/4", 2, 4)
    assert db.revision(engine) == before  # caches stay warm while it works
    assert leases.take(engine, "two", "work", LATE, LEASE) is None
    now = queue.get(engine, job.id)
    assert (now.done, now.total, now.says) == (2, 4, "step 2/4")


def test_a_stale_attempt_writes_nothing(engine):
    ask(engine)
    old = leases.take(engine, "one", "work", NOW, LEASE)
    new = leases.take(engine, "two", "work", LATE, LEASE)
    before = queue.get(engine, new.id)
    counted = db.revision(engine)
    writes = [
        leases.begin(engine, old, Group(1, "b", "m"), LATE),
        leases.beat(engine, old.id, old.attempt, LATE, LEASE),
        leases.progress(engine, old.id, old.attempt, "half", 1, 2),
        leases.keep(engine, old.id, old.attempt, {"run": "x"}),
        leases.finish(engine, old.id, old.attempt, {}, LATE),
        leases.fail(engine, old.id, old.attempt, "no", "", LATE),
        leases.drop(engine, old.id, old.attempt, LATE),
        leases.release(engine, old.id, old.attempt),
        leases.lose(engine, old.id, old.attempt, "gone", LATE),
        leases.give_up(engine, old.id, old.attempt, "gone", LATE),
    ]
    assert not any(writes)
    assert queue.get(engine, new.id) == before and db.revision(engine) == counted
    assert leases.finish(engine, new.id, new.attempt, {"n": 1}, LATE)
    assert not leases.fail(engine, new.id, new.attempt, "too late", "", LATE)
    assert queue.get(engine, new.id).result == {"n": 1}


ENDS = {
    "done": lambda engine, job: leases.finish(engine, job.id, job.attempt, {}, LATE),
    "failed": lambda engine, job: leases.fail(engine, job.id, job.attempt, "no", "", LATE),
    "cancelled": lambda engine, job: leases.drop(engine, job.id, job.attempt, LATE),
    "put back, then cancelled": lambda engine, job: (
        leases.release(engine, job.id, job.attempt) and queue.cancel(engine, job.id, "ana", LATE)
    ),
}


@pytest.mark.parametrize("end", ENDS)
def test_what_was_applied_is_known_until_the_job_has_ended(engine, end: str):
    ask(engine)
    job = leases.take(engine, "w", "work", NOW, LEASE)
    assert leases.apply(engine, job.id, job.attempt, 1, "go on")
    assert leases.apply(engine, job.id, job.attempt, 2, "stop")
    assert leases.applied(engine, job.id) == {1: "go on", 2: "stop"}
    assert ENDS[end](engine, job)
    assert queue.get(engine, job.id).ended and leases.applied(engine, job.id) == {}


def test_put_back_it_is_no_lost_attempt_and_keeps_what_it_had(engine):
    ask(engine)
    for attempt in (1, 2, 3, 4, 5):
        job = leases.take(engine, "w", "work", NOW, LEASE)
        assert (job.attempt, job.lost, job.group) == (attempt, 0, None)
        assert job.kept == ({} if attempt == 1 else {"run": "abc"})
        leases.begin(engine, job, Group(1, "b", "m"), NOW)
        leases.keep(engine, job.id, attempt, {"run": "abc"})
        assert leases.release(engine, job.id, attempt)


def test_lost_three_times_it_fails_and_says_why(engine):
    ask(engine)
    for lost in (1, 2, 3):
        job = leases.take(engine, "w", "work", NOW, LEASE)
        assert leases.lose(engine, job.id, job.attempt, "it was killed (signal 9).", NOW)
        now = queue.get(engine, job.id)
        assert (now.lost, now.state) == (lost, "failed" if lost == 3 else "queued")
    assert "Tried 3 times" in now.error and "signal 9" in now.error and "log" in now.remedy
    assert now.ended_at is not None and leases.take(engine, "w", "work", NOW, LEASE) is None


def test_put_off_it_is_taken_again_at_its_time_and_was_not_lost(engine):
    ask(engine)
    job = leases.take(engine, "w", "work", NOW, LEASE)
    leases.keep(engine, job.id, 1, {"run": "abc"})
    assert leases.put_off(engine, job.id, 1, "2 files are on their way.", LATE)
    waits = queue.get(engine, job.id)
    assert (waits.state, waits.says, waits.worker) == ("queued", "2 files are on their way.", None)
    assert leases.take(engine, "w", "work", NOW, LEASE) is None
    again = leases.take(engine, "w", "work", LATE, LEASE)
    assert (again.id, again.attempt, again.lost, again.kept) == (job.id, 2, 0, {"run": "abc"})
    assert not leases.put_off(engine, job.id, 1, "too late", LATE)

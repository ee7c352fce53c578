"""The machine's clock is set while workers are at work: nobody takes a job from one who lives, and
whose worker died is taken up soon, whatever the time."""

import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from studio.database import engine as db
from studio.jobs import leases, queue, workers
from studio.settings import CHECKOUT

HOUR, DAY = 3600, 86_400
NOW = datetime(2026, 8, 1, 12, tzinfo=UTC)
WORKER = """
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from studio.settings import load_settings
from studio.worker.supervisor import Pace, work
from tests.worker.act import known
known()
home, act = sys.argv[1:]
shift = Path(home) / "shift"
def now():
    return datetime.now(UTC) + timedelta(seconds=int(shift.read_text() or 0))
def command(job):
    return [sys.executable, act, str(job.id), str(job.attempt)]
pace = Pace(lease=2, look=0.02, grace=0.5, linger=0.5)
work(load_settings(home=home), print, pace=pace, lanes=["work"], command=command, now=now)
"""


def submit(engine, **more):
    payload = {"act": "count", "to": 60}
    return queue.submit(
        engine, kind="test", lane="work", payload=payload, asked_by="ana", now=NOW, **more
    )


def test_silence_is_heard_by_an_even_clock(tmp_path: Path, monkeypatch) -> None:
    engine = db.open_database(tmp_path)
    lease, moment = timedelta(seconds=30), 0.0
    monkeypatch.setattr(leases.time, "monotonic", lambda: moment)
    one = submit(engine)
    assert leases.take(engine, "a", "work", NOW, lease, {}).id == one.id
    heard = leases.Silence()
    for shift in (DAY, -HOUR, 0):  # whatever its clock says, who beats is heard
        now = NOW + timedelta(seconds=shift)
        for _ in range(4):
            moment += 10
            now += timedelta(seconds=10)
            assert heard.of(engine, "work", now, lease) == {}
            assert leases.beat(engine, one.id, 1, now, lease)
    moment += 10  # the first look after the last beat
    assert heard.of(engine, "work", now, lease) == {}
    moment += 16
    assert heard.of(engine, "work", now + timedelta(days=1), lease) == {one.id: 1}
    assert heard.of(engine, "work", now - timedelta(hours=1), lease) == {}
    moment += 30  # no lease is that long: it was written by another time
    silent = heard.of(engine, "work", now - timedelta(hours=1), lease)
    assert silent == {one.id: 1}
    assert leases.take(engine, "b", "work", now, lease, silent).attempt == 2
    assert leases.take(engine, "c", "work", now, lease, silent) is None  # by one alone
    engine.dispose()


def test_a_dead_worker_seems_alive_for_no_hour(tmp_path: Path) -> None:
    engine = db.open_database(tmp_path)
    workers.arrive(engine, "a", "work", "cpu", NOW)
    assert [one.name for one in workers.alive(engine, NOW)] == ["a"]
    assert workers.alive(engine, NOW - timedelta(hours=1)) == []
    assert workers.seen(engine, "a", NOW - timedelta(hours=1))
    assert len(workers.alive(engine, NOW - timedelta(hours=1))) == 1
    engine.dispose()


def test_the_order_of_the_queue_is_no_matter_of_time(tmp_path: Path) -> None:
    engine = db.open_database(tmp_path)
    first, later = submit(engine), submit(engine, not_before=NOW + timedelta(hours=8))
    last = submit(engine)
    lease = timedelta(seconds=30)
    back = NOW - timedelta(hours=1)
    assert leases.take(engine, "a", "work", back, lease, {}).id == first.id
    leases.begin(engine, queue.get(engine, first.id), leases.Group(1, "b", "m"), NOW)
    assert leases.finish(engine, first.id, 1, {}, back)  # ended before it began, by the clock
    assert queue.get(engine, first.id).state == "done"
    assert leases.take(engine, "a", "work", back, lease, {}).id == last.id
    assert leases.take(engine, "b", "work", back, lease, {}) is None
    assert leases.take(engine, "b", "work", NOW + timedelta(days=1), lease, {}).id == later.id
    engine.dispose()


@pytest.fixture
def worker(tmp_path: Path):
    """Starts workers with a clock of their own, and stops them at the end."""
    started = []

    def start():
        act = str(Path(__file__).with_name("act.py"))
        command = [sys.executable, "-c", WORKER, str(tmp_path), act]
        environment = {**os.environ, "PYTHONPATH": str(CHECKOUT)}
        started.append(subprocess.Popen(command, cwd=CHECKOUT, env=environment))
        return started[-1]

    yield start
    for process in started:
        process.terminate()
    for process in started:
        process.wait(10)


@pytest.mark.slow
def test_two_workers_live_through_clocks_that_are_set(tmp_path: Path, worker) -> None:
    engine = db.open_database(tmp_path)
    shift = tmp_path / "shift"

    def set_clock(seconds):
        aside = tmp_path / "shift.part"
        aside.write_text(str(seconds))
        os.replace(aside, shift)

    def until(id, wanted):
        end = time.monotonic() + 60
        while not wanted(job := queue.get(engine, id)):
            assert time.monotonic() < end and not job.ended, job
            time.sleep(0.02)
        return job

    set_clock(0)
    pair = [worker(), worker()]
    asked, after = submit(engine), submit(engine)
    for number, seconds in ((5, DAY), (25, DAY - HOUR), (45, 0)):
        until(asked.id, lambda job, number=number: job.kept.get("number", 0) >= number)
        set_clock(seconds)
    job = until(asked.id, lambda job: job.ended)
    assert (job.state, job.attempt, job.lost) == ("done", 1, 0)
    counted = (tmp_path / f"counted-{asked.id}").read_text().splitlines()
    assert counted == [f"{number} 1" for number in range(1, 61)]
    assert queue.get(engine, after.id).attempt == 1  # the other one's, all the time
    # Put back by a day, and in the same moment its worker dies: taken up within seconds.
    until(after.id, lambda job: job.ended)
    set_clock(DAY)
    third = submit(engine)
    taken = until(third.id, lambda job: job.kept.get("number", 0) >= 5 and job.heartbeat_at)
    dies = next(one for one in pair if taken.worker.endswith(f":{one.pid}"))
    dies.send_signal(signal.SIGKILL)
    set_clock(0)
    job = until(third.id, lambda job: job.ended)
    assert (job.state, job.attempt, job.lost) == ("done", 2, 1)
    engine.dispose()

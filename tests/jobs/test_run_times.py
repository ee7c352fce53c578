"""Run times: each attempt at a job from its taking to its end, however it ends."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from studio.database import engine as db
from studio.jobs import leases, queue
from studio.jobs.run_times import runs

NOW = datetime(2026, 8, 1, 12, tzinfo=UTC)
LEASE = timedelta(seconds=30)


@pytest.fixture
def engine(tmp_path: Path, either_database: str):
    return db.open_database(tmp_path)


def at(seconds):
    return NOW + timedelta(seconds=seconds)


def ask(engine):
    return queue.submit(engine, kind="train", lane="work", payload={}, asked_by="ana", now=NOW).id


def take(engine, seconds, worker="here:1"):
    return leases.take(engine, worker, "work", at(seconds), LEASE)


def told(engine):
    """Each attempt with its worker, and the seconds at which it began and ended."""
    query = sa.select(runs).order_by(runs.c.job, runs.c.attempt)
    with engine.connect() as connection:
        found = connection.execute(query).all()
    return [
        (one.attempt, one.worker, _seconds(one.began_at), _seconds(one.ended_at)) for one in found
    ]


def _seconds(moment):
    return None if moment is None else (datetime.fromisoformat(moment) - NOW).total_seconds()


def test_an_attempt_ends_with_its_job(engine):
    for end in ("finish", "fail", "drop"):
        ask(engine)
        job = take(engine, 1)
        given = {"finish": ({},), "fail": ("m", "r"), "drop": ()}[end]
        assert getattr(leases, end)(engine, job.id, 1, *given, at(8))
    assert told(engine) == [(1, "here:1", 1, 8)] * 3


def test_one_that_is_cut_off_ends_with_its_last_heartbeat(engine):
    ask(engine)
    first = take(engine, 0)
    assert told(engine) == [(1, "here:1", 0, None)]
    leases.beat(engine, first.id, 1, at(10), LEASE)
    second = take(engine, 60, "there:2")  # fell silent
    leases.beat(engine, second.id, 2, at(70), LEASE)
    leases.lose(engine, second.id, 2, "killed", at(75))
    third = take(engine, 80)
    leases.release(engine, third.id, 3)
    fourth = take(engine, 90)
    leases.finish(engine, fourth.id, 4, {}, at(95))
    assert not leases.finish(engine, first.id, 1, {}, at(99))  # it came back late
    assert told(engine) == [
        (1, "here:1", 0, 10),
        (2, "there:2", 60, 70),
        (3, "here:1", 80, 80),
        (4, "here:1", 90, 95),
    ]

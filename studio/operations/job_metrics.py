"""What Prometheus is told of jobs and of who does them, from the tables of both."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement, Connection

from studio.database.ledger import stamp
from studio.jobs.named_leases import WATCHER, leases
from studio.jobs.table import ENDED, jobs, workers
from studio.operations import exposition
from studio.operations.exposition import Sample

# Seconds that a job takes: from a picture's to a night's.
EDGES = (1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600, 7200, 14400, 28800, 86400)


def age(now: datetime, since: str | None) -> float:
    """Seconds since a moment of the database; 0 for none, and for one that seems to come."""
    if since is None:
        return 0.0
    return max(0.0, (now - datetime.fromisoformat(since)).total_seconds())


def under_way(connection: Connection, now: datetime) -> Iterator[Sample]:
    """How many wait or run, by kind and state."""
    yield from _by_state(connection, jobs.c.state.not_in(ENDED))


def ended(connection: Connection, now: datetime) -> Iterator[Sample]:
    """How many have ended, by kind and state."""
    yield from _by_state(connection, jobs.c.state.in_(ENDED))


def waiting(connection: Connection, now: datetime) -> Iterator[Sample]:
    """How many could be taken, by kind."""
    for kind, count, _ in _ready(connection, now):
        yield Sample(count, {"kind": kind})


def waiting_age(connection: Connection, now: datetime) -> Iterator[Sample]:
    """Since when the oldest of them could be taken, by kind."""
    for kind, _, since in _ready(connection, now):
        yield Sample(age(now, since), {"kind": kind})


def later(connection: Connection, now: datetime) -> Iterator[Sample]:
    """How many are paused, or wait for a time of their own, by kind."""
    query = (
        sa.select(jobs.c.kind, sa.func.count())
        .where(jobs.c.state == "queued", jobs.c.not_before > stamp(now))
        .group_by(jobs.c.kind)
        .order_by(jobs.c.kind)
    )
    for kind, count in connection.execute(query):
        yield Sample(count, {"kind": kind})


def durations(connection: Connection, now: datetime) -> Iterator[Sample]:
    """How long the last attempt took, of what is done or failed, by kind and state.

    Counted by whole seconds, of which there are few: the database need not compare each job with
    each bucket.
    """
    took, whole = _seconds(connection)
    of = (jobs.c.kind, jobs.c.state)
    query = (
        sa.select(*of, whole.label("whole"), sa.func.count(), sa.func.sum(took))
        .where(jobs.c.state.in_(("done", "failed")))
        .where(jobs.c.started_at.is_not(None), jobs.c.ended_at.is_not(None))
        .group_by(*of, sa.text("whole"))
        .order_by(*of)
    )
    for (kind, state), rows in groupby(connection.execute(query), key=lambda row: row[:2]):
        # A job of 4.3 seconds is counted with 4: it lies in the bucket that ends at 5.
        told = [(float(least) + 0.5, int(count), float(total)) for *_, least, count, total in rows]
        yield from exposition.histogram({"kind": kind, "state": state}, EDGES, told)


def heartbeats(connection: Connection, now: datetime) -> Iterator[Sample]:
    """Since the oldest heartbeat of those that run, by kind."""
    query = (
        sa.select(jobs.c.kind, sa.func.min(jobs.c.heartbeat_at))
        .where(jobs.c.state == "running")
        .group_by(jobs.c.kind)
        .order_by(jobs.c.kind)
    )
    for kind, beat in connection.execute(query):
        yield Sample(age(now, beat), {"kind": kind})


def worker_heartbeats(connection: Connection, now: datetime) -> Iterator[Sample]:
    """Since each worker was heard of; one that was killed is told of for a day."""
    for row in connection.execute(sa.select(workers).order_by(workers.c.name)):
        labels = {"worker": row.name, "device": row.device, "lanes": row.lanes}
        yield Sample(age(now, row.seen_at), labels)


def watcher(connection: Connection, now: datetime) -> Iterator[Sample]:
    """1 while a watcher holds its lease."""
    until = sa.select(leases.c.until_at).where(leases.c.name == WATCHER)
    yield Sample((connection.execute(until).scalar() or "") >= stamp(now))


def _by_state(connection: Connection, which: ColumnElement[bool]) -> Iterator[Sample]:
    of = (jobs.c.kind, jobs.c.state)
    query = sa.select(*of, sa.func.count()).where(which).group_by(*of).order_by(*of)
    for kind, state, count in connection.execute(query):
        yield Sample(count, {"kind": kind, "state": state})


def _ready(connection: Connection, now: datetime) -> Iterable[Any]:
    own = sa.case((jobs.c.not_before > jobs.c.asked_at, jobs.c.not_before), else_=jobs.c.asked_at)
    return connection.execute(
        sa.select(jobs.c.kind, sa.func.count(), sa.func.min(own))
        .where(jobs.c.state == "queued")
        .where(sa.or_(jobs.c.not_before.is_(None), jobs.c.not_before <= stamp(now)))
        .group_by(jobs.c.kind)
        .order_by(jobs.c.kind)
    )


def _seconds(connection: Connection) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    """How long a job took, and the same cut to whole seconds; 0 where the clock was put back."""
    took: ColumnElement[Any]
    if connection.dialect.name == "postgresql":
        moment = sa.DateTime(timezone=True)
        length = sa.cast(jobs.c.ended_at, moment) - sa.cast(jobs.c.started_at, moment)
        took = sa.extract("epoch", length)
        seconds = sa.case((took < 0, 0.0), else_=took)
        return seconds, sa.func.floor(seconds)
    took = (sa.func.julianday(jobs.c.ended_at) - sa.func.julianday(jobs.c.started_at)) * 86_400.0
    seconds = sa.case((took < 0, 0.0), else_=took)
    return seconds, sa.cast(seconds, sa.Integer)

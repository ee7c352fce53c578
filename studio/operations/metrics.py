"""The metrics of the studio itself, read from its tables each time that somebody asks: jobs and who
does them, what is still to be sent, what was spent.

A counter counts what the table holds, which forgets no job. What a studio does not keep (a store
in S3, charges) is named without values.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Engine

from studio.database.ledger import stamp
from studio.jobs.table import ENDED, jobs
from studio.notifications import notices
from studio.operations import exposition, job_metrics
from studio.operations.exposition import Family, Sample
from studio.operations.job_metrics import age
from studio.webhooks.tables import deliveries

Read = Callable[[Connection, datetime], Iterable[Sample]]


def text(engine: Engine, now: datetime) -> str:
    """All metrics as Prometheus reads them, of one moment."""
    with engine.connect() as connection:
        return exposition.text((family, read(connection, now)) for family, read in TABLE)


def _webhooks(connection: Connection, now: datetime) -> Iterator[Sample]:
    state = sa.case(
        (deliveries.c.sent_at.is_not(None), "delivered"),
        (deliveries.c.due.is_(None), "given up"),
        (jobs.c.state.in_(ENDED), "due"),
        else_="waits for the job",
    )
    query = (
        sa.select(state.label("word"), sa.func.count())
        .join_from(deliveries, jobs, jobs.c.id == deliveries.c.job)
        .group_by(sa.text("word"))
        .order_by(sa.text("word"))
    )
    for word, count in connection.execute(query):
        yield Sample(count, {"state": word})


def _webhook_age(connection: Connection, now: datetime) -> Iterator[Sample]:
    query = sa.select(sa.func.min(jobs.c.ended_at)).join_from(
        deliveries, jobs, jobs.c.id == deliveries.c.job
    )
    late = query.where(deliveries.c.due.is_not(None), jobs.c.state.in_(ENDED))
    yield Sample(age(now, connection.execute(late).scalar()))


def _notices(connection: Connection, now: datetime) -> Iterator[Sample]:
    late = sa.select(sa.func.count()).where(notices.c.sent_at.is_(None), notices.c.error != "")
    yield Sample(connection.execute(late).scalar_one())


def _outbox(connection: Connection, now: datetime) -> Iterator[Sample]:
    for state, count, _, _ in _stored(connection):
        yield Sample(count, {"state": state})


def _outbox_bytes(connection: Connection, now: datetime) -> Iterator[Sample]:
    for state, _, size, _ in _stored(connection):
        yield Sample(int(size), {"state": state})


def _outbox_age(connection: Connection, now: datetime) -> Iterator[Sample]:
    for state, _, _, since in _stored(connection):
        if state == "waiting":
            yield Sample(age(now, since))


def _stored(connection: Connection) -> Iterable[Any]:
    """Of each state: how many files of the store, their bytes, and since when the oldest."""
    files = _there(connection, "stored_files", "state", "bytes", "at")
    if files is None:
        return ()
    sums = (sa.func.count(), sa.func.sum(files.c.bytes), sa.func.min(files.c.at))
    query = sa.select(files.c.state, *sums).group_by(files.c.state)
    return connection.execute(query.order_by(files.c.state))


def _store(connection: Connection, now: datetime) -> Iterator[Sample]:
    place = _there(connection, "store_place", "said")
    if place is not None:
        for row in connection.execute(sa.select(place.c.said)):
            yield Sample(row.said == "")


def _spend(connection: Connection, now: datetime) -> Iterator[Sample]:
    charges = _there(connection, "charges", "month", "currency", "state", "estimate", "actual")
    if charges is None:
        return
    state = sa.case(
        (charges.c.state.in_(("estimated", "sent", "accepted")), "open"),
        (charges.c.state == "unconfirmed", "unconfirmed"),
        else_="spent",
    )
    cost = sa.func.sum(sa.func.coalesce(charges.c.actual, charges.c.estimate))
    query = (
        sa.select(charges.c.currency, state.label("word"), cost)
        .where(charges.c.month == stamp(now)[:7])
        .where(charges.c.state.not_in(("released", "withdrawn")))
        .group_by(charges.c.currency, sa.text("word"))
        .order_by(charges.c.currency, sa.text("word"))
    )
    for currency, word, micros in connection.execute(query):
        yield Sample(int(micros), {"currency": currency, "state": word})


def _there(connection: Connection, name: str, *columns: str) -> sa.TableClause | None:
    """A table that not every studio has, or None."""
    known = sa.inspect(connection).has_table(name)
    return sa.table(name, *(sa.column(one) for one in columns)) if known else None


def _gauge(name: str, help: str) -> Family:
    return Family(f"housestyle_{name}", "gauge", help)


ENDED_TOTAL = Family("housestyle_jobs_ended_total", "counter", "Jobs that have ended")
DURATION = Family(
    "housestyle_job_duration_seconds", "histogram", "How long the last attempt at a job took"
)
TABLE: tuple[tuple[Family, Read], ...] = (
    (_gauge("jobs", "Jobs that wait or run"), job_metrics.under_way),
    (ENDED_TOTAL, job_metrics.ended),
    (_gauge("queue_jobs", "Jobs that could be taken now"), job_metrics.waiting),
    (
        _gauge("queue_oldest_seconds", "How long the oldest of them waits"),
        job_metrics.waiting_age,
    ),
    (
        _gauge("queue_later_jobs", "Jobs that are paused or wait for a time of their own"),
        job_metrics.later,
    ),
    (DURATION, job_metrics.durations),
    (
        _gauge("job_heartbeat_seconds", "Since the oldest heartbeat of a running job"),
        job_metrics.heartbeats,
    ),
    (
        _gauge("worker_heartbeat_seconds", "Since a worker was heard of"),
        job_metrics.worker_heartbeats,
    ),
    (_gauge("watcher_up", "1 while a watcher holds its lease"), job_metrics.watcher),
    (_gauge("webhook_deliveries", "Messages of webhooks"), _webhooks),
    (
        _gauge("webhook_oldest_seconds", "Since the end of the oldest job still to be told of"),
        _webhook_age,
    ),
    (_gauge("notices_unsent", "Notices that were refused and not sent yet"), _notices),
    (_gauge("outbox_files", "Files of the store in S3"), _outbox),
    (_gauge("outbox_bytes", "Bytes of the files of the store in S3"), _outbox_bytes),
    (_gauge("outbox_oldest_seconds", "How long the oldest file waits to be sent"), _outbox_age),
    (_gauge("store_up", "1 while the bucket answers"), _store),
    (_gauge("spend_micros", "Charges of this month (UTC) in millionths"), _spend),
)

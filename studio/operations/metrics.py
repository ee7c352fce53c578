"""The metrics of the studio itself, read from its tables each time that somebody asks: jobs and who
does them, what is still to be sent, what was spent.

A counter counts what the table holds, which forgets no job. What a studio has not, a store in S3
say, is named without values.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Connection, Engine

from studio.charges.charge import NOTHING, OPEN, counted, month_of
from studio.charges.tables import charges
from studio.database.ledger import stamp
from studio.jobs.table import ENDED, jobs
from studio.notifications import notices
from studio.operations import exposition, job_metrics
from studio.operations.exposition import Family, Sample
from studio.operations.job_metrics import age
from studio.outbox.tables import GONE, UP, WAITING, store_place, stored_files
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
    yield from _by_state(connection, sa.func.count())


def _outbox_bytes(connection: Connection, now: datetime) -> Iterator[Sample]:
    yield from _by_state(connection, sa.func.sum(stored_files.c.bytes))


def _by_state(connection: Connection, measure: sa.ColumnElement[int]) -> Iterator[Sample]:
    """Of the files of the store; each state is told of, also where none is in it."""
    if not _has_store(connection):
        return
    query = sa.select(stored_files.c.state, measure).group_by(stored_files.c.state)
    found = {state: int(value) for state, value in connection.execute(query)}
    for state in (WAITING, UP, GONE):
        yield Sample(found.get(state, 0), {"state": state})


def _outbox_age(connection: Connection, now: datetime) -> Iterator[Sample]:
    if _has_store(connection):
        first = sa.select(sa.func.min(stored_files.c.at)).where(stored_files.c.state == WAITING)
        yield Sample(age(now, connection.execute(first).scalar()))


def _has_store(connection: Connection) -> bool:
    return connection.execute(sa.select(store_place.c.id).limit(1)).first() is not None


def _store(connection: Connection, now: datetime) -> Iterator[Sample]:
    for row in connection.execute(sa.select(store_place.c.said)):
        yield Sample(row.said == "")


def _spend(connection: Connection, now: datetime) -> Iterator[Sample]:
    c = charges.c
    state = sa.case(
        (c.state.in_(OPEN), "open"),
        (c.state == "unconfirmed", "unconfirmed"),
        else_="spent",
    )
    of = (c.source, c.currency, sa.text("word"))
    query = (
        sa.select(c.source, c.currency, state.label("word"), sa.func.sum(counted(stamp(now))))
        .where(c.month == month_of(now), c.state.not_in(NOTHING))
        .group_by(*of)
        .order_by(*of)
    )
    for source, currency, word, micros in connection.execute(query):
        yield Sample(int(micros), {"source": source, "currency": currency, "state": word})


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

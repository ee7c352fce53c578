"""Metrics are what the tables hold, in the format that Prometheus reads."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from studio.database import engine as db
from studio.database.ledger import stamp
from studio.jobs import leases, named_leases, queue, queue_order, workers
from studio.jobs.table import jobs
from studio.operations import exposition, job_metrics, metrics
from studio.operations.exposition import Family, Sample
from studio.settings import CHECKOUT
from studio.webhooks import deliveries, hooks

NOW = datetime(2026, 8, 15, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
LINE = re.compile(r'([a-z_]+)(?:\{((?:[a-z]+="(?:[^"\\\n]|\\["\\n])*",?)+)\})? (-?[0-9.e+-]+)')


@pytest.fixture
def engine(tmp_path, either_database):
    made = db.open_database(tmp_path)
    yield made
    made.dispose()


def _told(engine, now=NOW):
    """Each sample by its name and labels; every line is one that Prometheus takes."""
    found, kinds = {}, {}
    for line in metrics.text(engine, now).splitlines():
        if line.startswith("# TYPE "):
            _, _, name, kinds[name] = line.split(" ")
        elif not line.startswith("# HELP "):
            name, labels, value = LINE.fullmatch(line).groups()
            family = re.sub("_(bucket|sum|count)$", "", name)
            assert name in kinds or kinds[family] == "histogram", line
            pairs = re.findall(r'([a-z]+)="([^"]*)"', labels or "")
            key = (name.removeprefix("housestyle_"), *(value for _, value in pairs))
            assert key not in found
            found[key] = float(value)
    return found


def _ask(engine, kind="train", at=NOW, by="ana", **more):
    asked = {"kind": kind, "lane": "work", "payload": {}, "asked_by": by, "now": at}
    return queue.submit(engine, **asked, **more)


def _took(engine, kind, length, state="done"):
    """A job of this kind that took so long."""
    job = _ask(engine, kind)
    values = {"state": state, "started_at": stamp(NOW), "ended_at": stamp(NOW + length)}
    with db.writing(engine) as connection:
        connection.execute(jobs.update().where(jobs.c.id == job.id).values(**values))


def test_the_queue_by_kind(engine):
    _ask(engine, at=NOW - HOUR)
    _ask(engine, at=NOW - HOUR / 2)
    _ask(engine, at=NOW - HOUR, not_before=NOW - HOUR / 4, kind="sweep")
    _ask(engine, at=NOW - HOUR, not_before=NOW + HOUR, kind="sweep")
    paused = _ask(engine, at=NOW - HOUR, kind="evaluate")
    queue_order.pause(engine, [paused.id], "ana")
    told = _told(engine)
    assert told["queue_jobs", "train"] == 2 and told["queue_jobs", "sweep"] == 1
    assert told["queue_oldest_seconds", "train"] == 3600
    assert told["queue_oldest_seconds", "sweep"] == 900
    assert ("queue_jobs", "evaluate") not in told
    assert told["queue_later_jobs", "sweep"] == told["queue_later_jobs", "evaluate"] == 1
    assert told["jobs", "sweep", "queued"] == 2


def test_heartbeats_age(engine):
    _ask(engine)
    leases.take(engine, "w", "work", NOW - timedelta(seconds=90), HOUR)
    workers.arrive(engine, 'host"1\\:7', "work", "cuda", NOW - timedelta(seconds=42))
    told = _told(engine)
    assert told["jobs", "train", "running"] == 1 and told["job_heartbeat_seconds", "train"] == 90
    (age,) = [value for key, value in told.items() if key[0] == "worker_heartbeat_seconds"]
    assert age == 42 and told["watcher_up",] == 0
    minute = timedelta(minutes=1)
    assert named_leases.take(engine, named_leases.WATCHER, "here", NOW, minute)
    assert _told(engine)["watcher_up",] == 1
    assert _told(engine, NOW + 2 * minute)["watcher_up",] == 0
    assert _told(engine, NOW - HOUR)["job_heartbeat_seconds", "train"] == 0  # the clock was set


def test_ended_jobs_and_how_long_they_took(engine):
    for seconds in (0.4, 4.25, 4.5, 70, 200_000):
        _took(engine, "train", timedelta(seconds=seconds))
    _took(engine, "train", timedelta(seconds=3), "failed")
    _took(engine, "train", timedelta(seconds=-5))  # the clock was put back meanwhile
    queue.cancel(engine, _ask(engine).id, "ana", NOW)
    told = _told(engine)
    assert told["jobs_ended_total", "train", "done"] == 6
    assert told["jobs_ended_total", "train", "failed"] == 1
    assert told["jobs_ended_total", "train", "cancelled"] == 1
    buckets = [
        told["job_duration_seconds_bucket", "train", "done", f"{edge:g}"]
        for edge in job_metrics.EDGES
    ]
    by_edge = dict(zip(job_metrics.EDGES, buckets, strict=True))
    assert [by_edge[edge] for edge in (1, 2, 5, 60, 120, 86400)] == [2, 2, 4, 4, 5, 5]
    assert told["job_duration_seconds_bucket", "train", "done", "+Inf"] == 6
    assert told["job_duration_seconds_count", "train", "done"] == 6
    sum_of_all = told["job_duration_seconds_sum", "train", "done"]
    assert sum_of_all == pytest.approx(200_079.15, abs=0.01)
    assert told["job_duration_seconds_count", "train", "failed"] == 1
    assert ("job_duration_seconds_count", "train", "cancelled") not in told


def test_webhooks_that_wait(engine):
    made, _ = hooks.make(engine, "ana", "", networks=(), by="ana", now=NOW)
    for _ in range(3):
        with db.writing(engine) as connection:
            job = _ask(engine)
            deliveries.expect(connection, job, "https://93.184.216.34/", None, NOW)
    for _ in range(2):
        taken = leases.take(engine, "w", "work", NOW, HOUR)
        leases.finish(engine, taken.id, taken.attempt, {}, NOW)
    told = _told(engine, NOW + HOUR)
    assert told["webhook_deliveries", "due"] == 2
    assert told["webhook_deliveries", "waits for the job"] == 1
    assert told["webhook_oldest_seconds",] == 3600
    hooks.withdraw(engine, made.id, by="ana", now=NOW)
    told = _told(engine, NOW + HOUR)
    assert told["webhook_deliveries", "given up"] == 3 and told["webhook_oldest_seconds",] == 0


def _row(engine, name, **given):
    """A row of another room's table; what is not given is filled with anything."""
    table = sa.Table(name, sa.MetaData(), autoload_with=engine)
    with db.writing(engine) as connection:
        count = connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
        for column in table.columns:
            text = isinstance(column.type, sa.String)
            by_itself = column.nullable or (column.primary_key and not text)
            if column.name not in given and not by_itself:
                given[column.name] = f"x{count}" if text else 0
        connection.execute(table.insert().values(**given))


def test_outbox_and_spend_are_read_where_they_are_kept(engine):
    told = _told(engine)
    assert not [key for key in told if key[0].startswith(("spend_", "outbox_", "store_"))]
    _row(engine, "store_place", said="The bucket is away.")
    told = _told(engine)
    assert told["outbox_files", "waiting"] == told["outbox_oldest_seconds",] == 0
    for state, size, hours in (("waiting", 100, 2), ("waiting", 50, 1), ("up", 7, 9)):
        at = stamp(NOW - hours * HOUR)
        _row(engine, "stored_files", state=state, bytes=size, at=at, path=f"{state}{size}")
    later, past = stamp(NOW + HOUR), stamp(NOW - HOUR)
    for source, state, currency, estimate, actual, month, until in (
        ("call", "done", "EUR", 100, 120, "2026-08", None),
        ("call", "settled", "EUR", 5, 0, "2026-08", None),
        ("call", "estimated", "EUR", 30, None, "2026-08", later),
        ("call", "estimated", "EUR", 500, None, "2026-08", past),  # holds its money no longer
        ("call", "unconfirmed", "USD", 9, None, "2026-08", None),
        ("call", "released", "EUR", 1000, None, "2026-08", None),
        ("own machine", "done", "EUR", 40, 40, "2026-08", None),
        ("call", "done", "EUR", 7000, 7000, "2026-07", None),
    ):
        amounts = {"estimate": estimate, "actual": actual}
        about = {"source": source, "state": state, "month": month, "until": until}
        _row(engine, "charges", currency=currency, **about, **amounts)
    told = _told(engine)
    assert told["store_up",] == 0
    assert (told["outbox_files", "waiting"], told["outbox_files", "up"]) == (2, 1)
    assert told["outbox_files", "gone"] == told["outbox_bytes", "gone"] == 0
    assert told["outbox_bytes", "waiting"] == 150 and told["outbox_oldest_seconds",] == 7200
    assert told["spend_micros", "call", "EUR", "spent"] == 120
    assert told["spend_micros", "call", "EUR", "open"] == 30
    assert told["spend_micros", "call", "USD", "unconfirmed"] == 9
    assert told["spend_micros", "own machine", "EUR", "spent"] == 40


def test_the_documents_name_every_metric_and_no_other():
    page = (CHECKOUT / "docs" / "metrics.md").read_text("utf-8")
    rows = re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE)
    assert rows == [family.name for family, _ in metrics.TABLE]
    for family, _ in metrics.TABLE:
        assert family.name.startswith("housestyle_")
        assert family.name.endswith("_total") == (family.kind == "counter")
    alerts = page.partition("Alerts")[2]
    assert set(re.findall(r"housestyle_\w+", alerts)) <= set(rows)


def test_what_stands_in_a_label_breaks_no_line():
    family = Family("a", "gauge", "one\ntwo \\ three")
    told = exposition.text([(family, [Sample(0.25, {"x": 'a"b\\c\nd'}), Sample(3)])])
    assert told == (
        '# HELP a one\\ntwo \\\\ three\n# TYPE a gauge\na{x="a\\"b\\\\c\\nd"} 0.25\na 3\n'
    )

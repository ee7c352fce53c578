"""What a job that waits is said to wait for."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from studio.database import engine as db
from studio.jobs import queue, queue_order
from studio.worker import schedule_words

NOW = datetime(2026, 8, 1, 12, tzinfo=UTC)


@pytest.fixture
def engine(tmp_path: Path):
    return db.open_database(tmp_path)


def told(engine, id):
    job = queue.get(engine, id)
    before = queue.ahead(engine, job)
    return schedule_words.waits(job, before, NOW, lambda at: f"{at:%H:%M}")


def test_each_that_waits_is_told_for_what(engine):
    first, second, third, night = (
        queue.submit(
            engine,
            kind=kind,
            lane="work",
            payload={},
            asked_by="ana",
            now=NOW,
            not_before=at,
        ).id
        for kind, at in (
            ("train", None),
            ("train", None),
            ("train", None),
            ("train", NOW + timedelta(hours=8)),
        )
    )
    assert told(engine, first) == "begins soon"
    assert told(engine, second) == "waits for 1 other"
    assert told(engine, third) == "waits for 2 others"
    assert told(engine, night) == "waits until 20:00"
    queue_order.pause(engine, [night], "ana")
    assert told(engine, night).startswith("is paused")
    odd = queue.submit(engine, kind="spell", lane="work", payload={}, asked_by="ana", now=NOW).id
    assert told(engine, odd).startswith("waits for a newer program")

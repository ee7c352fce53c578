"""A job whose files are on their way into the bucket looks again, and computes nothing anew."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from studio.context import open_studio
from studio.jobs import leases, queue
from studio.settings import Settings
from studio.tracking.bucket_files import OnTheWay
from studio.worker import process, submit
from studio.worker.context import Warm
from studio.worker.kind_table import KINDS
from tests.worker import toy_kind
from tests.worker.toy_kind import TOY

LEASE = timedelta(hours=1)


def test_a_job_waits_for_the_bucket_in_the_queue(
    here: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    left, computed = [OnTheWay("2 files are not there yet.", "They go up.")] * 2, []

    def commit(*given: Any) -> dict[str, Any]:
        if left:
            raise left.pop()
        return toy_kind.commit(*given)

    def compute(*given: Any) -> Any:
        computed.append(1)
        return toy_kind.compute(*given)

    kind = replace(TOY, commit=commit, compute=compute)
    monkeypatch.setitem(KINDS, kind.name, kind)
    studio = open_studio(here)
    opened, now = process.Opened(here), datetime.now(UTC)
    job = submit.ask(studio, "toy", {"word": "gem"}, asked_by="ana", now=now)
    for attempt in (1, 2, 3):
        moment = now + attempt * timedelta(hours=1)
        taken = leases.take(studio.engine, "w", "work", moment, LEASE)
        assert taken is not None and (taken.attempt, taken.lost) == (attempt, 0)
        process.do(studio.engine, job.id, attempt, opened, Warm())
        found = queue.get(studio.engine, job.id)
        if attempt < 3:
            assert (found.state, found.says) == ("queued", "2 files are not there yet.")
            assert found.not_before is not None and not found.ended
            assert now < datetime.fromisoformat(found.not_before) < now + timedelta(hours=1)
    assert (found.state, found.lost, len(computed)) == ("done", 0, 1)
    assert opened.studio is not None
    opened.studio.engine.dispose()
    studio.engine.dispose()

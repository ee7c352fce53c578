"""A watcher that is killed while it sends: the next one sends the same message once more."""

import os
import subprocess
import sys
import time
from datetime import UTC, datetime

import pytest

from studio.database import engine as db
from studio.jobs import queue
from studio.settings import CHECKOUT
from studio.webhooks import deliveries, hooks
from tests.webhooks.conftest import HERE

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


def _watcher(home, log, url):
    return subprocess.Popen(
        [sys.executable, "-m", "studio", "watch"],
        cwd=CHECKOUT,
        env={
            **os.environ,
            "STUDIO_HOME": str(home),
            "STUDIO_DATABASE_URL": url,
            "STUDIO_PRIVATE_NETWORKS": "127.0.0.0/8",
        },
        stdout=log,
        stderr=log,
    )


def _until(true, seconds=240.0):
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.1)


def test_what_it_was_at_is_sent_once_more_and_nothing_is_lost(tmp_path, engine, receiver, url_of):
    now = datetime.now(UTC)
    hooks.make(engine, "ana", receiver.url, networks=HERE, by="ana", now=now)
    receiver.answers += ["hang"]
    with db.writing(engine) as connection:
        asked = {"kind": "train", "lane": "work", "payload": {}, "asked_by": "ana", "now": now}
        made = [queue.submit(engine, **asked) for _ in range(3)]
        for job in made:
            deliveries.expect(connection, job, "", None, now)
    for job in made:
        queue.cancel(engine, job.id, "ana", now)
    with (tmp_path / "watchers.txt").open("wb") as log:
        first = _watcher(tmp_path, log, url_of(engine))
        try:
            _until(lambda: len(receiver.came) == 1)
        finally:
            first.kill()
            first.wait()
        (cut_off,) = [one for one in deliveries.listing(engine) if one.tried_at]
        assert cut_off.state == "due" and cut_off.attempts == 0
        second = _watcher(tmp_path, log, url_of(engine))
        try:
            _until(lambda: {one.state for one in deliveries.listing(engine)} == {"delivered"})
        finally:
            second.kill()
            second.wait()
    ids = [headers["webhook-id"] for headers, _ in receiver.came]
    assert ids.count(cut_off.message) == 2 and len(ids) == 4 and len(set(ids)) == 3

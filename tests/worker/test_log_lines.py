"""A job's log names the request that asked for it in each line."""

import subprocess
import sys
from datetime import UTC, datetime

import pytest

from studio import request_ids
from studio.database import engine as db
from studio.jobs import queue
from studio.settings import CHECKOUT
from studio.worker import log_lines, own_jobs

NOW = datetime(2026, 8, 1, 12, tzinfo=UTC)
# A process with two jobs, as the interactive one has; its last words are an error's.
PROGRAM = """
import logging, sys
from studio.worker import log_lines
log_lines.install()
log = logging.getLogger("a library")
log.addHandler(logging.StreamHandler())  # made before the first job, it is still there at the last
print("between")
with log_lines.about("r1"):
    print("one\\ntwo")
    print("three", end="")
    print(" and four", flush=True)
    log.warning("careful")
with log_lines.about(""):
    print("of before")
with log_lines.about("r2"):
    log.warning("again")
    raise KeyError("five")
"""


@pytest.fixture
def job(tmp_path):
    engine = db.open_database(tmp_path)
    with request_ids.within("build-7"):
        yield queue.submit(engine, kind="train", lane="work", payload={}, asked_by="ana", now=NOW)
    engine.dispose()


def test_each_line_begins_with_the_id():
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=CHECKOUT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    lines = done.stdout.splitlines()
    assert lines[:6] == [
        "between",
        "[r1] one",
        "[r1] two",
        "[r1] three and four",
        "[r1] careful",
        "of before",
    ]
    assert lines[6] == "[r2] again" and lines[-1] == "[r2] KeyError: 'five'"
    assert all(line.startswith("[r2] ") for line in lines[6:]) and done.returncode == 1


def test_a_job_keeps_its_requests_id_and_one_without_gets_its_own(tmp_path, job):
    assert job.request_id == "build-7"
    engine = db.open_database(tmp_path)
    asked = {"kind": "train", "lane": "work", "payload": {}, "asked_by": "ana", "now": NOW}
    with request_ids.within(""):
        first, second = (queue.submit(engine, **asked) for _ in range(2))
    assert len(first.request_id) == 16 and first.request_id != second.request_id


def test_people_read_the_log_without_it(tmp_path, job):
    with log_lines.opened(tmp_path, job, NOW) as file:
        file.write(b"[build-7] one\n[build-8] two\n")
    written = (tmp_path / job.log).read_text()
    assert written.startswith("[build-7] -- attempt 0, 2026-08-01 12:00:00 UTC\n[build-7] one\n")
    said = "-- attempt 0, 2026-08-01 12:00:00 UTC\none\n[build-8] two\n"
    assert queue.read_log(tmp_path, job) == said
    mark = request_ids.mark(job.request_id)
    lines = own_jobs.Log(tmp_path / job.log).news(all=True)
    assert [line.removeprefix(mark) for line in lines] == said.splitlines()

"""What a job's process tells of itself: CPU, memory and a GPU."""

import hashlib
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from studio import context
from studio.database import engine as db
from studio.jobs import leases, meters, queue
from studio.jobs.meters import Gpu, Load
from studio.worker import metering


@pytest.fixture
def job(tmp_path: Path):
    engine = db.open_database(tmp_path)
    queue.submit(engine, kind="train", lane="work", payload={}, asked_by="ana", now=context.now())
    return leases.take(engine, "w", "work", context.now(), timedelta(minutes=1))


def test_a_job_that_computes_tells_so_until_it_ends(tmp_path, job):
    some = bytes(10_000_000)
    with metering.metered(tmp_path / job.folder, "cpu", every=0.05):
        until = time.monotonic() + 30
        while (load := meters.read(tmp_path, job, context.now())) is None or not load.cpu:
            hashlib.sha256(some).digest()  # computes as torch does: others may run beside it
            assert time.monotonic() < until, "nothing was told"
    assert load.cores >= 1 and 0 < load.cpu < 2 * load.cores and load.gpu is None
    assert 10e6 < load.memory < load.memory_all
    assert not list((tmp_path / job.folder).glob("*.part"))


def test_what_a_process_had_before_it_was_seen_is_not_told_as_load():
    before = {"job": 10.0, "ended": 90.0}
    assert metering.used(before, {"job": 11.5, "late": 300.0}) == 1.5
    assert metering.used({"job": 3.0}, {}) == 0.0


def test_what_is_old_or_torn_or_of_an_ended_job_is_not_told(tmp_path, job):
    now = context.now()
    load = Load(now.isoformat(), 1.5, 2, 1e9, 8e9, Gpu("A GPU", 0.97, 9e9, 12e9))
    meters.write(tmp_path / job.folder, load)
    assert meters.read(tmp_path, job, now) == load
    assert meters.read(tmp_path, job, now + 2 * meters.FRESH) is None
    assert meters.read(tmp_path, replace(job, state="done"), now) is None
    (tmp_path / job.folder / meters.FILE).write_text('{"at": 3')
    assert meters.read(tmp_path, job, now) is None


def test_a_gpu_is_told_as_nvidia_smi_says_it():
    told = metering.of_gpu("NVIDIA H200, 97, 9216, 143771\n")
    assert told == Gpu("NVIDIA H200", 0.97, 9216 * 2**20, 143771 * 2**20)
    for strange in ("", "No devices were found\n", "A, [N/A], 1, 2\n"):
        assert metering.of_gpu(strange) is None

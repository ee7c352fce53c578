"""The worker's loop with real processes: kills, cancels, suspended and stopped workers."""

import signal
import time
from datetime import timedelta
from pathlib import Path

import psutil
import pytest

from studio.jobs import leases, processes, queue, workers
from tests.worker.stage import Stage, now

SOON_S = 30  # what hangs here would sleep for a minute


@pytest.fixture
def stage(tmp_path: Path):
    stage = Stage(tmp_path)
    yield stage
    stage.close()


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """One worker with both lanes, for what does not harm it."""
    stage = Stage(tmp_path_factory.mktemp("shared"))
    stage.worker(lease=20)
    yield stage
    stage.close()


def hangs(job) -> bool:
    """It runs, and its process has started all its children."""
    return job.state == "running" and "hangs" in job.kept


def test_a_killed_workers_job_is_taken_up_once_and_goes_on(stage):
    first = stage.worker("work")
    asked = stage.ask("count", to=40)
    job = stage.job(asked, lambda job: job.kept.get("number", 0) >= 5)
    first.kill()
    stage.until(lambda: not processes.members(job.group))  # its process died with it
    for _ in range(2):
        stage.worker("work", wait=False)
    job = stage.job(asked)
    assert (job.state, job.attempt, job.lost) == ("done", 2, 1)
    assert job.result["attempt"] == 2
    lines = [line.split() for line in (stage.home / f"counted-{asked.id}").read_text().splitlines()]
    numbers = [int(number) for number, _ in lines]
    assert sorted(set(numbers)) == list(range(1, 41))
    assert len(numbers) <= 41  # at most the number in hand was counted again
    assert {attempt for number, attempt in lines if int(number) > 30} == {"2"}
    log = queue.read_log(stage.home, job)
    assert "-- attempt 1" in log and "-- attempt 2" in log and log.count("acting count") == 2


@pytest.mark.slow
def test_a_suspended_worker_loses_its_job_and_harms_nobody_when_it_wakes(stage):
    first = stage.worker("work")
    asked = stage.ask("hang")
    old = stage.job(asked, hangs)
    family = processes.members(old.group)
    assert len(family) == 3
    first.send_signal(signal.SIGSTOP)
    stage.worker("work", wait=False)
    new = stage.job(asked, lambda job: job.attempt == 2 and job.group != old.group)
    assert not [one for one in family if alive(one.pid)]  # ended before the second began
    first.send_signal(signal.SIGCONT)
    time.sleep(0.5)
    assert queue.get(stage.engine, asked.id).worker == new.worker
    assert len(stage.until(lambda: processes.members(new.group))) >= 1
    follow = stage.ask("count", to=1)  # the first worker is free again
    assert stage.job(follow).worker != new.worker


@pytest.mark.slow
def test_a_stopped_worker_puts_its_jobs_back(stage):
    first = stage.worker()
    count, hang = stage.ask("count", to=25), stage.ask("hang", lane="interactive")
    job = stage.job(count, lambda job: job.kept.get("number", 0) >= 3)
    group = stage.job(hang, hangs).group
    first.send_signal(signal.SIGTERM)
    assert first.wait(SOON_S) == 0
    assert not processes.members(job.group) and not processes.members(group)
    for asked in (count, hang):
        back = queue.get(stage.engine, asked.id)
        assert (back.state, back.lost, back.worker, back.group) == ("queued", 0, None, None)
    assert workers.alive(stage.engine, now()) == []
    stage.worker("work")
    done = stage.job(count)
    assert (done.state, done.attempt, done.lost) == ("done", 2, 0)


@pytest.mark.slow
def test_a_cancelled_job_is_ended_with_all_its_processes(shared):
    asked = shared.ask("hang")
    job = shared.job(asked, hangs)
    family = processes.members(job.group)
    assert len(family) == 3
    began = time.monotonic()
    queue.cancel(shared.engine, asked.id, "ben", now())
    job = shared.job(asked)
    assert time.monotonic() - began < SOON_S
    assert (job.state, job.error) == ("cancelled", "Cancelled by ben.")
    assert not [one for one in family if alive(one.pid)]


@pytest.mark.slow
def test_a_cancelled_picture_that_does_not_listen_is_ended(shared):
    asked = shared.ask("hang", lane="interactive")
    family = processes.members(shared.job(asked, hangs).group)
    began = time.monotonic()
    queue.cancel(shared.engine, asked.id, "ana", now())
    assert shared.job(asked).state == "cancelled" and time.monotonic() - began < SOON_S
    assert not [one for one in family if alive(one.pid)]


@pytest.mark.slow
def test_a_process_that_dies_three_times_fails_and_says_why(shared):
    for lane in ("work", "interactive"):
        job = shared.job(shared.ask("die", lane=lane))
        assert (job.state, job.attempt, job.lost) == ("failed", 3, 3)
        assert "Tried 3 times" in job.error and "killed, perhaps because memory" in job.error
        assert "log" in job.remedy


@pytest.mark.slow
def test_a_process_that_dies_once_is_tried_again(shared):
    for lane in ("work", "interactive"):
        job = shared.job(shared.ask("die once", lane=lane))
        assert (job.state, job.attempt, job.lost) == ("done", 2, 1)


@pytest.mark.slow
def test_what_lost_its_worker_three_times_fails(stage):
    asked = stage.ask("count", to=1)
    for minutes in (3, 2, 1):
        then = now() - timedelta(minutes=minutes)
        assert leases.take(stage.engine, "gone", "work", then, timedelta(seconds=1))
    stage.worker("work")
    job = stage.job(asked)
    assert (job.state, job.attempt, job.lost) == ("failed", 4, 3)
    assert "worker stopped answering" in job.error
    assert not (stage.home / job.log).exists()  # it was not even started again


def test_nothing_is_left_behind_by_a_job_that_is_done(shared):
    job = shared.job(shared.ask("leave"))
    assert job.state == "done"
    shared.until(lambda: not alive(job.result["left"]), 3)


@pytest.mark.slow
def test_pictures_are_answered_beside_a_work_by_one_process_that_stays(shared):
    work = shared.ask("count", to=1000)
    shared.job(work, lambda job: job.kept)
    first = shared.job(shared.ask("picture", lane="interactive"))
    second = shared.job(shared.ask("picture", lane="interactive"))
    assert first.result["pid"] == second.result["pid"]
    assert queue.get(shared.engine, work.id).state == "running"
    shared.until(lambda: not alive(first.result["pid"]), 8)  # given up when nobody draws
    third = shared.job(shared.ask("picture", lane="interactive"))
    assert third.state == "done" and third.result["pid"] != first.result["pid"]
    queue.cancel(shared.engine, work.id, "ana", now())
    assert shared.job(work).state == "cancelled"


@pytest.mark.slow
@pytest.mark.parametrize("device", ["cuda", "cpu"])
def test_a_training_has_a_gpu_to_itself(stage, monkeypatch, device):
    monkeypatch.setenv("STUDIO_DEVICE", device)
    monkeypatch.setenv("ACT_IDLE", "60")
    stage.worker(lease=20)
    picture = stage.job(stage.ask("picture", lane="interactive"))
    training = stage.ask("count", kind="train", to=1000)
    stage.job(training, lambda job: job.kept.get("number", 0) > 20)
    assert alive(picture.result["pid"]) == (device == "cpu")
    again = stage.job(stage.ask("picture", lane="interactive"))
    assert again.state == "done" and queue.get(stage.engine, training.id).state == "running"


def alive(pid: int) -> bool:
    """There is such a process, and it is no zombie that waits to be collected."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False

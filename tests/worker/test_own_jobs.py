"""Commands with jobs of their own: done where no worker is, waited for where one is, taken over."""

import signal
from datetime import UTC, datetime
from pathlib import Path

import pytest

from studio.jobs import processes, queue
from studio.worker.own_jobs import Log
from tests.worker.stage import Stage, name


@pytest.fixture
def stage(tmp_path: Path):
    stage = Stage(tmp_path)
    yield stage
    stage.close()


def counted(job) -> bool:
    return job.kept.get("number", 0) >= 3


@pytest.mark.slow
def test_a_command_alone_does_its_own_job_and_no_other(stage):
    other = queue.submit(
        stage.engine,
        kind="test",
        lane="work",
        payload={"act": "count", "to": 1},
        asked_by="ben",
        now=datetime.now(UTC),
    )
    command, asked = stage.command("count:2")
    assert command.wait(120) == 0
    job = queue.get(stage.engine, asked.id)
    assert (job.state, job.attempt, job.worker) == ("done", 1, name(command))
    assert queue.get(stage.engine, other.id).state == "queued"
    assert "acting count\n" in stage.said(command) and "done None" in stage.said(command)
    assert stage.alive() == []  # nobody thinks that there is a worker


@pytest.mark.slow
def test_a_session_keeps_one_process_for_all_its_jobs(stage):
    command, first = stage.command("picture", "picture", lane="interactive")
    assert command.wait(120) == 0
    pids = {job.result["pid"] for job in queue.listing(stage.engine)}
    assert len(queue.listing(stage.engine)) == 2 and len(pids) == 1
    assert stage.said(command).count("done None") == 2


@pytest.mark.slow
def test_a_command_waits_for_a_worker_and_shows_the_log(stage):
    worker = stage.worker("work", lease=20)
    first, ahead = stage.command("wait:4")
    stage.job(ahead, counted)
    second, asked = stage.command("count:2")
    stage.until(lambda: f"job {asked.id} waits, 0 before it" in stage.said(second))
    assert f"The worker {name(worker)} has this device" in stage.said(second)
    stage.enough()
    assert second.wait(120) == 0 and first.wait(120) == 0
    job = queue.get(stage.engine, asked.id)
    assert (job.worker, job.attempt) == (name(worker), 1)
    assert f"Job {asked.id} is run by {name(worker)}." in stage.said(second)
    assert "acting count\n" in stage.said(second)


@pytest.mark.slow
def test_a_command_takes_over_from_a_worker_that_dies(stage):
    worker = stage.worker("work")
    command, asked = stage.command("wait:60")
    job = stage.job(asked, counted)
    assert job.worker == name(worker)
    worker.kill()
    assert command.wait(120) == 0
    job = queue.get(stage.engine, asked.id)
    assert (job.state, job.attempt, job.lost, job.worker) == ("done", 2, 1, name(command))
    numbers = (stage.home / f"counted-{asked.id}").read_text().split("\n")
    assert {int(line.split()[0]) for line in numbers if line} == set(range(1, 61))
    assert len(numbers) <= 62  # at most the number in hand was counted again


@pytest.mark.slow
@pytest.mark.parametrize("by_worker", [False, True])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_command_cancels_its_job_and_waits_for_its_end(stage, number, by_worker):
    if by_worker:
        stage.worker("work", lease=20)
    command, asked = stage.command("count:100000")
    group = stage.job(asked, counted).group
    command.send_signal(number)
    assert command.wait(60) == 130
    job = queue.get(stage.engine, asked.id)
    assert (job.state, job.error) == ("cancelled", "Cancelled by ana.")
    assert not processes.members(group)


@pytest.mark.slow
def test_a_command_that_waits_is_interrupted(stage):
    stage.worker("work", lease=20)
    first, running = stage.command("count:100000")
    stage.job(running, counted)
    second, asked = stage.command("count:1")
    stage.until(lambda: "waits" in stage.said(second))
    second.send_signal(signal.SIGINT)
    assert second.wait(60) == 130
    assert queue.get(stage.engine, asked.id).state == "cancelled"
    assert queue.get(stage.engine, running.id).state == "running"


@pytest.mark.slow
def test_a_second_interrupt_waits_no_longer(stage):
    worker = stage.worker("work", lease=60)
    command, asked = stage.command("count:100000", lease=60)
    stage.job(asked, counted)
    worker.send_signal(signal.SIGSTOP)
    command.send_signal(signal.SIGINT)
    stage.job(asked, lambda job: job.cancel_by == "ana")
    assert command.poll() is None
    command.send_signal(signal.SIGINT)
    assert command.wait(60) == 130
    assert queue.get(stage.engine, asked.id).state == "running"
    worker.send_signal(signal.SIGCONT)
    assert stage.job(asked).state == "cancelled"


@pytest.mark.slow
def test_of_two_commands_the_second_waits_its_turn(stage):
    first, running = stage.command("wait:4")
    stage.job(running, counted)
    second, asked = stage.command("count:2")
    stage.until(lambda: f"The command {name(first)} has this device" in stage.said(second))
    stage.enough()
    assert first.wait(120) == 0 and second.wait(120) == 0
    before, after = (queue.get(stage.engine, job.id) for job in (running, asked))
    assert (before.state, after.state) == ("done", "done")
    assert (before.worker, after.worker) == (name(first), name(second))
    assert after.started_at > before.ended_at


@pytest.mark.slow
def test_a_killed_commands_job_is_gone_on_with(stage):
    first, running = stage.command("wait:60")
    group = stage.job(running, counted).group
    second, asked = stage.command("count:2")
    first.kill()
    stage.until(lambda: not processes.members(group))  # its process died with it
    assert second.wait(120) == 0
    assert queue.get(stage.engine, running.id).state == "running"  # its own alone was the second's
    worker = stage.worker("work")
    job = stage.job(running)
    assert (job.state, job.attempt, job.lost, job.worker) == ("done", 2, 1, name(worker))


@pytest.mark.slow
def test_a_worker_does_nothing_beside_a_command(stage):
    # A lease so long that no pause of a busy machine outlasts it.
    command, running = stage.command("wait:4", lease=20.0)
    stage.job(running, counted)
    worker = stage.worker("work", lease=20.0)
    asked = queue.submit(
        stage.engine,
        kind="test",
        lane="work",
        payload={"act": "count", "to": 1},
        asked_by="ben",
        now=datetime.now(UTC),
    )
    stage.until(lambda: f"The command {name(command)} has the lane work" in stage.said(worker))
    stage.enough()
    assert command.wait(120) == 0
    job, before = stage.job(asked), queue.get(stage.engine, running.id)
    assert (before.attempt, job.worker) == (1, name(worker))
    assert job.started_at > before.ended_at


def test_a_log_is_read_line_by_line_and_to_its_end(tmp_path):
    file = tmp_path / "log.txt"
    log = Log(file)
    assert log.news() == []
    said = "one\nzw\u00f6lf\nhalf".encode()
    file.write_bytes(said[:7])  # amid a letter
    assert log.news() == ["one"]
    file.write_bytes(said)
    assert log.news() == ["zw\u00f6lf"] and log.news() == []
    assert log.news(True) == ["half"] and log.news(True) == []

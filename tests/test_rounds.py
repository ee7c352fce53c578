"""What the studio does by itself: ended trainings are ended in MLflow too."""

import threading
from datetime import timedelta

import pytest

from studio import notices, rounds, workflows
from studio.datasets.versions import import_folder
from studio.db import writing
from studio.jobs import leases, queue
from studio.jobs.processes import Group
from studio.settings import CHECKOUT, load_settings
from studio.worker import kinds


@pytest.fixture
def studio(tmp_path):
    opened = workflows.open_studio(load_settings({}, home=str(tmp_path / "home")))
    import_folder(opened.home, "props", CHECKOUT / "sample" / "held_out", now=workflows.now(),
                  actor="ana")  # fmt: skip
    yield opened
    opened.engine.dispose()


def training(studio, run):
    """A training that was cancelled while it ran."""
    job = kinds.ask(studio, "train", {"style": "props", "dataset": "props", "preset": "fast"},
                    asked_by="ana", now=workflows.now())  # fmt: skip
    taken = leases.take(studio.engine, "w", "work", workflows.now(), timedelta(minutes=5))
    leases.begin(studio.engine, taken, Group(1, "never", "x"), workflows.now())
    leases.keep(studio.engine, taken.id, taken.attempt, {"run": run})
    return job


def test_a_cancelled_training_is_ended_in_mlflow(studio):
    run = studio.client.create_run("0").info.run_id
    job = training(studio, run)
    assert rounds.end_runs(studio) == []  # it is running
    queue.cancel(studio.engine, job.id, by="ana", now=workflows.now())
    leases.drop(studio.engine, job.id, 1, workflows.now())
    assert rounds.end_runs(studio) == [run] and rounds.end_runs(studio) == []
    assert studio.client.get_run(run).info.status == "KILLED"


def test_a_round_sends_what_waits_and_one_process_makes_it(studio, monkeypatch):
    monkeypatch.setattr(rounds, "PAUSE_S", 0.01)
    with writing(studio.engine) as connection:
        notices.tell(connection, "promote", "it is in", workflows.now())
    ended = threading.Event()
    with rounds.file_lock(studio.home / "rounds.lock"):
        threading.Timer(0.3, ended.set).start()
        rounds.go(studio, ended)
    assert notices.newest(studio.engine)[0].due  # somebody else's turn
    ended.clear()
    threading.Timer(0.5, ended.set).start()
    rounds.go(studio, ended)
    assert notices.newest(studio.engine)[0].due is None

"""What the studio does by itself: what was cut off is ended in MLflow too."""

import dataclasses
import os
import threading
from datetime import datetime, timedelta

import pytest
from mlflow.exceptions import MlflowException
from PIL import Image

from studio import context, notifications
from studio.assets import files, records
from studio.assets.records import New
from studio.assets.tables import asset_files
from studio.database.engine import writing
from studio.datasets.folder_import import import_folder
from studio.errors import StudioError
from studio.jobs import leases, queue
from studio.jobs.processes import Group
from studio.operations import maintenance
from studio.settings import CHECKOUT, load_settings
from studio.store.contents import store_of
from studio.tracking import client, runs
from studio.training.runs import PARENT
from studio.worker import submit
from studio.workflows.sweeps import ranges, study, sweep_run


@pytest.fixture
def studio(tmp_path):
    opened = context.open_studio(load_settings({}, home=str(tmp_path / "home")))
    import_folder(
        opened.home, "props", CHECKOUT / "sample" / "held_out", now=context.now(), actor="ana"
    )
    yield opened
    opened.engine.dispose()


def test_files_of_an_older_studio_are_read_a_few_in_each_round(studio):
    file = studio.home / "one.png"
    Image.new("RGBA", (8, 8)).save(file)
    new = New("picture", "one.png", {"picture": (file, files.read(file))})
    (id,) = records.put(studio.engine, [new], by="ana", now=context.now())
    (known,) = files.of(studio.engine, id)
    with writing(studio.engine) as connection:
        connection.execute(asset_files.update().values(hash=None, bytes=None, pixels=None))
    assert files.of(studio.engine, id)[0].content is None
    for step in maintenance._steps(studio, maintenance.WATCH_EVERY):
        step()
    assert files.of(studio.engine, id) == [known]


def begun(studio, kind, kept, **more):
    """A job that was begun and noted `kept`."""
    asked = {"style": "props", "dataset": "props", "preset": "fast", **more}
    job = submit.ask(studio, kind, asked, asked_by="ana", now=context.now())
    taken = leases.take(studio.engine, "w", "work", context.now(), timedelta(minutes=5))
    leases.begin(studio.engine, taken, Group(1, "never", "x"), context.now())
    leases.keep(studio.engine, taken.id, taken.attempt, kept)
    return job


def sweeping(studio, sweep, **more):
    return begun(
        studio,
        "sweep",
        {"sweep": sweep},
        ranges={"rank": "2, 4"},
        trials=2,
        settings={"held_out": 0.1},
        **more,
    )


def cut_off(studio, job):
    """Cancelled while it ran; its process could say nothing."""
    queue.cancel(studio.engine, job.id, by="ana", now=context.now())
    leases.drop(studio.engine, job.id, queue.get(studio.engine, job.id).attempt, context.now())


def run_for(studio, mark, style="props", parent=""):
    """A run in MLflow that was begun for `mark`."""
    experiment = client.experiment(studio.client, studio.tracking, style)
    tags = {PARENT: parent} if parent else {}
    return runs.begin(studio.client, experiment, "a run", tags, {"rank": "2"}, mark)


def status(studio, *ids):
    return [studio.client.get_run(id).info.status for id in ids]


def test_a_cancelled_training_is_ended_in_mlflow(studio):
    run = run_for(studio, "")
    job = begun(studio, "train", {"run": run})
    other = run_for(studio, "", "tiles")  # somebody's at a command line
    assert maintenance.end_runs(studio) == []  # it is running
    cut_off(studio, job)
    assert maintenance.end_runs(studio) == [run] and maintenance.end_runs(studio) == []
    assert status(studio, run, other) == ["KILLED", "RUNNING"]
    ended = queue.get(studio.engine, job.id).ended_at
    assert studio.client.get_run(run).info.end_time == pytest.approx(
        datetime.fromisoformat(ended).timestamp() * 1000, abs=1
    )


def test_a_run_that_was_killed_before_anybody_noted_it_is_ended_too(studio):
    job = begun(studio, "train", {})
    run = run_for(studio, f"job {job.id} asked {job.asked_at}")
    cut_off(studio, job)
    assert maintenance.end_runs(studio) == [run] and status(studio, run) == ["KILLED"]


@pytest.mark.slow
def test_a_cancelled_sweep_is_ended_with_the_trial_that_it_was_at(studio):
    sweep, other = "a" * 32, "b" * 32
    jobs = [sweeping(studio, sweep), sweeping(studio, other)]
    parent, at_work = run_for(studio, f"sweep {sweep}"), run_for(studio, f"sweep {other}")
    ended, last = (run_for(studio, f"{sweep} {n}", parent=parent) for n in (1, 2))
    theirs = run_for(studio, f"{other} 1", parent=at_work)
    studio.client.set_terminated(ended, "FINISHED")
    assert maintenance.end_runs(studio) == []
    cut_off(studio, jobs[0])

    # MLflow is away at first, for longer than others need to be cancelled as well.
    class Away:
        def __getattr__(self, name):
            raise MlflowException("away")

    away = dataclasses.replace(studio, client=Away())
    maintenance._try(lambda: maintenance.end_runs(away))
    for _ in range(25):
        job = submit.ask(
            studio,
            "train",
            {"style": "props", "dataset": "props", "preset": "fast"},
            asked_by="ana",
            now=context.now(),
        )
        queue.cancel(studio.engine, job.id, by="ana", now=context.now())
    assert set(maintenance.end_runs(studio)) == {parent, last}
    assert status(studio, parent, ended, last) == ["KILLED", "FINISHED", "KILLED"]
    assert status(studio, at_work, theirs) == ["RUNNING", "RUNNING"]
    leases.fail(studio.engine, jobs[1].id, 1, "no", "", context.now())
    assert set(maintenance.end_runs(studio)) == {at_work, theirs}
    assert status(studio, at_work, theirs) == ["FAILED", "FAILED"]


@pytest.mark.slow
def test_a_sweep_that_is_gone_on_with_is_not_ended_and_its_runs_are_kept(studio):
    sweep = "c" * 32
    job = sweeping(studio, sweep)
    run = run_for(studio, f"sweep {sweep}")
    cut_off(studio, job)
    wish = sweep_run.Wish("props", "props", "fast", {}, {"rank": "2, 4"}, 2)
    folder = studio.home / "sweeps" / "props" / sweep
    folder.mkdir(parents=True)
    sweep_run._write(sweep_run.Sweep(sweep, folder, wish, "2026-08-01", "ana", run))
    opened = study.Study(folder, 1)
    opened.next(ranges.parse(wish.ranges)).began("d" * 32)
    opened.close()
    assert maintenance.at_work(studio) == set()
    again = submit.again(studio, job.id, asked_by="ana", now=context.now())
    assert maintenance.end_runs(studio) == [] and maintenance.at_work(studio) == {"d" * 32}
    queue.cancel(studio.engine, again.id, by="ana", now=context.now())
    assert maintenance.end_runs(studio) == [run]


def test_what_a_round_can_not_do_is_told_and_holds_nothing_else_up(studio, monkeypatch, caplog):
    job = begun(studio, "train", {})
    run = run_for(studio, f"job {job.id} asked {job.asked_at}")
    cut_off(studio, job)

    def spoilt(*words):
        raise ValueError("spoilt")

    def refused(*words):
        raise StudioError("refused")

    monkeypatch.setattr(maintenance.release, "watch", spoilt)
    monkeypatch.setattr(maintenance.notifications, "deliver", refused)
    monkeypatch.setattr(maintenance, "PAUSE_S", 0.01)
    ended = threading.Event()
    monkeypatch.setattr(maintenance.trials, "clear", lambda *words: ended.set())
    maintenance.go(studio, ended)
    assert status(studio, run) == ["KILLED"]
    assert "ValueError: spoilt" in caplog.text and "not done: refused" in caplog.text


@pytest.mark.slow
def test_a_round_sends_what_waits_and_one_process_makes_it(studio, monkeypatch):
    monkeypatch.setattr(maintenance, "PAUSE_S", 0.01)
    with writing(studio.engine) as connection:
        notifications.tell(connection, "promote", "it is in", context.now())
    ended = threading.Event()
    with maintenance.file_lock(studio.home / "rounds.lock"):
        threading.Timer(0.3, ended.set).start()
        maintenance.go(studio, ended)
    assert notifications.newest(studio.engine)[0].due  # somebody else's turn
    ended.clear()
    threading.Timer(0.5, ended.set).start()
    maintenance.go(studio, ended)
    assert notifications.newest(studio.engine)[0].due is None


def test_a_round_sweeps_what_a_kill_left_in_the_store(studio, monkeypatch):
    store = store_of(studio.home)
    whole = store.path(store.put(b"whole"))
    half = whole.with_name(f".{'0' * 16}.{os.getpid()}.part")
    half.write_bytes(b"half")
    os.utime(half, (0, 0))
    ended = threading.Event()
    monkeypatch.setattr(maintenance, "PAUSE_S", 0.01)
    monkeypatch.setattr(maintenance.trials, "clear", lambda *words: ended.set())
    maintenance.go(studio, ended)
    assert list(whole.parent.iterdir()) == [whole]

"""kill -9 between any two steps of a job: one result, no event lost, none applied twice."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from studio.context import Studio, open_studio
from studio.database import engine as db
from studio.datasets.folder_import import import_folder
from studio.generation import gallery_table
from studio.jobs import emit, queue
from studio.jobs.table import Job, events
from studio.registry import models
from studio.settings import CHECKOUT, load_settings
from studio.worker import submit
from studio.worker.kind_table import KINDS
from tests.worker import killing, toy_kind
from tests.worker.toy_kind import TOY


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Studio:
    return open_studio(load_settings({}, home=str(tmp_path_factory.mktemp("home"))))


def spell(studio: Studio) -> int:
    """Asks for the word "badge" up to its third letter."""
    asked = {"word": "badge", "most": 3}
    return submit.ask(studio, "toy", asked, asked_by="ana", now=datetime.now(UTC)).id


def ended(studio: Studio, id: int, kill: str) -> Job:
    """The job killed once at that point, and then done, unless it had been."""
    assert killing.attempt(studio, id, kill) == (-signal.SIGKILL, []), kill
    job = queue.get(studio.engine, id)
    return job if job.ended else killing.done(studio, id)


@pytest.mark.slow
def test_a_job_killed_between_any_two_of_its_steps_is_done_once(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(KINDS, TOY.name, TOY)
    first = spell(studio)
    code, points = killing.attempt(studio, first)
    result = queue.get(studio.engine, first).result
    assert code == 0 and result is not None and result["letters"] == 3  # home said stop
    assert len(points) >= 50
    for kill in points:
        job = ended(studio, spell(studio), kill)
        assert (job.state, job.result) == ("done", result), (kill, job.error)
        assert job.attempt == (1 if kill == points[-1] else 2)
        once(studio, job, kill)


def once(studio: Studio, job: Job, kill: str) -> None:
    """Everything that the job leaves is there once."""
    with studio.engine.connect() as connection:
        rows = connection.execute(
            sa.select(toy_kind.letters).where(toy_kind.letters.c.job == job.id)
        ).all()
        words = connection.execute(
            sa.select(toy_kind.words.c.word).where(toy_kind.words.c.job == job.id)
        ).scalars()
        assert list(words) == ["bad"], kill
        left = connection.execute(sa.select(events).where(events.c.job == job.id)).all()
        assert left == []
    told = emit.read(studio.home / "toy" / str(job.id))
    assert [event.key for event in told] == [
        f"{kind} {place}" for place in range(3) for kind in ("row", "check")
    ]
    # With the figures that were told first, whichever attempt told them.
    first = [event.body for event in told if event.kind == "row"]
    kept = [{name: row._mapping[name] for name in ("place", "letter", "attempt")} for row in rows]
    assert sorted(kept, key=lambda row: int(row["place"])) == first, kill
    assert [row["letter"] for row in first] == ["b", "a", "d"]
    assert job.result is not None
    assert json.loads(Path(studio.home / job.result["file"]).read_text()) == "bad"


BRIEF = {
    "max_train_steps": 6,
    "save_every_n_steps": 2,
    "preview_every_n_steps": 3,
    "batch_size": 1,
    "rank": 2,
}
# Between two steps of the training itself, of its record in MLflow, and of its registration.
CUT = (
    "run 1 >",
    "emit.append 1 >",
    "apply 1 >",
    "checkpoint 2 >",
    "ended.json 1 >",
    "mlflow.create_logged_model 1 >",
    "mlflow.create_model_version 1 >",
    "run done 1 >",
    "finish 1 <",
)


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_a_training_killed_anywhere_is_one_run_one_version_and_each_row_once(
    studio: Studio,
) -> None:
    gems = CHECKOUT / "sample" / "train" / "gem"
    import_folder(studio.home, "gems", gems, now=datetime.now(UTC), actor="ana")
    for number, kill in enumerate(CUT, 1):
        payload = {
            "style": f"gems{number}",
            "dataset": "gems",
            "preset": "fast",
            "settings": BRIEF,
        }
        asked = submit.ask(studio, "train", payload, asked_by="ana", now=datetime.now(UTC))
        job = ended(studio, asked.id, kill)
        assert job.state == "done" and job.result is not None, (kill, job.error)
        [version] = models.list_versions(studio.client, f"gems{number}")
        assert (version.number, version.run_id) == (1, job.result["run_id"]), kill
        experiment = studio.client.get_experiment_by_name(f"gems{number}")
        assert experiment is not None
        [run] = studio.client.search_runs([experiment.experiment_id])
        assert (run.info.run_id, run.info.status) == (version.run_id, "FINISHED"), kill
        for figure in ("loss", "learning_rate", "grad_norm"):
            rows = studio.client.get_metric_history(version.run_id, figure)
            assert [row.step for row in rows] == [*range(1, 7)], (kill, figure)
        files = studio.client.list_artifacts(version.run_id, "images")
        previews = {Path(file.path).name.split("+")[2] for file in files}
        assert previews == {"3", "6"} and len(files) <= 2 * len(previews), kill


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_drawing_killed_anywhere_has_each_picture_once_in_the_gallery(studio: Studio) -> None:
    asked = {"prompt": "a red gem", "count": 9, "steps": 1}
    whole = submit.ask(studio, "generate", asked, asked_by="ana", now=datetime.now(UTC))
    code, points = killing.attempt(studio, whole.id)
    assert code == 0 and len(points) >= 20
    for kill in points[::3]:
        job = submit.ask(studio, "generate", asked, asked_by="ana", now=datetime.now(UTC))
        job = ended(studio, job.id, kill)
        assert job.state == "done" and job.result is not None, (kill, job.error)
        with studio.engine.connect() as connection:
            kept = gallery_table.pictures.c
            query = sa.select(kept.seed, kept.file).where(kept.job == job.id)
            rows = connection.execute(query.order_by(kept.seed)).all()
        drawn = [(one["seed"], one["file"]) for one in job.result["pictures"]]
        assert [tuple(row) for row in rows] == drawn, kill
        assert [seed for seed, _ in drawn] == [*range(9)]


WORKER = """
import os, signal, sys
from studio.jobs import leases
from studio.worker import process_group, supervisor
from tests.worker import act

owners = {"leases": leases, "process_group": process_group, "worker": supervisor.Worker}
home, point = sys.argv[1:]
if point:
    place, when = point.split()
    owner, name = place.split(".")
    call = getattr(owners[owner], name)

    def called(*words, **named):
        if when == "<":
            os.kill(os.getpid(), signal.SIGKILL)
        found = call(*words, **named)
        if name != "take" or found:
            os.kill(os.getpid(), signal.SIGKILL)
        return found

    setattr(owners[owner], name, called)
act.main(["worker", home, "1.5", "work"])
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    "point",
    [
        "leases.take >",
        "process_group.start <",
        "process_group.start >",
        "leases.begin <",
        "leases.begin >",
        "leases.beat <",
        "leases.beat >",
        "worker._collect <",
        "worker._collect >",
    ],
)
def test_a_worker_killed_between_its_own_steps_loses_nothing(tmp_path: Path, point: str) -> None:
    engine = db.open_database(tmp_path)
    asked = queue.submit(
        engine,
        kind="test",
        lane="work",
        payload={"act": "count", "to": 30},
        asked_by="ana",
        now=datetime.now(UTC),
    )
    environment = {**os.environ, "PYTHONPATH": str(CHECKOUT)}
    command = [sys.executable, "-c", WORKER, str(tmp_path)]
    first = subprocess.run([*command, point], cwd=CHECKOUT, env=environment, timeout=120)
    assert first.returncode == -signal.SIGKILL
    with subprocess.Popen([*command, ""], cwd=CHECKOUT, env=environment) as second:
        end = time.monotonic() + 120
        while not queue.get(engine, asked.id).ended:
            assert second.poll() is None and time.monotonic() < end
            time.sleep(0.05)
        second.terminate()
    job = queue.get(engine, asked.id)
    over = point.startswith("worker._collect")  # its child had ended, and said so itself
    assert (job.state, job.attempt, job.lost) == (("done", 1, 0) if over else ("done", 2, 1))
    lines = (tmp_path / f"counted-{job.id}").read_text().splitlines()
    numbers = [int(line.split()[0]) for line in lines]
    assert sorted(set(numbers)) == [*range(1, 31)]
    assert len(numbers) <= 31  # at most the number in hand was counted again
    engine.dispose()

"""Real jobs through real workers: a training killed in the middle, pictures beside a training."""

import json
import os
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta

import pytest
from PIL import Image

from studio import context
from studio.datasets.folder_import import import_folder
from studio.datasets.versions import load
from studio.evaluation.contact_sheet import folder_of, read_sheet
from studio.generation.picture_files import read_made
from studio.jobs import processes, queue
from studio.operations import maintenance
from studio.registry import models, stages
from studio.settings import CHECKOUT, load_settings
from studio.training import checkpoints, disk_cleanup
from studio.worker import submit

pytestmark = pytest.mark.slow

WORKER = """
import sys
from studio.settings import load_settings
from studio.worker.supervisor import Pace, work
work(load_settings(home=sys.argv[1]), print, pace=Pace(lease=5), lanes=sys.argv[2:])
"""
STEPS = 60
SOON_S = 60  # what is cancelled here would go on for many minutes
BRIEF = {
    "max_train_steps": STEPS,
    "save_every_n_steps": 10,
    "preview_every_n_steps": 0,
    "batch_size": 2,
    "rank": 2,
}


@pytest.fixture(scope="module")
def studio(tmp_path_factory):
    studio = context.open_studio(load_settings({}, home=str(tmp_path_factory.mktemp("home"))))
    pictures, at = CHECKOUT / "sample" / "train", datetime.now(UTC)
    import_folder(studio.home, "sample", pictures, now=at, actor="ana")
    return studio


@pytest.fixture
def worker(studio):
    """Starts workers, and stops them at the end."""
    started = []

    def start(*lanes):
        command = [sys.executable, "-c", WORKER, str(studio.home), *lanes]
        environment = {**os.environ, "STUDIO_THREADS": "1"}
        started.append(subprocess.Popen(command, cwd=CHECKOUT, env=environment))
        return started[-1]

    yield start
    for process in started:
        process.terminate()
    for process in started:
        process.wait(10)


def ask(studio, kind, **payload):
    return submit.ask(studio, kind, payload, asked_by="ana", now=datetime.now(UTC))


def job(studio, asked, wanted=lambda job: job.ended, seconds=200):
    end = time.monotonic() + seconds
    while not wanted(found := queue.get(studio.engine, asked.id)):
        assert not found.ended, (found.error, queue.read_log(studio.home, found))
        assert time.monotonic() < end, found
        time.sleep(0.05)
    return found


def test_a_training_whose_worker_is_killed_goes_on_from_its_checkpoint(studio, worker):
    first = worker("work")
    asked = ask(studio, "train", style="props", dataset="sample", preset="fast", settings=BRIEF)
    runs = studio.home / "runs" / "props"
    going = job(studio, asked, lambda job: job.kept.get("run"))
    folder = runs / going.kept["run"]
    job(studio, asked, lambda job: any(step >= 20 for step in checkpoints.steps(folder)))
    first.kill()
    end = time.monotonic() + 60
    while processes.members(going.group):
        assert time.monotonic() < end
        time.sleep(0.05)
    assert checkpoints.steps(folder)[-1] < STEPS, "it was too quick to be killed in the middle"
    # Another unfinished run of the style, and a newer one: not what this job goes on with.
    decoy = runs / ("0" * 32)
    decoy.mkdir()
    (decoy / "record.json").write_text(json.dumps({"run": "0" * 32, "config": {}, "dataset": ""}))
    worker("work")
    done = job(studio, asked)
    assert (done.state, done.attempt, done.lost) == ("done", 2, 1), done.error
    assert (done.result["run_id"], done.result["number"]) == (folder.name, 1)
    assert [row.step for row in checkpoints.read(folder / "losses.jsonl")] == [*range(1, STEPS + 1)]
    again = queue.read_log(studio.home, done).partition("-- attempt 2")[2]
    assert f"step {STEPS}/{STEPS}" in again and f"step 10/{STEPS}" not in again
    assert len(models.list_versions(studio.client, "props")) == 1
    assert (folder / "done").read_text() == "1"


def test_pictures_come_beside_a_training_from_a_process_that_keeps_its_pipeline(studio, worker):
    stages.promote(
        studio.engine,
        studio.client,
        style="props",
        number=1,
        to="production",
        actor="ana",
        why="the only one",
        now=datetime.now(UTC),
    )
    worker("interactive", "work")
    long = {**BRIEF, "max_train_steps": 100_000}
    training = ask(studio, "train", style="props", dataset="sample", settings=long)
    going = job(studio, training, lambda job: job.done > 0)

    first = job(studio, ask(studio, "generate", style="props", prompt="a red gem", seed=5))
    second = job(studio, ask(studio, "generate", style="props", prompt="a blue gem", count=2))
    assert first.payload["version"] == 1  # pinned at the door
    assert first.group == second.group  # one process drew both, and loaded the style once
    assert "Loading" in queue.read_log(studio.home, first)
    assert "Loading" not in queue.read_log(studio.home, second)
    assert queue.get(studio.engine, training.id).state == "running"
    assert [p["seed"] for p in second.result["pictures"]] == [0, 1]
    for drawn in (*first.result["pictures"], *second.result["pictures"]):
        with Image.open(studio.home / drawn["file"]) as picture:
            assert picture.mode == "RGBA"
        made = read_made(studio.home / drawn["file"])
        assert (made.style, made.version, made.prompt, made.seed) == (
            "props",
            1,
            drawn["prompt"],
            drawn["seed"],
        )

    # Cancelled between two steps, the process keeps what it has loaded.
    endless = ask(studio, "generate", style="props", prompt="a gem", steps=200, count=64)
    job(studio, endless, lambda job: job.done > 0)
    began = time.monotonic()
    queue.cancel(studio.engine, endless.id, "ana", datetime.now(UTC))
    assert job(studio, endless).state == "cancelled" and time.monotonic() - began < SOON_S
    bare = job(studio, ask(studio, "generate", prompt="a gem"))
    assert bare.group == first.group
    assert read_made(studio.home / bare.result["pictures"][0]["file"]).version == 0

    folder = studio.home / "runs" / "props" / queue.get(studio.engine, training.id).kept["run"]
    job(studio, training, lambda job: checkpoints.steps(folder))
    began = time.monotonic()
    queue.cancel(studio.engine, training.id, "ana", datetime.now(UTC))
    assert job(studio, training).state == "cancelled" and time.monotonic() - began < SOON_S
    assert not processes.members(going.group)
    # Asked again, it goes on with the run that it began.
    more = submit.again(studio, training.id, asked_by="ana", now=datetime.now(UTC))
    run = queue.get(studio.engine, training.id).kept["run"]
    assert more.payload["run"] == run
    went = job(studio, more, lambda job: job.done > 0)
    assert went.kept == {"run": run} and went.done > 10
    queue.cancel(studio.engine, more.id, "ana", datetime.now(UTC))
    job(studio, more)


def test_an_asset_list_and_an_evaluation(studio, worker):
    worker("short", "work")
    assets = [{"prompt": "a red gem", "name": "ruby", "count": 2, "seed": 3}, {"prompt": "a tree"}]
    drawn = ask(studio, "batch", style="props", assets=assets, steps=2)
    measured = ask(studio, "evaluate", style="props", version=1)
    found = job(studio, drawn).result["pictures"]
    assert [(p["name"], p["seed"]) for p in found] == [("ruby", 3), ("ruby", 4), ("", 0)]
    assert all(read_made(studio.home / p["file"]).steps == 2 for p in found)
    measured = job(studio, measured)
    assert measured.state == "done", measured.error
    told = {k: v for k, v in measured.result["metrics"].items() if v is not None}
    assert told and models.get(studio.client, "props", 1).metrics == told
    assert "real_style_similarity" in told
    nearest = {c.nearest for c in read_sheet(folder_of(studio.home, "props", 1)).cells}
    assert nearest <= {p.hash for p in load(studio.home, "sample").pictures}


def test_a_cancelled_sweep_whose_worker_was_killed_is_closed_in_mlflow(studio, worker):
    first = worker("work")
    asked = ask(
        studio,
        "sweep",
        style="swept",
        dataset="sample",
        preset="fast",
        trials=2,
        ranges={"rank": "2, 4"},
        settings={**BRIEF, "held_out": 0.1, "save_every_n_steps": STEPS // 2},
    )
    runs = studio.home / "runs" / "swept"
    job(studio, asked, lambda job: any(runs.glob("*/step-*")))
    experiment = studio.client.get_experiment_by_name("swept").experiment_id
    began = studio.client.search_runs([experiment])
    assert len(began) == 2 and {run.info.status for run in began} == {"RUNNING"}
    first.kill()
    queue.cancel(studio.engine, asked.id, "ana", datetime.now(UTC))
    mine = {run.info.run_id for run in began}
    assert not mine & set(maintenance.end_runs(studio))  # nobody knows yet that it has ended
    worker("work")  # it finds the job, ends what is left of it, and does not begin it again
    assert job(studio, asked).state == "cancelled"
    assert set(maintenance.end_runs(studio)) == mine
    assert {run.info.status for run in studio.client.search_runs([experiment])} == {"KILLED"}
    # Cleared away after a month: the sweep then makes that trial anew, and no run twice.
    month = datetime.now(UTC) + timedelta(days=disk_cleanup.KEPT_DAYS, minutes=1)
    folders = [record.parent for record in runs.glob("*/record.json")]
    assert disk_cleanup.clear(studio.home, lambda: maintenance.at_work(studio), month)
    assert [disk_cleanup.cleared(folder) for folder in folders] == [True]
    again = submit.again(studio, asked.id, asked_by="ana", now=datetime.now(UTC))
    assert job(studio, again).state == "done"
    ended = studio.client.search_runs([experiment])
    assert len(ended) == 3 and {run.info.status for run in ended} == {"FINISHED"}
    for run in ended:
        steps = [row.step for row in studio.client.get_metric_history(run.info.run_id, "loss")]
        assert steps in ([], [*range(1, STEPS + 1)])

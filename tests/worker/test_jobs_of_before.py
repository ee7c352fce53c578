"""Jobs that the version before left behind: those that wait are done, those that ran are taken
again, and a training that was cut off goes on from its checkpoint."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
import torch
from safetensors.torch import load_file

from studio import context
from studio.database import engine as db
from studio.datasets import caption_proposals
from studio.generation.picture_files import read_made
from studio.jobs import leases, queue, queue_order
from studio.jobs.table import Job, jobs
from studio.registry import models
from studio.settings import CHECKOUT
from studio.training import checkpoints
from studio.worker import process, submit
from studio.worker.context import Warm
from studio.worker.payload import lifted, read
from studio.workflows.sweeps import study, sweep_run
from studio.workflows.version_loading import adapter_file
from tests import before

HOUR = timedelta(hours=1)
LEARNING = ("train", "sweep", "evaluate", "own")
BY_WORKER = ("generate", "batch", "import", "describe", "look")
SINCE = (  # kinds that there were none of
    *("sheet", "character", "export"),
    *("finish", "upscale", "describe_tiles", "expand_wishes", "picture_edit"),
    *("prop", "prop_edit", "prop_sheet", "gan", "variations"),
    *("prop_by_provider", "prop_received", "prop_by_model"),
)
KINDS = [
    pytest.param(kind, marks=[pytest.mark.slow] if kind in LEARNING else [])
    for kind in submit.KINDS
    if kind not in SINCE
]


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> context.Studio:
    """The studio of before, in which no job begins unless a test lets it."""
    torch.set_num_threads(1)
    return opened(tmp_path_factory.mktemp("before"))


def opened(folder: Path) -> context.Studio:
    """The studio of before. Its imports are from a folder of the machine that it was on, so the
    sample's takes its place."""
    settings, _ = before.bring_back(folder)
    studio = context.open_studio(settings)
    gems = str(CHECKOUT / "sample" / "train" / "gem")
    with db.writing(studio.engine) as connection:
        imports = sa.select(jobs).where(jobs.c.kind == "import")
        for row in connection.execute(imports).all():
            payload = {**row.payload, "folder": gems}
            connection.execute(jobs.update().where(jobs.c.id == row.id).values(payload=payload))
    queue_order.pause(
        studio.engine, [j.id for j in queue_order.waiting(studio.engine, submit.KINDS)], "x"
    )
    return studio


def done(studio: context.Studio, id: int) -> Job:
    """The job, taken and done as a worker and its process do it."""
    job = queue.get(studio.engine, id)
    lost = {id: job.attempt} if job.state == "running" else {}
    if not lost:
        queue_order.go_on(studio.engine, [id], "x")
    taken = leases.take(studio.engine, "w", job.lane, context.now(), HOUR, lost)
    assert taken is not None and taken.id == id
    process.do(studio.engine, id, taken.attempt, process.Opened(studio.settings), Warm())
    return queue.get(studio.engine, id)


def weights(studio: context.Studio, number: int) -> dict[str, torch.Tensor]:
    return load_file(adapter_file(studio, models.get(studio.client, "props", number)))


@pytest.mark.parametrize("kind", KINDS)
def test_what_waited_and_what_ran_is_done(studio: context.Studio, kind: str) -> None:
    queued = before.jobs(kind, "queued")[0]["id"]
    running = before.jobs(kind, "running")[0]["id"]
    for id, attempt, lost in ((queued, 1, 0), (running, 2, 1)):
        was = queue.get(studio.engine, id)
        job = done(studio, id)
        assert (job.state, job.attempt, job.lost) == ("done", attempt, lost), job.error
        assert job.result and (job.payload, job.asked_by) == (was.payload, was.asked_by)
        for drawn in job.result.get("pictures", ()) if kind in ("generate", "batch") else ():
            made = read_made(studio.home / drawn["file"])
            assert made is not None and made.prompt == drawn["prompt"]


@pytest.mark.parametrize("kind", [kind for kind in submit.KINDS if kind not in SINCE])
@pytest.mark.parametrize("state", ["failed", "cancelled"])
def test_what_ended_says_why_and_can_be_asked_again(
    studio: context.Studio, kind: str, state: str
) -> None:
    id = before.jobs(kind, state)[0]["id"]
    job = queue.get(studio.engine, id)
    why = "It went wrong." if state == "failed" else "Cancelled by ana."
    assert (job.ended, job.error) == (True, why)
    if kind != "own":  # whose prompts are theirs: somebody else is not among the invited
        again = submit.again(studio, id, asked_by=job.asked_by, now=context.now())
        shape = submit.KINDS[kind].payload  # what was not known then has its default
        was = lifted(job.payload, job.schema, submit.KINDS[kind].lifts)
        assert (again.state, again.kind) == ("queued", kind)
        assert read(shape, again.payload) == read(shape, was)
        queue_order.pause(studio.engine, [again.id], "x")


def test_a_lease_that_ran_out_before_is_taken_by_the_clock(tmp_path: Path) -> None:
    studio = opened(tmp_path)
    lost = {job["id"] for kind in submit.KINDS for job in before.jobs(kind, "running")}
    taken = set()
    for lane in ("interactive", "short", "work"):
        while job := leases.take(studio.engine, "w", lane, context.now(), HOUR):
            assert job.lost == 1
            taken.add(job.id)
    assert taken == lost
    studio.engine.dispose()


@pytest.mark.slow
def test_a_training_goes_on_from_its_checkpoint_and_ends_as_one_never_cut_off(
    studio: context.Studio,
) -> None:
    (resumable,) = [job for job in before.jobs("train", "running") if job["kept"]]
    run = resumable["kept"]["run"]
    folder = studio.home / "runs" / "props" / run
    assert checkpoints.steps(folder)[-1] == 4
    job = done(studio, resumable["id"])
    assert job.state == "done" and job.result is not None, job.error
    assert job.result["run_id"] == run
    assert [row.step for row in checkpoints.read(folder / "losses.jsonl")] == [*range(1, 7)]
    assert "step 2/6" not in queue.read_log(studio.home, job).rpartition("Encoded")[2]
    (cancelled,) = [job for job in before.jobs("train", "cancelled") if job["kept"]]
    again = submit.again(studio, cancelled["id"], asked_by="gus", now=context.now())
    assert again.payload["run"] == cancelled["kept"]["run"]
    other = done(studio, again.id)
    assert other.state == "done" and other.result is not None, other.error
    ended, too = (
        weights(studio, number) for number in (job.result["number"], other.result["number"])
    )
    assert ended.keys() == too.keys()
    assert all(torch.equal(ended[name], too[name]) for name in ended)
    # The one never cut off ended on the machine of before, which may round otherwise.
    whole = weights(studio, 2)
    assert models.get(studio.client, "props", 2).run_id == before.told()["whole"]
    for name, value in whole.items():
        torch.testing.assert_close(ended[name], value, rtol=0, atol=1e-4)


def cut_off(kind: str) -> int:
    """The job of a kind that ended by kill -9 in the middle."""
    (id,) = [job["id"] for job in before.jobs(kind, "running") if job["asked_by"] == "fay"]
    return int(id)


def test_descriptions_go_on_with_the_pictures_left(studio: context.Studio) -> None:
    id = cut_off("describe")
    already = len(caption_proposals.of_job(studio.engine, id))
    assert 0 < already < 20
    job = done(studio, id)
    assert job.result == {"dataset": "props", "proposed": 20 - already, "unreadable": 0}
    assert len(caption_proposals.of_job(studio.engine, id)) == 20


def test_an_asset_list_goes_on_with_the_pictures_left(studio: context.Studio) -> None:
    id = cut_off("batch")
    there = {
        file: file.stat().st_mtime_ns for file in studio.home.glob(f"generated/*/*/{id}/*.png")
    }
    job = done(studio, id)
    assert job.result is not None, job.error
    files = {studio.home / drawn["file"] for drawn in job.result["pictures"]}
    assert 1 <= len(there) < len(files) == 3 and there.keys() < files
    assert {file: file.stat().st_mtime_ns for file in there} == there


@pytest.mark.slow
def test_a_sweep_goes_on_with_its_second_trial(studio: context.Studio) -> None:
    id = cut_off("sweep")
    kept = queue.get(studio.engine, id).kept["sweep"]
    folder = sweep_run.read(studio.home, "props", kept).folder
    (first,) = [one for one in study.read(folder) if one.state == "done"]
    job = done(studio, id)
    assert job.result == {"style": "props", "sweep": kept, "trials": 2}, job.error
    tried = study.read(folder)
    assert [one.state for one in tried] == ["done", "done"] and first in tried


WORKER = """
import sys
from studio.settings import load_settings
from studio.worker.supervisor import Pace, work
work(load_settings(home=sys.argv[1]), print, pace=Pace(lease=4))
"""


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_worker_does_all_that_was_left(tmp_path: Path) -> None:
    """Some of each lane: the tests above do each kind, without a worker."""
    studio = opened(tmp_path)
    held = before.told()["paused"]
    with db.writing(studio.engine) as connection:
        others = jobs.c.kind.not_in(BY_WORKER) & (jobs.c.state == "running")
        connection.execute(jobs.update().where(others).values(state="cancelled"))
    left = [j.id for j in queue_order.waiting(studio.engine, BY_WORKER) if j.id != held]
    queue_order.go_on(studio.engine, left, "x")
    left += [job["id"] for kind in BY_WORKER for job in before.jobs(kind, "running")]
    assert len({queue.get(studio.engine, id).lane for id in left}) == 3
    environment = {**os.environ, "STUDIO_THREADS": "1"}
    worker = subprocess.Popen(
        [sys.executable, "-c", WORKER, str(studio.home)], cwd=CHECKOUT, env=environment
    )
    try:
        end = time.monotonic() + 800
        while not all(queue.get(studio.engine, id).ended for id in left):
            assert worker.poll() is None and time.monotonic() < end
            time.sleep(0.5)
    finally:
        worker.terminate()
        worker.wait(30)
    ended = [queue.get(studio.engine, id) for id in left]
    assert [(job.id, job.kind, job.error) for job in ended if job.state != "done"] == []
    assert queue_order.held(queue.get(studio.engine, held))
    studio.engine.dispose()

"""What machines make of real jobs is what is made here, to the byte; and workers that send jobs to
them are killed."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from studio.assets.search import Wanted
from studio.context import Studio, open_studio
from studio.datasets.folder_import import import_folder
from studio.generation import start_pictures
from studio.generation.gallery_table import search
from studio.jobs import queue
from studio.jobs.table import Job
from studio.registry import models
from studio.settings import CHECKOUT, load_settings
from studio.store.contents import digest_of
from studio.worker import machine_ends, submit
from studio.worker.kind_table import KINDS
from studio.workflows.version_loading import adapter_file
from tests.worker import killing
from tests.worker.machine.box import Box
from tests.worker.machine.test_server import closed, once, until
from tests.worker.toy_kind import TOY

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
BRIEF = {
    "max_train_steps": 6,
    "save_every_n_steps": 2,
    "preview_every_n_steps": 3,
    "batch_size": 1,
    "rank": 2,
}
CHILD = """
import sys
from studio.worker import process
from studio.worker.kind_table import KINDS
from tests.worker.toy_kind import TOY
KINDS[TOY.name] = TOY
sys.exit(process.main(sys.argv[1:]))
"""
WORKER = """
import sys
from studio.settings import load_settings
from studio.worker.kind_table import KINDS
from studio.worker.supervisor import Pace, work
from tests.worker.toy_kind import TOY
KINDS[TOY.name] = TOY
def command(job):
    asked = [str(job.id), str(job.attempt)] if job else ["warm"]
    return [sys.executable, "-c", sys.argv[2], *asked]
pace = Pace(lease=3)
work(load_settings(home=sys.argv[1]), print, pace=pace, lanes=["elsewhere"], command=command)
"""


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Box]:
    made = Box(tmp_path_factory.mktemp("box"), pause=0.2)
    made.start()
    yield made
    made.stop()


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory, box: Box) -> Iterator[Studio]:
    given = {"STUDIO_PRIVATE_NETWORKS": "127.0.0.0/8", "STUDIO_THREADS": "1"}
    opened = open_studio(load_settings(given, home=str(tmp_path_factory.mktemp("home"))))
    gems = CHECKOUT / "sample" / "train" / "gem"
    import_folder(opened.home, "gems", gems, now=datetime.now(UTC), actor="ana")
    box.added(opened, seconds=600)
    yield opened
    opened.engine.dispose()


def both(studio: Studio, kind: str, **payload: Any) -> tuple[Job, Job]:
    """The same job done here, and there."""
    found = []
    for where in ("here", "attic"):
        now = datetime.now(UTC)
        asked = submit.ask(studio, kind, payload, asked_by="ana", now=now, where=where)
        job = killing.done(studio, asked.id)
        assert job.state == "done", (where, job.error, queue.read_log(studio.home, job))
        found.append(job)
    return found[0], found[1]


def drawn(studio: Studio, job: Job) -> list[bytes]:
    rows = sorted(search(studio.engine, Wanted(job=job.id), size=99).found, key=lambda r: r.seed)
    return [(studio.home / row.file).read_bytes() for row in rows]


def test_pictures_are_the_same(studio: Studio, box: Box) -> None:
    here, there = both(studio, "generate", prompt="a red gem", count=3, steps=3, seed=5)
    assert len(drawn(studio, here)) == 3
    assert drawn(studio, here) == drawn(studio, there)
    (first, *_) = search(studio.engine, Wanted(job=here.id), size=1).found
    start = start_pictures.keep(
        studio.home, (studio.home / first.file).read_bytes(), "a.png", by="ana"
    )
    again = {"prompt": "a blue gem", "steps": 4, "seed": 6, "start": start, "change": 0.5}
    here, there = both(studio, "generate", **again)
    assert drawn(studio, here) == drawn(studio, there)
    until(lambda: machine_ends.close_left(studio) or box.runs == [])


def test_trainings_are_the_same_and_their_record_too(studio: Studio, box: Box) -> None:
    asked = {"dataset": "gems", "preset": "fast", "settings": BRIEF}
    here, there = both(studio, "train", style="gems", **asked)
    versions = sorted(models.list_versions(studio.client, "gems"), key=lambda one: one.number)
    assert len(versions) == 2
    files = [digest_of(adapter_file(studio, one)) for one in versions]
    assert files[0] == files[1]
    for figure in ("loss", "learning_rate", "grad_norm"):
        first, second = (
            [(row.step, row.value) for row in studio.client.get_metric_history(run, figure)]
            for run in (versions[0].run_id, versions[1].run_id)
        )
        assert first == second and [step for step, _ in first] == [*range(1, 7)]
    listed = [
        sorted(file.path.split("+")[2] for file in studio.client.list_artifacts(run, "images"))
        for run in (versions[0].run_id, versions[1].run_id)
    ]
    assert listed[0] == listed[1] and listed[0]
    here, there = both(studio, "generate", style="gems", version=1, prompt="a gem", steps=2, seed=1)
    assert drawn(studio, here) == drawn(studio, there)
    until(lambda: machine_ends.close_left(studio) or box.runs == [])


def test_workers_that_are_killed_leave_no_job_undone_and_none_twice(
    studio: Studio, box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(KINDS, TOY.name, TOY)
    asked = [
        submit.ask(
            studio,
            "toy",
            {"word": "badge", "most": 3},
            asked_by="ana",
            now=datetime.now(UTC),
            where="attic",
        ).id
        for _ in range(6)
    ]
    started: list[subprocess.Popen[bytes]] = []

    def worker() -> None:
        environment = {
            **os.environ,
            "STUDIO_PRIVATE_NETWORKS": "127.0.0.0/8",
            "PYTHONPATH": str(CHECKOUT),
        }
        words = [sys.executable, "-c", WORKER, str(studio.home), CHILD]
        started.append(subprocess.Popen(words, cwd=CHECKOUT, env=environment))

    def ended() -> int:
        return sum(queue.get(studio.engine, id).ended for id in asked)

    try:
        for wanted in (1, 2, 4):
            worker()
            until(lambda wanted=wanted: ended() >= wanted, 120)
            started[-1].kill()
            started[-1].wait()
            time.sleep(0.2)
        worker()
        until(lambda: ended() == len(asked), 180)
    finally:
        for one in started:
            one.kill()
            one.wait()
    for id in asked:
        once(studio, queue.get(studio.engine, id))
    closed(studio, box)

"""Lists of jobs, without what was asked; and what of that is told to whom."""

import tracemalloc
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from studio.api import job_heads, jobs
from studio.context import now
from studio.database import engine as db
from studio.jobs import leases, queue
from studio.worker.kind_table import KINDS, title
from tests.api.asked import NOW, Programs

MEGABYTE = 1_000_000


@pytest.fixture
def engine(tmp_path: Path, either_database: str):
    engine = db.open_database(tmp_path)
    yield engine
    engine.dispose()


def ask(engine: Engine, kind: str, **payload) -> int:
    how = {"lane": "short", "payload": payload, "asked_by": "ana", "now": NOW}
    return queue.submit(engine, kind=kind, **how).id


def heads(engine: Engine, most: int = 100, **wanted: str) -> list[dict]:
    return job_heads.newest(engine, jobs.HEAD, wanted, None, most)


def test_titles_are_those_of_whole_jobs(engine: Engine):
    for name, kind in KINDS.items():
        words = {word: 7 if word == "version" else f"é {word} '\"" for word in kind.words}
        ask(engine, name, **words, other=[{"name": "none"}])
    ask(engine, "generate", prompt="long " * 200)
    ask(engine, "generate", seed=1)  # without what its title takes
    ask(engine, "of a newer program", prompt="x")
    whole = {job.id: job for job in queue.listing(engine, limit=100)}
    told = heads(engine)
    assert [one["id"] for one in told] == sorted(whole, reverse=True)
    for one in told:
        job = whole[one["id"]]
        assert one["title"] == title(job)[: job_heads.LONGEST]
        assert {name: one[name] for name in jobs.HEAD} == {n: getattr(job, n) for n in jobs.HEAD}


def test_the_newest_come_by_state_kind_and_person(engine: Engine):
    first, second, third = (ask(engine, kind, dataset="a") for kind in ("look", "train", "look"))
    assert [one["id"] for one in heads(engine, 2)] == [third, second]
    assert [one["id"] for one in heads(engine, kind="look")] == [third, first]
    assert [one["id"] for one in heads(engine, kind="look", asked_by="bo")] == []
    leases.take(engine, "w", "short", now(), timedelta(hours=1))
    assert [one["id"] for one in heads(engine, state="running")] == [first]
    before = job_heads.newest(engine, jobs.HEAD, {}, third, 1)
    assert [one["id"] for one in before] == [second]


def test_a_list_of_jobs_loads_no_lists_of_megabytes(tmp_path: Path):
    engine = db.open_database(tmp_path)
    for _ in range(4):
        ask(engine, "batch", style="gems", assets=["x" * MEGABYTE])
    heads(engine)
    tracemalloc.start()
    try:
        told = heads(engine)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    engine.dispose()
    assert [one["title"] for one in told] == ["Drawing a list of gems"] * 4
    assert most < MEGABYTE / 2


@pytest.mark.slow
def test_a_folder_of_the_machine_is_told_to_those_who_may_bring_it_in(plain: Programs):
    id = ask(plain.studio.engine, "import", name="gems", folder="/srv/art/gems", source="ana")
    for role in ("viewer", "artist", "art lead", "producer"):
        told = plain.get(f"/jobs/{id}", role)
        assert "/srv/art" not in told.text and told.json()["payload"]["source"] == "ana"
        assert told.json()["payload"]["folder"] == ""
    assert plain.get(f"/jobs/{id}", "admin").json()["payload"]["folder"] == "/srv/art/gems"

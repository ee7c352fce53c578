"""Which jobs a worker takes: by the memory of its GPU, and by which machines have room."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import Engine

from studio.database import engine as db
from studio.jobs import leases, queue
from studio.jobs.table import Job, Lane
from studio.remote import machines, runs, versions
from studio.remote.protocol import Capabilities
from studio.settings import load_settings
from studio.worker import machine_choice
from studio.worker.machine_choice import Unfit
from studio.worker.places import Places

NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)
LEASE = timedelta(seconds=30)


@pytest.fixture
def engine(tmp_path: Path, either_database: str) -> Iterator[Engine]:
    made = db.open_database(tmp_path)
    yield made
    made.dispose()


def ask(engine: Engine, lane: Lane = "work", **more: Any) -> Job:
    return queue.submit(
        engine, kind="train", lane=lane, payload={}, asked_by="ana", now=NOW, **more
    )


def take(engine: Engine, places: Places, lane: Lane = "work") -> int | None:
    found = leases.take(engine, "w", lane, NOW, LEASE, fits=places.fits(lane))
    return found.id if found else None


def with_gpu(engine: Engine, home: Path, gigabytes: float) -> Places:
    made = Places(engine, replace(load_settings({}, home=str(home)), device="cpu"))
    made.__dict__["gpu_gb"] = gigabytes
    return made


def test_a_machine_without_a_gpu_leaves_alone_what_needs_one(engine: Engine, tmp_path: Path):
    large, small = ask(engine, gpu_gb=8.0), ask(engine)
    none = Places(engine, replace(load_settings({}, home=str(tmp_path)), device="cpu"))
    assert none.gpu_gb == 0.0
    assert take(engine, none) == small.id
    assert take(engine, none) is None
    assert take(engine, with_gpu(engine, tmp_path, 6.0)) is None
    assert take(engine, with_gpu(engine, tmp_path, 24.0)) == large.id


def test_two_gpus_take_two_trainings(engine: Engine, tmp_path: Path):
    first, second = ask(engine, gpu_gb=8.0), ask(engine, gpu_gb=8.0)
    one, other = with_gpu(engine, tmp_path, 24.0), with_gpu(engine, tmp_path, 24.0)
    assert [take(engine, one), take(engine, other)] == [first.id, second.id]


def test_a_machine_gets_as_many_as_it_does_at_once(engine: Engine, tmp_path: Path):
    for name in ("attic", "cellar"):
        machines.add(
            engine,
            tmp_path,
            name,
            "http://127.0.0.1:1",
            "key",
            networks=(ip_network("127.0.0.0/8"),),
            by="ana",
            now=NOW,
        )
    places = Places(engine, load_settings({}, home=str(tmp_path)))
    wanted = ("attic", "attic", "cheapest", "cellar", "cheapest")
    asked = [ask(engine, "elsewhere", where=where) for where in wanted]

    def taken() -> int | None:
        places.taken()  # as a worker does: the next look is a new one
        return take(engine, places, "elsewhere")

    assert taken() == asked[0].id
    assert taken() == asked[2].id  # the attic is busy, and the cheapest may be the cellar
    runs.mean(engine, asked[2].id, "cellar", NOW)
    assert taken() is None  # now both are
    leases.finish(engine, asked[0].id, 1, {}, NOW)
    assert taken() == asked[1].id


def test_what_needs_a_gpu_goes_to_none_that_is_too_small(engine: Engine, tmp_path: Path):
    at, studio = (ip_network("127.0.0.0/8"),), SimpleNamespace(home=tmp_path)
    given: dict[str, Any] = {"networks": at, "by": "ana", "now": NOW}
    machine = machines.add(engine, tmp_path, "attic", "http://127.0.0.1:1", "key", **given)
    found = Capabilities(versions.studio(), versions.torch(), "cuda", kinds={"train": 1})

    def check(**more: Any) -> None:
        machine_choice.check(studio, machine, replace(found, **more), "train", 1, 8.0, {})

    check(gpu_gb=24.0)
    check()  # its driver tells no size
    with pytest.raises(Unfit, match="needs a GPU of 8 GB, and attic has no GPU"):
        check(device="cpu")
    with pytest.raises(Unfit, match="and attic has 6 GB"):
        check(gpu_gb=6.0)

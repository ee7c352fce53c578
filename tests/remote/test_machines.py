"""Machines that the studio knows: their keys are sealed, their addresses looked at."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import Engine

from studio.accounts.rights import Actor, NotAllowed
from studio.database import engine as db
from studio.errors import StudioError
from studio.jobs import queue
from studio.remote import machine_prices, machines, runs, seal
from studio.remote.protocol import Capabilities

NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)
PRIVATE = (ip_network("127.0.0.0/8"),)
KEY = "hs_a-key-that-nobody-else-sees-00"


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = db.open_database(tmp_path)
    yield made
    made.dispose()


def add(engine: Engine, home: Path, name: str = "attic", **more: Any) -> machines.Machine:
    given: dict[str, Any] = {
        "address": "https://gpu.example.com:8460/",
        "key": KEY,
        "networks": (),
        "by": "ana",
        "now": NOW,
        **more,
    }
    address, key = given.pop("address"), given.pop("key")
    return machines.add(engine, home, name, address, key, **given)


def test_a_key_is_sealed_and_is_opened_where_its_seal_is(engine: Engine, tmp_path: Path) -> None:
    made = add(engine, tmp_path)
    assert made.address == "https://gpu.example.com:8460"
    assert machines.key_of(engine, tmp_path, "attic") == KEY
    with engine.connect() as connection:
        row = connection.execute(sa.text("SELECT * FROM machines")).one()
    assert KEY not in str(row) and KEY not in repr(made)
    assert KEY.encode() not in (tmp_path / "studio.db").read_bytes()
    assert (tmp_path / seal.FILE).stat().st_mode & 0o077 == 0
    (tmp_path / seal.FILE).unlink()
    with pytest.raises(StudioError, match="opens the machines' keys, is not there"):
        machines.key_of(engine, tmp_path, "attic")
    add(engine, tmp_path, key="another-key-of-it")  # given anew, it is sealed anew
    assert machines.key_of(engine, tmp_path, "attic") == "another-key-of-it"


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"name": "here"}, "no name for a machine"),
        ({"name": "a b"}, "no name for a machine"),
        ({"name": "x" * 41}, "no name for a machine"),
        ({"key": " "}, "has no key"),
        ({"key": "one\ntwo"}, "has no key"),
        ({"address": "ftp://gpu.example.com"}, "no address of the web"),
        ({"address": "https://127.0.0.1:8460"}, "in no public network"),
        ({"address": "http://gpu.example.com"}, None),  # looked at once it is connected to
        ({"seconds": 0}, "0 seconds a run"),
    ],
)
def test_what_is_no_machine_is_refused(
    engine: Engine, tmp_path: Path, more: dict[str, Any], said: str | None
) -> None:
    name = more.pop("name", "attic")
    if said is None:
        add(engine, tmp_path, name, **more)
        return
    with pytest.raises(StudioError, match=said):
        add(engine, tmp_path, name, **more)
    assert machines.listing(engine) == []


def test_machines_are_added_by_admins_and_named_in_the_ledger(
    engine: Engine, tmp_path: Path
) -> None:
    with pytest.raises(NotAllowed):
        add(engine, tmp_path, by=Actor("bo", "producer"))
    add(engine, tmp_path, by=Actor("ana", "admin"))
    with engine.connect() as connection:
        rows = connection.execute(sa.text("SELECT action, reason FROM ledger")).all()
    assert [tuple(row) for row in rows] == [
        ("add machine", "attic at https://gpu.example.com:8460")
    ]


def test_where_a_job_may_go(engine: Engine, tmp_path: Path) -> None:
    assert machines.checked_where(engine, "", "train") == "here"
    with pytest.raises(StudioError, match="No machine takes jobs of the kind 'train'"):
        machines.checked_where(engine, "cheapest", "train")
    add(engine, tmp_path, kinds=("train",))
    assert machines.checked_where(engine, "attic", "train") == "attic"
    assert machines.checked_where(engine, "cheapest", "train") == "cheapest"
    with pytest.raises(StudioError, match="attic takes no jobs of the kind 'upscale'"):
        machines.checked_where(engine, "attic", "upscale")
    with pytest.raises(StudioError, match="There is no machine 'atic'") as error:
        machines.checked_where(engine, "atic", "train")
    assert "Did you mean attic?" in error.value.remedy
    said = Capabilities("1", "2", "cpu", kinds={"upscale": 1})
    machines.note(engine, "attic", said, "", NOW)
    assert machines.get(engine, "attic").said == said
    with pytest.raises(StudioError, match="takes no jobs"):  # it does not take it itself
        machines.checked_where(engine, "attic", "train")


def test_one_with_an_open_run_is_not_forgotten(engine: Engine, tmp_path: Path) -> None:
    add(engine, tmp_path)
    job = queue.submit(
        engine, kind="t", lane="elsewhere", payload={}, asked_by="ana", now=NOW, where="attic"
    )
    run = runs.mean(engine, job.id, "attic", NOW)
    assert runs.mean(engine, job.id, "attic", NOW) == run  # one open run a job
    with pytest.raises(StudioError, match=f"attic has runs of jobs {job.id}"):
        machines.remove(engine, "attic", by="ana", now=NOW)
    runs.close(engine, run.id, NOW)
    machines.remove(engine, "attic", by="ana", now=NOW)
    assert machines.listing(engine) == []


def test_what_a_machine_costs_is_a_price_list_of_its_own(engine: Engine, tmp_path: Path) -> None:
    assert machine_prices.of(engine, "attic", NOW) is None
    machine_prices.save(engine, "attic", "0.00031", "second", "usd", by="ana", now=NOW)
    held = machine_prices.of(engine, "attic", NOW)
    assert held is not None and held.name == "machine attic"
    assert machine_prices.said(held) == "0.00031 USD a second"
    assert held.quote(machine_prices.TIME, 1_500).money.micros == 465
    with pytest.raises(StudioError, match="no price for a 'call'"):
        machine_prices.save(engine, "attic", "1", "call", "USD", by="ana", now=NOW)


def test_two_who_make_the_seal_at_once_have_the_same(tmp_path: Path) -> None:
    for number in range(5):
        home = tmp_path / str(number)
        home.mkdir()
        with ThreadPoolExecutor(8) as pool:
            sealed = list(pool.map(lambda _, home=home: seal.sealed(home, KEY), range(8)))
        assert {seal.opened(home, one) for one in sealed} == {KEY}

"""What ended jobs left on machines: paid once, cancelled, and not given up too soon."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from studio.charges import calls
from studio.charges import charge as charges
from studio.charges.charge import Charge
from studio.context import Studio, open_studio
from studio.database.engine import writing
from studio.database.ledger import stamp
from studio.jobs import queue
from studio.jobs.table import jobs
from studio.remote import client, machine_prices, machines, runs
from studio.remote.connection import Away
from studio.remote.protocol import Status
from studio.remote.runs import Run
from studio.remote.tables import machine_runs
from studio.settings import load_settings
from studio.worker import elsewhere, machine_ends, machine_money
from tests.worker.machine.box import limited


class Killed(BaseException):
    """The process ends here."""


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[Studio]:
    opened = open_studio(load_settings({}, home=str(tmp_path / "home")))
    limited(opened, 10**9)
    yield opened
    opened.engine.dispose()


@pytest.fixture
def run(studio: Studio) -> Run:
    """Sent to a machine of a thousandth of a dollar a second, its job cancelled then."""
    engine, now = studio.engine, datetime.now(UTC)
    machines.add(
        engine,
        studio.home,
        "attic",
        "https://gpu.example.com",
        "a-key-of-the-attic",
        networks=(),
        seconds=60,
        by="ana",
        now=now,
    )
    machine_prices.save(engine, "attic", "0.001", "second", "USD", by="ana", now=now)
    job = queue.submit(
        engine, kind="train", lane="elsewhere", payload={}, asked_by="ana", now=now, where="attic"
    )
    made = runs.mean(engine, job.id, "attic", now)
    machine_money.pay(studio, job, machines.get(engine, "attic"), made)
    runs.sending(engine, made.id, now)
    queue.cancel(engine, job.id, "ana", now)
    return runs.of_id(engine, made.id)


def charge_of(studio: Studio, run: Run) -> Charge:
    assert run.charge is not None
    return charges.get(studio.engine, run.charge)


def test_a_kill_between_its_end_and_its_charge_leaves_nothing_unpaid(
    studio: Studio, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    forgotten = list[str]()
    ended = Status(run.id, "CANCELLED", 10, 2_000)
    monkeypatch.setattr(client, "status", lambda *_: ended)
    monkeypatch.setattr(client, "forget", lambda machine, id: forgotten.append(id))

    def killed(*_: object, **__: object) -> None:
        raise Killed

    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(calls, "fail", killed)
        machine_ends.close_left(studio)
    assert machine_ends.close_left(studio) == 1 and forgotten == [run.id]
    assert charge_of(studio, run).actual == 2_000
    assert charge_of(studio, run).state == "failed"
    assert runs.of_id(studio.engine, run.id).computed_ms == 2_000


def test_one_that_the_machine_does_not_know_is_cancelled_there_all_the_same(
    studio: Studio, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    cancelled = list[str]()
    monkeypatch.setattr(client, "status", lambda *_: None)
    monkeypatch.setattr(client, "cancel", lambda machine, id: cancelled.append(id))
    assert machine_ends.close_left(studio) == 1 and cancelled == [run.id]
    assert (charge_of(studio, run).state, charge_of(studio, run).actual) == ("failed", 0)


def test_a_machine_is_given_up_a_day_after_the_jobs_end_however_long_it_computed(
    studio: Studio, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise Away("attic is not reached.", "It is asked again.")

    def before(table: sa.Table, **hours: float) -> None:
        now = datetime.now(UTC)
        values = {name: stamp(now - timedelta(hours=one)) for name, one in hours.items()}
        with writing(studio.engine) as connection:
            connection.execute(table.update().values(**values))

    monkeypatch.setattr(client, "status", away)
    before(machine_runs, made_at=72, sent_at=72)
    assert machine_ends.close_left(studio) == 0
    open_ = runs.of_id(studio.engine, run.id)
    assert (open_.closed_at, open_.note) == (None, "attic is not reached.")
    before(jobs, ended_at=25)
    before(machine_runs, due=1)
    assert machine_ends.close_left(studio) == 1
    assert runs.of_id(studio.engine, run.id).note.startswith("Given up")
    assert charge_of(studio, run).state == "unconfirmed"


def test_an_attempt_that_was_overtaken_leaves_the_run_of_the_next_alone(
    studio: Studio, run: Run
) -> None:
    elsewhere._unsent(studio, run, "It does not answer.")  # as it thinks: not sent yet
    assert runs.of_id(studio.engine, run.id).closed_at is None
    assert charge_of(studio, run).state == "sent"

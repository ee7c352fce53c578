"""A job that costs: refused at the door where the limits leave too little, paid once whatever
kills it, and its hours counted."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from studio.charges import charge, limits, prices, settling
from studio.charges.limits import LimitReached
from studio.charges.money import Money
from studio.charges.prices import Price
from studio.context import Studio, open_studio
from studio.jobs import queue
from studio.settings import load_settings
from studio.worker import submit
from studio.worker.kind_table import KINDS
from studio.workflows import own_hours
from tests.worker import killing
from tests.worker.paying_kind import PAYING, PRICE, shop


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    opened = open_studio(load_settings({}, home=str(tmp_path_factory.mktemp("paying") / "home")))
    yield opened
    opened.engine.dispose()


@pytest.fixture(autouse=True)
def paying(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(KINDS, PAYING.name, PAYING)


def limit(studio: Studio, micros: int) -> None:
    held = limits.current(studio.engine, "studio", "", "EUR")
    limits.save(
        studio.engine,
        "studio",
        "",
        "EUR",
        micros,
        after=held.revision if held else 0,
        why="as agreed",
        by="ana",
        now=datetime.now(UTC),
    )


def ask(studio: Studio) -> int:
    asked = {"what": "a mesh", "style": "props"}
    return submit.ask(studio, "paying", asked, asked_by="bo", now=datetime.now(UTC)).id


def test_it_is_refused_at_the_door_and_paid_once_where_the_limit_has_room(studio):
    with pytest.raises(LimitReached, match="no limit is set for EUR"):
        ask(studio)
    limit(studio, PRICE.micros)
    first, second = ask(studio), ask(studio)  # the door holds no money: the call does
    job = killing.done(studio, first)
    assert job.state == "done" and job.result["cost"] == PRICE.micros
    paid = charge.get(studio.engine, job.result["charge"])
    assert (paid.job, paid.kind, paid.style, paid.person) == (first, "paying", "props", "bo")
    late = killing.done(studio, second)
    assert late.state == "failed" and "nothing is left" in late.error
    assert "costs limit" in late.remedy
    assert shop(studio).posts == [paid.token]
    with pytest.raises(LimitReached, match="nothing is left"):
        ask(studio)


def test_hours_of_real_jobs_are_counted_by_their_price(studio):
    limit(studio, 10**9)
    price = [Price("*", "hour", 3_600_000)]  # a micro-unit for each millisecond
    prices.save(
        studio.engine,
        prices.OWN,
        "EUR",
        price,
        after=0,
        why="power",
        by="ana",
        now=datetime.now(UTC),
    )
    id = ask(studio)
    killing.done(studio, id)
    assert own_hours.count(studio.engine) == 1 and own_hours.count(studio.engine) == 0
    with studio.engine.connect() as connection:
        hours = charge.of_key(connection, f"run {id}/1")
    assert hours is not None and hours.actual == hours.quantity >= 0
    assert (hours.source, hours.job, hours.machine) == ("own machine", id, "w")


@pytest.mark.slow
def test_a_job_that_is_killed_anywhere_pays_once(studio):
    limit(studio, 10**9)
    before = len(shop(studio).bill)
    whole = ask(studio)
    code, points = killing.attempt(studio, whole)
    assert code == 0 and len(shop(studio).posts) == before + 1
    named = ("reserve", "send", "post", "actual", "finish", "commit")
    kills = [point for point in points if point.partition(" ")[0] in named]
    assert len(kills) >= 12
    for kill in kills:
        posts, bill = len(shop(studio).posts), len(shop(studio).bill)
        id = ask(studio)
        assert killing.attempt(studio, id, kill) == (-signal.SIGKILL, []), kill
        job = queue.get(studio.engine, id)
        job = job if job.ended else killing.done(studio, id)
        with studio.engine.connect() as connection:
            paid = charge.of_key(connection, f"job {id}")
        new = len(shop(studio).bill) - bill
        assert paid is not None and len(shop(studio).posts) - posts == new <= 1, kill
        if new:
            assert (job.state, paid.state, paid.actual) == ("done", "done", PRICE.micros), kill
        else:  # between being noted as sent and being posted nobody can tell
            assert kill in ("send 1 >", "post 1 <"), kill
            assert (job.state, paid.state) == ("failed", "unconfirmed")
            assert "not sent again by itself" in job.error
            nothing = Money(0, "EUR")
            settling.settle(
                studio.engine, paid.id, nothing, why="never came", by="ana", now=datetime.now(UTC)
            )
    assert settling.unconfirmed(studio.engine) == []

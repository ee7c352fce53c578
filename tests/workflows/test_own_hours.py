"""Hours of own machines, by the price that held when each attempt ended; and what an approved
picture cost."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from PIL import Image

from studio.assets import verdicts
from studio.assets.verdicts import Judgement
from studio.charges import by_hand, prices, report
from studio.charges.money import MICRO, Money
from studio.charges.prices import OWN, Price
from studio.database import engine as db
from studio.generation import gallery_table
from studio.generation.gallery_table import Kept
from studio.generation.picture_files import Made
from studio.jobs import leases, queue
from studio.workflows import own_hours, spending
from studio.workflows.spending import PicturePrice

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
LEASE = 9 * HOUR
ASKED = {"by": "ana", "now": NOW}


@pytest.fixture
def engine(tmp_path: Path, either_database: str):
    opened = db.open_database(tmp_path)
    yield opened
    opened.dispose()


def ran(engine, minutes, begin=NOW, worker="tower:7", style="props"):
    """A job that ran for so long."""
    told = {"style": style} if style else {"name": "x"}
    job = queue.submit(engine, kind="train", lane="work", payload=told, asked_by="bo", now=begin)
    leases.take(engine, worker, "work", begin, LEASE, id=job.id)
    leases.fail(engine, job.id, 1, "m", "r", begin + timedelta(minutes=minutes))
    return job.id


def price(engine, *given, after=0, since=NOW, code="EUR"):
    told = {"why": "power", "by": "ana", "now": NOW}
    return prices.save(engine, OWN, code, given, after=after, since=since, **told)


def test_each_attempt_is_counted_once_by_the_price_of_its_end(engine):
    ran(engine, 60, NOW - timedelta(hours=2))  # before there was a price
    assert own_hours.count(engine) == 0
    price(engine, Price("tower", "hour", 350_000), Price("*", "minute", 1_001))
    tomorrow = NOW + timedelta(days=1)
    price(engine, Price("tower", "hour", MICRO), after=1, since=tomorrow)
    first = ran(engine, 90)
    ran(engine, 1, worker="laptop:3", style="")
    ran(engine, 30, tomorrow)
    ran(engine, 30, tomorrow, worker="laptop:3")  # has no price any more
    assert own_hours.count(engine) == 4 and own_hours.count(engine) == 0
    found = report.newest(engine, most=9, by="ana")
    assert [(one.machine, one.actual, one.prices, one.style) for one in found] == [
        ("tower", MICRO // 2, "own machines@2", "props"),
        ("tower", 525_000, "own machines@1", "props"),
        ("laptop", 1_001, "own machines@1", ""),
    ]
    assert found[1].job == first and found[1].quantity == 90 * 60_000
    assert {(one.kind, one.person, one.source) for one in found} == {("train", "bo", "own machine")}
    (by_machine, _) = report.totals(engine, "machine", "2026-11", **ASKED)
    assert (by_machine.name, by_machine.spent) == ("laptop", 1_001)


def test_a_clock_that_was_set_back_costs_nothing(engine):
    price(engine, Price("*", "hour", MICRO), since=NOW - timedelta(days=1))
    ran(engine, -30)
    assert own_hours.count(engine) == 1
    (only,) = report.newest(engine, most=9, by="ana")
    assert only.actual == 0


def test_an_attempt_that_was_cut_off_counts_to_its_last_heartbeat_on_its_own_machine(engine):
    """Taken by two workers, one after the other, the first of which was killed without a word."""
    price(engine, Price("*", "hour", MICRO), since=NOW - HOUR)
    told = {"kind": "train", "lane": "work", "payload": {"style": "props"}, "asked_by": "bo"}
    job = queue.submit(engine, **told, now=NOW)
    short = timedelta(minutes=1)
    assert leases.take(engine, "tower:7", "work", NOW, short).attempt == 1
    assert leases.beat(engine, job.id, 1, NOW + HOUR, short)
    assert own_hours.count(engine) == 0  # it runs, as far as anybody knows
    later = NOW + 5 * HOUR
    assert leases.take(engine, "laptop:3", "work", later, LEASE).attempt == 2
    assert not leases.finish(engine, job.id, 1, {}, later)  # who was only slow ends nothing
    queue.cancel(engine, job.id, "bo", later + HOUR)
    assert leases.drop(engine, job.id, 2, later + HOUR)
    assert own_hours.count(engine) == 2
    found = report.newest(engine, most=9, by="ana")
    assert [(one.machine, one.what, one.quantity) for one in found] == [
        ("laptop", f"job {job.id}, attempt 2", 3_600_000),
        ("tower", f"job {job.id}, attempt 1", 3_600_000),
    ]


def test_a_job_that_is_put_back_counts_each_of_its_attempts(engine):
    price(engine, Price("*", "hour", MICRO), since=NOW - HOUR)
    job = queue.submit(engine, kind="train", lane="work", payload={}, asked_by="bo", now=NOW)
    for attempt, begin in ((1, NOW), (2, NOW + 2 * HOUR)):
        leases.take(engine, "tower:7", "work", begin, LEASE)
        leases.beat(engine, job.id, attempt, begin + HOUR / 2, LEASE)
        assert leases.release(engine, job.id, attempt)
    queue.cancel(engine, job.id, "bo", NOW + 9 * HOUR)  # while it waits: no machine was at it
    assert own_hours.count(engine) == 2 and own_hours.count(engine) == 0
    found = report.newest(engine, most=9, by="ana")
    assert [one.actual for one in found] == [MICRO // 2, MICRO // 2]


def test_a_job_that_ran_while_the_studio_was_brought_up_to_date_goes_on_and_costs_nothing(engine):
    asked = {"kind": "train", "lane": "work", "payload": {"style": "props"}, "asked_by": "bo"}
    first, second = (queue.submit(engine, **asked, now=NOW) for _ in range(2))
    assert leases.take(engine, "tower:7", "work", NOW, LEASE).id == first.id
    with engine.begin() as connection:
        db.unmigrate(connection, "0025")  # as it was before the studio counted hours
    with db.writing(engine) as connection:
        db.migrate(connection)
    price(engine, Price("*", "hour", MICRO), since=NOW - HOUR)
    assert queue.get(engine, first.id).request_id == ""
    assert leases.beat(engine, first.id, 1, NOW + HOUR / 2, LEASE)
    assert leases.finish(engine, first.id, 1, {}, NOW + HOUR)
    assert own_hours.count(engine) == 0
    assert leases.take(engine, "tower:7", "work", NOW + HOUR, LEASE).id == second.id
    assert leases.finish(engine, second.id, 1, {}, NOW + 2 * HOUR)
    assert own_hours.count(engine) == 1
    (only,) = report.newest(engine, most=9, by="ana")
    assert (only.job, only.actual) == (second.id, MICRO)


@pytest.mark.parametrize(
    ("payload", "style"),
    [
        ({"style": "props"}, "props"),
        ({"sides": [{"style": "props", "version": 1}, {"style": "props", "version": 2}]}, "props"),
        ({"sides": [{"style": "props"}, {"style": "tiles"}]}, ""),
        ({"style": ["props"]}, ""),
        ({"style": None, "sides": "props"}, ""),
        ({"sides": ["props", 7]}, ""),
        ({}, ""),
    ],
)
def test_the_style_that_a_job_is_for(payload, style):
    assert own_hours.style_of(payload) == style


def test_what_an_approved_picture_cost(engine, tmp_path):
    ids = []
    for number in range(4):
        file = tmp_path / "generated" / "props" / "v1" / f"{number}.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGBA", (8, 8), (number, 0, 0, 255)).save(file)
        made = Made("props", 1, "pocket", "", "", "a gem", "", "", number, 4, 4.0, 1.0)
        kept = [Kept(file, made)]
        ids += gallery_table.record(engine, tmp_path, kept, by="bo", now=NOW)
    for id, said in zip(ids, ("approved", "approved", "approved", "rejected"), strict=True):
        turn = gallery_table.get(engine, id).turn
        judged = Judgement(said, ("blurry",) if said == "rejected" else (), "", None)
        verdicts.judge(engine, id, judged, by="bo", now=NOW, turn=turn)
    for key, style, amount in (("a", "props", 10), ("b", "tiles", 7), ("c", "", 3)):
        cost = Money(amount * MICRO, "EUR")
        by_hand.enter(engine, cost, "a licence", key=key, style=style, **ASKED)
    assert spending.approved(engine, "2026-11", **ASKED) == [
        PicturePrice("props", "EUR", 10 * MICRO, 3, 3_333_333),
        PicturePrice("tiles", "EUR", 7 * MICRO, 0, None),
    ]
    assert spending.approved(engine, "2026-10", **ASKED) == []
    assert spending.approved(engine, **ASKED)[0].approved == 3
    for id in ids[:3]:  # taken back: they count no more, and nothing is shared among none
        turn = gallery_table.get(engine, id).turn
        rejected = Judgement("rejected", ("blurry",), "", None)
        verdicts.judge(engine, id, rejected, by="bo", now=NOW, turn=turn)
    assert spending.approved(engine, **ASKED)[0].each is None

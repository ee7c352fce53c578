"""One call, paid once: its answer lost, found again, late, refused, or settled by a person."""

import itertools
from dataclasses import replace
from datetime import timedelta

import pytest

from studio import notifications
from studio.charges import calling, calls, charge, settling
from studio.charges.calling import Unconfirmed
from studio.charges.money import Money
from studio.database import engine as db
from studio.database import ledger
from studio.database.availability import DatabaseAway
from studio.errors import StudioError
from tests.charges.conftest import NOW, euros, meant, quote
from tests.charges.shop import Shop

PRICE = euros("0.08")
LATER = NOW + calls.PATIENCE + timedelta(seconds=1)


@pytest.fixture
def shop(tmp_path, limited):
    limited(10)
    (tmp_path / "shop").mkdir()
    return lambda mood="well", **more: Shop(tmp_path / "shop", PRICE, mood, **more)


def once(engine, shop, key="a", estimate="0.10"):
    return calling.once(engine, meant(key), quote(estimate), shop, lambda: NOW)


def test_an_answer_ends_it_and_asking_again_posts_nothing(engine, shop):
    made = once(engine, shop())
    assert (made.state, made.estimate, made.actual) == ("done", 100_000, 80_000)
    assert made.reference == f"shop-{made.token[:8]}" and made.amount == PRICE
    assert once(engine, shop()) == made and shop().posts == [made.token]


def test_a_call_that_costs_later_is_accepted_until_that_is_known(engine, shop):
    made = once(engine, shop(later=True))
    assert (made.state, made.actual, made.amount) == ("accepted", None, euros("0.10"))
    assert once(engine, shop(later=True)) == made
    done = calls.finish(engine, made.id, PRICE, now=NOW, reference=made.reference, measured=1_234)
    assert (done.state, done.actual, done.quantity) == ("done", 80_000, 1_234)
    assert calls.finish(engine, made.id, PRICE, now=NOW) == done  # heard twice
    with pytest.raises(StudioError, match="taken twice"):
        calls.accept(engine, made.id, "another", now=NOW)
    assert shop().posts == [made.token]


def test_a_refusal_costs_nothing_and_is_not_tried_again(engine, shop):
    made = once(engine, shop("refuses"))
    assert (made.state, made.actual) == ("failed", 0) and "422" in made.note
    assert once(engine, shop()) == made and len(shop().posts) == 1 and shop().bill == []


def test_a_lost_answer_is_found_again_by_our_token(engine, shop):
    with pytest.raises(Unconfirmed) as told:
        once(engine, shop("mute"))
    lost = told.value.charge
    assert lost.state == "unconfirmed" and "TimeoutError" in lost.note
    assert "may cost 0.10 EUR" in told.value.message and lost.token in told.value.remedy
    (notice,) = notifications.newest(engine)
    assert notice.event == "unconfirmed charge" and "0.10 EUR" in notice.text
    found = once(engine, shop())
    assert (found.id, found.state, found.actual) == (lost.id, "done", 80_000)
    assert shop().posts == [found.token] and shop().owed == found.actual


@pytest.mark.parametrize("looks_up", [True, False])
def test_what_the_provider_does_not_find_waits_for_a_person(engine, shop, looks_up):
    for _ in range(3):  # as a job's attempts
        with pytest.raises(Unconfirmed):
            once(engine, shop("deaf", looks_up=looks_up))
    assert len(shop().posts) == 1 and len(notifications.newest(engine)) == 1
    (lost,) = settling.unconfirmed(engine)
    told = {"why": "their support says it never came", "by": "ana", "now": NOW}
    with pytest.raises(StudioError, match="counted in EUR"):
        settling.settle(engine, lost.id, Money(0, "USD"), **told)
    done = settling.settle(engine, lost.id, euros("0"), **told)
    assert (done.state, done.actual, done.settled_by) == ("settled", 0, "ana")
    assert settling.settle(engine, lost.id, euros("0"), **told) == done  # sent twice
    with pytest.raises(StudioError, match="is settled"):
        settling.settle(engine, lost.id, euros("1"), **told)
    assert once(engine, shop()) == done and len(shop().posts) == 1
    assert settling.unconfirmed(engine) == []
    row = ledger.rows(engine)[-1]
    assert (row.action, row.style) == ("settle charge", "props")
    assert row.reason.startswith("a mesh for a at 0.00 EUR, estimated at 0.10 EUR: their support")


def test_what_was_settled_by_mistake_is_settled_anew_by_who_names_the_mistake(engine, shop):
    with pytest.raises(Unconfirmed) as lost:
        once(engine, shop("deaf"))
    id, told = lost.value.charge.id, {"by": "ana", "now": NOW}
    settling.settle(engine, id, euros("8"), why="on their bill", **told)
    for wrong in (None, euros("7"), Money(8_000_000, "USD")):
        with pytest.raises(StudioError, match="settled: it cost 8.00 EUR"):
            settling.settle(engine, id, PRICE, instead_of=wrong, why="a slip", **told)
    done = settling.settle(engine, id, PRICE, instead_of=euros("8"), why="a slip", **told)
    assert (done.state, done.actual, done.why) == ("settled", 80_000, "a slip")
    row = ledger.rows(engine)[-1]
    assert row.reason == "a mesh for a at 0.08 EUR, settled at 8.00 EUR before: a slip"
    known = once(engine, shop(), "b")
    with pytest.raises(StudioError, match="is done"):  # what an answer said stays
        settling.settle(engine, known.id, euros("0"), instead_of=PRICE, why="a slip", **told)


def test_a_late_answer_takes_the_place_of_what_a_person_settled(engine, shop):
    with pytest.raises(Unconfirmed):
        once(engine, shop("mute"))
    (lost,) = settling.unconfirmed(engine)
    settling.settle(engine, lost.id, euros("0"), why="not on the bill", by="ana", now=NOW)
    calls.accept(engine, lost.id, "shop-1", now=NOW)
    assert charge.get(engine, lost.id).state == "settled"
    done = calls.finish(engine, lost.id, PRICE, now=NOW)
    assert (done.state, done.actual, done.reference) == ("done", 80_000, "shop-1")
    assert "ana had settled it at 0.00 EUR" in notifications.newest(engine)[0].text


@pytest.mark.parametrize("step", ["reserve", "send", "finish"])
def test_a_disk_that_is_full_at_a_step_pays_nothing_twice(engine, shop, monkeypatch, step):
    def full(*given, **more):
        raise DatabaseAway("The disk is full.", "Make room.")

    with monkeypatch.context() as patched:
        patched.setattr(calls, step, full)
        with pytest.raises(DatabaseAway):
            once(engine, shop())
    assert len(shop().posts) == (step == "finish")
    made = once(engine, shop())
    assert (made.state, made.actual) == ("done", 80_000)
    assert shop().posts == [made.token] == shop().bill
    assert notifications.newest(engine) == []


def test_who_dies_after_sending_leaves_a_call_that_the_watcher_tells_of(engine, shop):
    made = calls.reserve(engine, meant("a"), quote("0.10"), now=NOW)
    other = calls.reserve(engine, meant("b"), quote("0.10"), now=NOW)
    assert calls.send(engine, made.id, now=NOW)
    assert calls.overdue(engine, NOW) == 0
    assert calls.overdue(engine, LATER) == 2 and calls.overdue(engine, LATER) == 0
    assert [charge.get(engine, one.id).state for one in (made, other)] == [
        "unconfirmed",
        "released",
    ]


def test_a_call_is_noted_as_sent_in_a_transaction_of_its_own(engine, shop):
    made = calls.reserve(engine, meant("a"), quote("0.10"), now=NOW)
    with pytest.raises(ValueError, match="of its own"):
        with db.writing(engine):
            calls.send(engine, made.id, now=NOW)
    assert charge.get(engine, made.id).state == "estimated"


def test_a_bill_in_another_currency_is_named_and_nothing_is_converted(engine, shop):
    made = once(engine, shop(later=True))
    with pytest.raises(StudioError, match="counted in EUR, and an amount in USD"):
        calls.finish(engine, made.id, Money(80_000, "USD"), now=NOW)
    assert charge.get(engine, made.id).state == "accepted"


def test_calls_with_failures_equal_the_bill_to_the_micro_unit(engine, shop):
    moods = ("well", "well", "refuses", "mute", "well", "deaf")
    known = 0
    for number in range(60):
        key = f"call {number}"
        try:
            known += once(engine, shop(moods[number % len(moods)]), key).actual
        except Unconfirmed as error:
            if error.charge.token in shop().bill:
                known += once(engine, shop(), key).actual
            else:
                told = {"why": "not on the bill", "by": "ana", "now": NOW}
                settling.settle(engine, error.charge.id, euros("0"), **told)
    assert known == shop().owed == 40 * 80_000 and len(shop().posts) == 60


@pytest.mark.parametrize(
    ("cost", "said"),
    [(Money(80_000, "USD"), "an amount in USD"), (Money(-80_000, "EUR"), "-0.08 EUR is no amount")],
)
def test_an_answer_that_cannot_be_counted_is_shown_to_people_at_once(engine, shop, cost, said):
    odd = replace(shop(), price=cost)
    for _ in range(2):  # the second finds it by its token, and posts nothing
        with pytest.raises(StudioError, match=said):
            once(engine, odd)
    (lost,) = settling.unconfirmed(engine)
    assert lost.note.startswith(f"shop took it as shop-{lost.token[:8]}: ") and said in lost.note
    assert len(notifications.newest(engine)) == 1 and odd.posts == [lost.token]


def test_money_that_is_released_before_the_call_is_held_anew(engine, shop):
    """As a process finds it that was asleep between the two."""
    minutes = [0, 11, 11, 11, 11]
    made = calling.once(
        engine,
        meant("a"),
        quote("0.10"),
        shop(),
        lambda: NOW + timedelta(minutes=minutes.pop(0)),
    )
    assert made.state == "done" and shop().posts == [made.token]
    clock = itertools.count()
    with pytest.raises(StudioError, match="was not sent"):
        calling.once(
            engine,
            meant("b"),
            quote("0.10"),
            shop(),
            lambda: NOW + timedelta(minutes=11 * next(clock)),
        )
    assert len(shop().posts) == 1

"""Limits: who is refused, with what is left; and that no two who ask at once both pass."""

import random
import subprocess
import sys
import threading
from datetime import datetime, timedelta, timezone

import pytest
from argon2 import PasswordHasher

from studio.accounts import passwords, people
from studio.accounts.rights import Actor
from studio.charges import calls, charge, limits, report
from studio.charges.limits import LimitReached
from studio.charges.money import MICRO, Money
from studio.charges.prices import Quote
from studio.database import engine as db
from studio.database import ledger
from studio.errors import StudioError
from studio.settings import CHECKOUT
from tests.charges.conftest import NOW, euros, meant, quote


def reserve(engine, key, amount, now=NOW, **whom):
    return calls.reserve(engine, meant(key, **whom), quote(amount), now=now)


def test_nothing_is_spent_without_a_limit_in_its_currency(engine, limited):
    with pytest.raises(LimitReached, match="no limit is set for EUR") as told:
        reserve(engine, "a", "0.01")
    assert "python -m studio costs limit" in told.value.remedy
    limited(5, code="USD")
    with pytest.raises(LimitReached, match="no limit is set for EUR"):
        reserve(engine, "a", "0.01")
    limited(5)
    assert reserve(engine, "a", "0.01").state == "estimated"


def test_each_limit_holds_for_itself_and_says_what_is_left(engine, limited):
    limited(10)
    limited(4, "style", "props")
    limited(3, "person", "*")
    limited(6, "person", "cleo")
    reserve(engine, "a", "2.50")
    with pytest.raises(LimitReached) as told:
        reserve(engine, "b", "0.51")
    assert told.value.message == (
        "This may cost 0.51 EUR. Of the 3.00 EUR that person bo may cost in 2026-11, "
        "0.50 EUR is left."
    )
    with pytest.raises(LimitReached, match="style props may cost in 2026-11, 1.50 EUR is left"):
        reserve(engine, "c", "1.51", person="cleo")
    reserve(engine, "d", "6", person="cleo", style="tiles")
    with pytest.raises(LimitReached, match="all calls may cost in 2026-11, 1.50 EUR is left"):
        reserve(engine, "e", "1.51", person="dan", style="tiles")
    reserve(engine, "e", "1.5", person="dan", style="tiles")
    with pytest.raises(LimitReached, match="nothing is left"):
        reserve(engine, "f", "0.000001", person="eve", style="")


def test_a_month_begins_anew_and_currencies_know_nothing_of_each_other(engine, limited):
    limited(1)
    limited(100, code="JPY")
    reserve(engine, "a", "1")
    yen = Quote(Money(100 * MICRO, "JPY"))
    calls.reserve(engine, meant("yen"), yen, now=NOW)
    with pytest.raises(LimitReached):
        reserve(engine, "b", "0.01")
    assert reserve(engine, "b", "1", now=NOW + timedelta(days=20)).month == "2026-12"


def test_a_month_ends_by_utc_and_a_call_counts_where_it_was_estimated(engine, limited):
    limited(1)
    tokyo = timezone(timedelta(hours=9))
    end = datetime(2026, 12, 1, 8, 59, 59, tzinfo=tokyo)
    begin = end + timedelta(seconds=1)
    last = reserve(engine, "a", "1", now=end)
    with pytest.raises(LimitReached, match="2026-11, nothing is left"):
        reserve(engine, "b", "0.01", now=end)
    assert (last.month, reserve(engine, "b", "1", now=begin).month) == ("2026-11", "2026-12")
    assert calls.send(engine, last.id, now=begin)
    assert calls.finish(engine, last.id, euros("0.40"), now=begin).month == "2026-11"
    assert [limits.standing(engine, now)[0].used for now in (end, begin)] == [400_000, MICRO]
    again = reserve(engine, "c", "0.60", now=end)
    late = begin + calls.HOLD
    assert reserve(engine, "c", "0", now=late).month == "2026-12" and again.month == "2026-11"


def test_a_limit_is_changed_with_a_reason_by_who_saw_it(engine, limited):
    limited(1)
    limited(2)
    told = {"by": "ana", "now": NOW}
    with pytest.raises(StudioError, match="ana changed it on 2026-11-20"):
        limits.save(engine, "studio", "", "EUR", 9, after=1, why="as agreed", **told)
    with pytest.raises(StudioError, match="reason has 0"):
        limits.save(engine, "studio", "", "EUR", 9, after=2, why=" ", **told)
    with pytest.raises(StudioError, match="without a name"):
        limits.save(engine, "style", " ", "EUR", 9, after=0, why="as agreed", **told)
    limited(None)
    with pytest.raises(LimitReached, match="no limit is set"):
        reserve(engine, "a", "0.01")
    limited(3)
    assert [row.reason for row in ledger.rows(engine)] == [
        "all calls, no limit to 1.00 EUR: as agreed",
        "all calls, 1.00 EUR to 2.00 EUR: as agreed",
        "all calls, 2.00 EUR to no limit: as agreed",
        "all calls, no limit to 3.00 EUR: as agreed",
    ]
    assert limits.seen(engine) == {("studio", "", "EUR"): 4}


def test_a_limit_is_for_somebody_who_is_there_by_the_name_that_charges_have(
    engine, limited, monkeypatch
):
    monkeypatch.setattr(passwords, "_HASHER", PasswordHasher(1, 8, 1))
    lea = Actor("Lea", "producer")
    told = {"by": Actor("x", "admin"), "now": NOW, "password": "three or four words"}
    people.add(engine, "Bo", "artist", **told)
    limited(9)
    asked = {"after": 0, "why": "as agreed", "by": lea, "now": NOW}
    with pytest.raises(StudioError, match="nobody named 'Bob'"):
        limits.save(engine, "person", "Bob", "EUR", MICRO, **asked)
    assert limits.save(engine, "person", " bo ", "EUR", MICRO, **asked).name == "Bo"
    assert limits.save(engine, "person", "*", "EUR", MICRO, **asked).name == "*"
    assert limits.save(engine, "style", "unborn", "EUR", MICRO, **asked).name == "unborn"
    with pytest.raises(LimitReached, match="person Bo may cost"):
        reserve(engine, "a", "1.01", person=Actor("Bo", "artist"))


def test_an_estimate_that_is_not_sent_holds_its_money_for_minutes_only(engine, limited):
    limited(1)
    first = reserve(engine, "a", "1")
    with pytest.raises(LimitReached):
        reserve(engine, "b", "1")
    later = NOW + calls.HOLD + timedelta(seconds=1)
    assert not calls.send(engine, first.id, now=later)
    second = reserve(engine, "b", "1", now=later)
    with pytest.raises(LimitReached):
        reserve(engine, "a", "1", now=later)
    calls.release(engine, second.id, now=later)
    again = reserve(engine, "a", "1", now=later)
    assert (again.id, again.token) == (first.id, first.token)
    assert calls.send(engine, again.id, now=later)


def test_a_clock_that_is_behind_passes_no_limit(engine, limited):
    """What counts no more by one machine's clock can't be sent by another's."""
    limited(1)
    behind = NOW - timedelta(minutes=20)
    first = reserve(engine, "a", "1", now=behind)
    second = reserve(engine, "b", "1")
    assert not calls.send(engine, first.id, now=behind)
    assert calls.send(engine, second.id, now=NOW)
    assert charge.get(engine, first.id).state == "released"
    with pytest.raises(LimitReached):
        reserve(engine, "a", "1", now=behind)


def test_an_actual_above_its_estimate_leaves_less_for_the_next(engine, limited):
    limited(1)
    one = reserve(engine, "a", "0.50")
    assert calls.send(engine, one.id, now=NOW)
    calls.finish(engine, one.id, euros("1.20"), now=NOW)
    with pytest.raises(LimitReached, match=r"nothing is left \(0.20 EUR beyond it\)"):
        reserve(engine, "b", "0.01")
    (standing,) = limits.standing(engine, NOW)
    assert (standing.limit.amount, standing.used) == (MICRO, 1_200_000)


@pytest.mark.parametrize("seed", range(2))
def test_whatever_happens_no_limit_is_passed_and_the_sums_are_right(engine, limited, seed):
    """Random steps, against a plain model of what each charge counts."""
    rng, now, counts = random.Random(seed), NOW, dict[int, tuple[str, str, int]]()
    held = {("studio", ""): 20, ("style", "props"): 9, ("person", "bo"): 8, ("person", "*"): 6}
    for (scope, name), amount in held.items():
        limited(amount, scope, name)

    def used(scope, name):
        place = {"studio": lambda one: True, "style": lambda one: one[0] == name}
        of = place.get(scope, lambda one: one[1] == name)
        return sum(one[2] for one in counts.values() if of(one))

    for step in range(50):
        person, style = rng.choice(["bo", "cy", "di"]), rng.choice(["props", "tiles", ""])
        micros = rng.randrange(1, 3 * MICRO)
        fits = (
            used("studio", "") + micros <= 20 * MICRO
            and (style != "props" or used("style", style) + micros <= 9 * MICRO)
            and used("person", person) + micros <= held.get(("person", person), 6) * MICRO
        )
        try:
            made = calls.reserve(
                engine, meant(f"{step}", person, style), Quote(Money(micros, "EUR")), now=now
            )
        except LimitReached:
            assert not fits
        else:
            assert fits
            counts[made.id] = (style, person, micros)
        for id in rng.sample(sorted(counts), min(2, len(counts))):
            _one_step(engine, rng, id, counts, now)
    total = sum(one[2] for one in counts.values())
    (found,) = report.totals(engine, "source", by="ana", now=now)
    assert found.spent + found.open + found.unconfirmed == total
    by_style = {one.name: one for one in report.totals(engine, "style", by="ana", now=now)}
    for name, one in by_style.items():
        assert one.spent + one.open + one.unconfirmed == used("style", name)


def _one_step(engine, rng, id, counts, now):
    """A charge goes on; `counts` is told what it counts from then on."""
    style, person, micros = counts[id]
    actual = rng.randrange(micros + 1)
    match charge.get(engine, id).state:
        case "estimated" if rng.random() < 0.3:
            calls.release(engine, id, now=now)
            counts[id] = (style, person, 0)
        case "estimated":
            assert calls.send(engine, id, now=now) and not calls.send(engine, id, now=now)
        case "sent" if rng.random() < 0.3:
            calls.lose(engine, id, now=now, note="reset")
        case "sent":
            calls.accept(engine, id, f"n{id}", now=now)
        case "accepted" | "unconfirmed" if rng.random() < 0.8:
            calls.finish(engine, id, Money(actual, "EUR"), now=now)
            counts[id] = (style, person, actual)
        case "accepted" | "unconfirmed":
            calls.fail(engine, id, Money(0, "EUR"), now=now, note="moderated")
            counts[id] = (style, person, 0)


def test_of_many_threads_exactly_as_many_pass_as_the_limit_has_room_for(
    either_database, engine, limited
):
    limited(1)
    passed, ready = list[str](), threading.Barrier(8)

    def ask(thread: int) -> None:
        ready.wait()
        for number in range(5):
            key = f"{thread}/{number}"
            try:
                passed.append(reserve(engine, key, "0.07").key)
            except LimitReached:
                pass

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(passed) == len(set(passed)) == 14  # 14 * 0.07 = 0.98
    (standing,) = limits.standing(engine, NOW)
    assert standing.used == 980_000


ASKER = """
import sys
from datetime import datetime
from pathlib import Path
from studio.charges import calls
from studio.charges.calls import Meant
from studio.charges.limits import LimitReached
from studio.charges.money import Money
from studio.charges.prices import Quote
from studio.database import engine as db
engine = db.open_database(Path(sys.argv[1]), sys.argv[2] or None)
now = datetime.fromisoformat(sys.argv[4])
print("ready", flush=True)
sys.stdin.readline()
passed = 0
for number in range(12):
    meant = Meant(f"{sys.argv[3]} {number}", "mesh", "a mesh", "shop", "bo", "props")
    try:
        charge = calls.reserve(engine, meant, Quote(Money(70_000, "EUR")), now=now)
    except LimitReached:
        continue
    passed += calls.send(engine, charge.id, now=now)
print(passed)
"""


@pytest.mark.slow  # each process loads what a studio is
def test_of_several_processes_too(either_database, engine, limited, url_of, tmp_path):
    limited(1)
    words = [sys.executable, "-c", ASKER, str(tmp_path / "home"), url_of(engine)]
    askers = [
        subprocess.Popen(
            [*words, f"process {number}", NOW.isoformat()],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=CHECKOUT,
        )
        for number in range(3)
    ]
    for asker in askers:
        assert asker.stdout.readline() == "ready\n"
    for asker in askers:
        asker.stdin.write("\n")
        asker.stdin.flush()
    passed = [int(asker.communicate(timeout=120)[0]) for asker in askers]
    assert sum(passed) == 14
    with engine.connect() as connection:
        states = connection.execute(db.sa.text("SELECT state, COUNT(*) FROM charges GROUP BY 1"))
        assert [tuple(row) for row in states] == [("sent", 14)]


def test_one_key_is_one_call_and_is_sent_by_one(either_database, engine, limited):
    limited(10)
    sent, ready = list[bool](), threading.Barrier(6)

    def ask() -> None:
        ready.wait()
        made = reserve(engine, "the same", "1")
        sent.append(calls.send(engine, made.id, now=NOW))

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(sent) == [False] * 5 + [True]
    (standing,) = limits.standing(engine, NOW)
    assert standing.used == MICRO

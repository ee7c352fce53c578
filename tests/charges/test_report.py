"""What was spent: totals, one-time costs, and the CSV."""

import csv
import io
from dataclasses import replace

import pytest

from studio.accounts.rights import Actor, NotAllowed
from studio.charges import by_hand, calls, report
from studio.charges.money import Money
from studio.charges.report import Total
from studio.database import ledger
from studio.errors import StudioError
from tests.charges.conftest import NOW, euros, meant, quote

ASKED = {"by": "ana", "now": NOW}


@pytest.fixture
def spent(engine, limited):
    """Of each state one, and a one-time cost of the month before."""
    limited(100)
    made = [
        calls.reserve(engine, meant(key, person, style), quote(amount), now=NOW)
        for key, person, style, amount in (
            ("done", "bo", "props", "1"),
            ("lost", "bo", "props", "2"),
            ("under way", "cy", "tiles", "4"),
            ("released", "cy", "tiles", "8"),
        )
    ]
    for one in made[:3]:
        assert calls.send(engine, one.id, now=NOW)
    calls.finish(engine, made[0].id, euros("0.75"), now=NOW)
    calls.lose(engine, made[1].id, now=NOW, note="=reset")
    calls.release(engine, made[3].id, now=NOW)
    by_hand.enter(
        engine, euros("60"), "a licence", key="k", month="2026-10", style="props", **ASKED
    )
    by_hand.enter(engine, Money(9_000_000, "JPY"), "a brush", key="l", **ASKED)
    return made


def test_totals_tell_what_is_known_under_way_and_unconfirmed(engine, spent):
    assert report.months(engine) == ["2026-11", "2026-10"]
    assert report.totals(engine, "style", "2026-11", **ASKED) == [
        Total("", "JPY", 9_000_000, 0, 0, 1),
        Total("props", "EUR", 750_000, 0, 2_000_000, 2),
        Total("tiles", "EUR", 0, 4_000_000, 0, 1),
    ]
    assert report.totals(engine, "month", **ASKED) == [
        Total("2026-10", "EUR", 60_000_000, 0, 0, 1),
        Total("2026-11", "EUR", 750_000, 4_000_000, 2_000_000, 3),
        Total("2026-11", "JPY", 9_000_000, 0, 0, 1),
    ]
    found = {one.name: one for one in report.totals(engine, "person", "2026-11", **ASKED)}
    assert found["cy"].open == 4_000_000 and found["bo"].spent == 750_000
    assert [one.name for one in report.totals(engine, "kind", **ASKED)] == [
        "mesh",
        "one-time",
        "one-time",
    ]
    with pytest.raises(NotAllowed):
        report.totals(engine, "style", by=Actor("vi", "artist"), now=NOW)


def test_a_one_time_cost_is_entered_once_and_can_be_taken_back(engine, spent):
    again = by_hand.enter(engine, euros("60"), "a licence", key="k", **ASKED)
    assert again.month == "2026-10"
    gone = by_hand.withdraw(engine, again.id, why="typed twice", **ASKED)
    assert gone.state == "withdrawn" and gone.amount == euros("0")
    assert report.totals(engine, "style", "2026-10", **ASKED) == []
    assert [row.action for row in ledger.rows(engine)][1:] == [
        "enter cost",
        "enter cost",
        "withdraw cost",
    ]
    with pytest.raises(StudioError, match="not entered by hand"):
        by_hand.withdraw(engine, spent[0].id, why="typed twice", **ASKED)
    for wrong, said in (({"month": "2026-13"}, "no month"), ({"what": " x"}, "1 characters")):
        told = {"what": "a licence", **wrong}
        with pytest.raises(StudioError, match=said):
            by_hand.enter(engine, euros("1"), told.pop("what"), key="m", **told, **ASKED)


def test_the_csv_has_every_charge_and_no_formula(engine, spent):
    file = io.StringIO()
    assert report.write_csv(engine, file, by="ana") == 6
    rows = list(csv.DictReader(io.StringIO(file.getvalue())))
    assert list(rows[0]) == list(report.COLUMNS)
    assert [row["amount"] for row in rows] == ["0.75", "2.00", "4.00", "0.00", "60.00", "9"]
    assert rows[0]["estimate"] == "1.00" and rows[1]["note"] == "'=reset"
    assert rows[1]["actual"] == "" and rows[1]["token"] == spent[1].token
    november = io.StringIO()
    assert report.write_csv(engine, november, "2026-11", by="ana") == 5


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", " =1", "\t=1", "\r1", "\n1", "\uff1d1", "\u00a0-1"]
)
def test_no_text_of_the_csv_begins_as_a_formula(engine, limited, text):
    limited(1)
    odd = replace(meant("a", text, text), what=text, provider=text, kind=text, machine=text)
    made = calls.reserve(engine, odd, quote("1"), now=NOW)
    assert calls.send(engine, made.id, now=NOW)
    calls.lose(engine, made.id, now=NOW, note=text)
    file = io.StringIO()
    report.write_csv(engine, file, by="ana")
    (row,) = csv.DictReader(io.StringIO(file.getvalue(), newline=""))
    told = ("kind", "what", "style", "person", "machine", "provider", "note")
    assert [row[name] for name in told] == [f"'{text}"] * len(told)


@pytest.mark.parametrize("month", ["2026-13", "november", "2026-1", "\u0662026-11"])
def test_a_month_that_is_none_is_named_rather_than_found_empty(engine, spent, month):
    for look in (
        lambda: report.totals(engine, "style", month, **ASKED),
        lambda: report.newest(engine, month, most=1, by="ana"),
        lambda: report.write_csv(engine, io.StringIO(), month, by="ana"),
    ):
        with pytest.raises(StudioError, match="is no month"):
            look()


def test_the_newest_are_found_by_month_state_and_source(engine, spent):
    told = {"most": 10, "by": "ana"}
    (lost,) = report.newest(engine, state="unconfirmed", **told)
    assert lost.id == spent[1].id
    by_source = report.newest(engine, source="by hand", **told)
    assert [one.what for one in by_source] == ["a brush", "a licence"]
    assert len(report.newest(engine, "2026-11", most=2, by="ana")) == 2

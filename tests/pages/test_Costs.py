"""The page Costs: what was spent, limits and prices set, a lost call settled, by who may."""

from datetime import timedelta

import pytest

from studio import context
from studio.accounts.rights import Actor
from studio.charges import by_hand, calls, charge, limits, prices, report
from studio.charges.calls import Meant
from studio.charges.money import MICRO, Money
from studio.charges.prices import Quote
from studio.web import ui


@pytest.fixture
def spent(studio):
    """A call of each kind: known, and lost."""
    told = {"by": "ana", "now": context.now()}
    limits.save(studio.engine, "studio", "", "EUR", 20 * MICRO, after=0, why="as agreed", **told)
    made = []
    for key, style in (("known", "props"), ("lost", "tiles")):
        meant = Meant(key, "mesh", f"a mesh, {key}", "shop", "bo", style)
        now = context.now()
        one = calls.reserve(studio.engine, meant, Quote(Money(2 * MICRO, "EUR")), now=now)
        assert calls.send(studio.engine, one.id, now=now)
        made.append(one)
    calls.finish(studio.engine, made[0].id, Money(1_250_000, "EUR"), now=context.now())
    calls.lose(studio.engine, made[1].id, now=context.now(), note="connection reset")
    return made


def write(at, **fields):
    """Types into fields by what their keys end with."""
    for name, value in fields.items():
        (one,) = [w for w in (*at.text_input, *at.text_area) if (w.key or "").endswith(f" {name}")]
        one.set_value(value)
    at.run()


def press(at, label):
    next(one for one in at.button if one.label == label).click()
    return at.run()


def texts(at) -> str:
    told = (*at.markdown, *at.caption, *at.info, *at.warning, *at.error, *at.success)
    return "\n".join(str(one.value) for one in told).replace("\\", "")


def test_what_was_spent_is_shown_by_what_is_chosen(open_page, studio, spent):
    at = open_page("Costs", by="style")
    assert [one.value for one in at.metric] == ["1.25"]
    rows = at.dataframe[0].value.to_dict("records")
    assert [(row["style"], row["spent"], row["unconfirmed"]) for row in rows] == [
        ("props", "1.25", ""),
        ("tiles", "0.00", "2.00"),
    ]
    each = at.dataframe[1].value.to_dict("records")
    assert each[0]["cost"] == "1.25" and each[0]["each"] == ""
    assert "Unconfirmed calls: 1." in texts(at)
    at.selectbox(key="by").set_value("person").run()
    assert at.dataframe[0].value["person"].tolist() == ["bo"]
    at = open_page("Costs", month="All months", show="Charges", state="unconfirmed")
    assert at.dataframe[0].value["what"].tolist() == ["a mesh, lost"]


def test_a_lost_call_is_settled_with_a_reason(open_page, studio, spent):
    at = open_page("Costs", show="Unconfirmed")
    assert "may cost **2.00 EUR**" in texts(at) and at.code[0].value == spent[1].token
    write(at, amount="0,50", why="on their bill")
    press(at, "Settle")
    assert "'0,50' is no amount" in texts(at)
    assert charge.get(studio.engine, spent[1].id).state == "unconfirmed"
    write(at, amount="0.50")  # what else was typed is there still
    press(at, "Settle")
    found = charge.get(studio.engine, spent[1].id)
    assert (found.state, found.actual, found.settled_by) == ("settled", 500_000, "ana")
    assert found.why == "on their bill" and "Every call is confirmed" in texts(at)


def test_a_call_that_was_taken_and_whose_cost_nobody_said_is_settled_after_a_day(open_page, studio):
    told = {"by": "ana", "now": context.now()}
    limits.save(studio.engine, "studio", "", "EUR", 20 * MICRO, after=0, why="as agreed", **told)
    for key, days in (("late", 2), ("new", 0)):
        then = context.now() - timedelta(days=days)
        meant = Meant(key, "mesh", f"a mesh, {key}", "shop", "bo", "props")
        one = calls.reserve(studio.engine, meant, Quote(Money(MICRO, "EUR")), now=then)
        assert calls.send(studio.engine, one.id, now=then)
        calls.accept(studio.engine, one.id, f"shop-{key}", now=then)
    at = open_page("Costs", show="Unconfirmed")
    assert "its number there is shop-late" in texts(at) and "shop-new" not in texts(at)
    assert "over a day ago" in texts(at)
    write(at, amount="0.5", why="on their bill")
    press(at, "Settle")
    settled, waits = report.newest(studio.engine, most=9, by="ana")[::-1]
    assert (settled.state, settled.actual, waits.state) == ("settled", MICRO // 2, "accepted")
    assert "over a day ago" not in texts(at)


def test_a_limit_is_set_raised_and_taken_away(open_page, studio):
    at = open_page("Costs", show="Limits", scope="person")
    assert "No limit is set" in texts(at)
    for amount, wanted in (("5", 5 * MICRO), ("7.5", 7_500_000), ("none", None)):
        write(at, name="*", amount=amount, currency="eur", why="as agreed")
        press(at, "Set the limit")
        assert limits.current(studio.engine, "person", "*", "EUR").amount == wanted
    write(at, name="", amount="1", why="as agreed")
    press(at, "Set the limit")
    assert "without a name" in texts(at)


def test_a_style_that_is_not_there_yet_is_told_of(open_page, studio):
    at = open_page("Costs", show="Limits", scope="style")
    for name, told in (("porps", True), ("*", False), ("", False)):
        write(at, name=name)
        assert ("No style porps has a version yet" in texts(at)) is told
    at = open_page("Costs", show="One-time costs")
    assert "has a version yet" not in texts(at)
    write(at, style="porps")
    assert "No style porps has a version yet" in texts(at)


def test_prices_are_saved_as_versions(open_page, studio):
    at = open_page("Costs", show="Prices", list=prices.OWN)
    write(at, prices="tower, hour, 0.35", why="power and wear")
    press(at, "Save the prices")
    (first,) = prices.versions(studio.engine, prices.OWN)
    assert first.price("tower").micros == 350_000 and first.currency == "EUR"
    at = open_page("Costs", show="Prices", list=prices.OWN)
    write(at, prices="tower, hour, 0.4\n*, hour, 0.1", why="dearer", since="someday")
    press(at, "Save the prices")
    assert "'someday' is no day" in texts(at)
    write(at, since="")
    press(at, "Save the prices")
    assert [one.version for one in prices.versions(studio.engine, prices.OWN)] == [2, 1]
    assert at.dataframe[0].value["version"].tolist() == [2, 1]


def test_a_one_time_cost_is_entered_and_taken_back(open_page, studio):
    at = open_page("Costs", show="One-time costs")
    write(at, what="a licence", amount="60", month="2026-10")
    press(at, "Enter")
    (one,) = report.newest(studio.engine, most=9, by="ana")
    assert (one.what, one.actual, one.month) == ("a licence", 60 * MICRO, "2026-10")
    write(at, why="typed twice")
    press(at, "Take back")
    assert charge.get(studio.engine, one.id).state == "withdrawn"


@pytest.mark.slow
def test_who_may_look_changes_nothing_and_who_may_not_sees_nothing(
    open_page, studio, spent, monkeypatch
):
    told = {"by": "ana", "now": context.now()}
    by_hand.enter(studio.engine, Money(MICRO, "EUR"), "a licence", key="k", **told)
    monkeypatch.setattr(ui, "person", lambda: Actor("lea", "art lead"))
    for show, label in (
        ("Unconfirmed", "Settle"),
        ("Limits", "Set the limit"),
        ("Prices", "Save the prices"),
        ("One-time costs", "Enter"),
        ("One-time costs", "Take back"),
    ):
        at = open_page("Costs", show=show)
        (button,) = [one for one in at.button if one.label == label]
        assert button.disabled and "producers" in button.help
        fields = [*at.main.text_input, *at.main.text_area]
        assert fields and all(one.disabled for one in fields)
    monkeypatch.setattr(ui, "person", lambda: Actor("art", "artist"))
    at = open_page("Costs")
    assert "Costs are for art leads" in texts(at)
    assert not at.main.dataframe and not at.main.text_input

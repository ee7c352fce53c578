"""Price lists: versions that are kept, each from its day on."""

from datetime import timedelta

import pytest

from studio.charges import prices
from studio.charges.money import MOST, Money
from studio.charges.prices import OWN, Price
from studio.database import ledger
from studio.errors import StudioError
from tests.charges.conftest import NOW

CALL = Price("mesh", "call", 80_000)


def save(engine, *given, name="meshes", code="USD", after=0, **more):
    told = {"why": "their page", "by": "ana", "now": NOW, **more}
    return prices.save(engine, name, code, given, after=after, **told)


def test_each_change_is_a_version_and_holds_from_its_day(engine):
    first = save(engine, CALL, source="their page, 2 Nov")
    assert save(engine, CALL, source="their page, 2 Nov") == first  # nothing changed
    later = NOW + timedelta(days=30)
    second = save(engine, Price("mesh", "call", 90_000), after=1, since=later)
    assert (first.version, second.version) == (1, 2)
    assert prices.in_force(engine, "meshes", NOW) == first
    quote = prices.in_force(engine, "meshes", later).quote("mesh", 3)
    assert (quote.money, quote.price_list, quote.version) == (Money(270_000, "USD"), "meshes", 2)
    assert prices.versions(engine, "meshes") == [second, first]
    assert prices.newest(engine) == [second]
    assert [row.reason for row in ledger.rows(engine)] == [
        "meshes@1: their page",
        "meshes@2: their page",
    ]


def test_what_can_not_be_is_named(engine):
    save(engine, CALL)
    with pytest.raises(StudioError, match="version 1, by ana by now, not none"):
        save(engine, Price("mesh", "call", 1))
    with pytest.raises(StudioError, match="holds from 2026-11-20"):
        save(engine, CALL, after=1, since=NOW - timedelta(days=1))
    with pytest.raises(StudioError, match="There is no price list 'mesh'"):
        prices.in_force(engine, "mesh", NOW)
    with pytest.raises(StudioError, match="that holds now"):
        prices.in_force(engine, "meshes", NOW - timedelta(seconds=1))
    with pytest.raises(StudioError, match="no price of 'mash'") as told:
        prices.in_force(engine, "meshes", NOW).quote("mash", 1)
    assert "mesh" in told.value.remedy
    for wrong, said in (
        ([], "0 prices"),
        ([Price("a", "call", 1), Price("a", "call", 2)], "two prices"),
        ([Price("a", "week", 1)], "'week'"),
        ([Price("a@1", "call", 1)], "a@1"),
        ([Price("a", "call", -1)], "out of bounds"),
        ([Price("a", "hour", MOST + 1)], "0 to 1,000,000,000 for one hour"),
        ([Price("a", "second", MOST // 1_000 + 1)], "0 to 1,000,000 for one second"),
    ):
        with pytest.raises(StudioError, match=said):
            save(engine, *wrong, name="others")
    with pytest.raises(StudioError, match="by their time"):
        save(engine, CALL, name=OWN)
    with pytest.raises(StudioError, match="reason has 2"):
        save(engine, CALL, name="others", why="ok")
    assert [one.name for one in prices.newest(engine)] == ["meshes"]

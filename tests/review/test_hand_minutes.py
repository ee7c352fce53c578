"""Minutes by hand: said once, changed with a reason, never over another's head."""

from datetime import UTC, datetime

import pytest

from studio.accounts.rights import Actor, NotAllowed
from studio.database import ledger
from studio.errors import ChangedMeanwhile, StudioError
from studio.review import hand_minutes

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def put(engine, category, minutes, before=None, why="as timed", by="lea"):
    return hand_minutes.put(engine, category, minutes, before=before, why=why, by=by, now=NOW)


def test_they_are_said_once_and_a_change_says_what_was_before(engine):
    first = put(engine, " hero ", "90")
    assert (first.category, first.minutes, first.by) == ("hero", 90.0, "lea")
    assert put(engine, "hero", 90) == first  # sent twice
    with pytest.raises(ChangedMeanwhile, match="is 90 minutes, by lea by now"):
        put(engine, "hero", 60)
    put(engine, "hero", 60, before=90.0, why="timed anew")
    put(engine, "*", 45.5)
    assert hand_minutes.read(engine) == {"*": 45.5, "hero": 60.0}
    rows = [row for row in ledger.rows(engine) if row.action == "set hand minutes"]
    assert [row.reason for row in rows] == [
        "hero: 90, before nothing; as timed",
        "hero: 60, before 90; timed anew",
        "*: 45.5, before nothing; as timed",
    ]


def test_a_category_has_its_own_else_those_of_all_others():
    known = {"hero": 90.0, "*": 45.0}
    assert [hand_minutes.of(known, one) for one in ("hero", "item", "")] == [90, 45, 45]
    assert hand_minutes.of({"hero": 90.0}, "item") is None


@pytest.mark.parametrize(
    ("category", "minutes", "why", "said"),
    [
        ("hero", "soon", "as timed", "'soon'"),
        ("hero", 0, "as timed", "in minutes, is 0"),
        ("hero", "1,5", "as timed", "'1,5'"),
        ("hero", 60_001, "as timed", "60001"),
        ("  ", 60, "as timed", "has 0 characters"),
        ("x" * 61, 60, "as timed", "has 61 characters"),
        ("he\0ro", 60, "as timed", "no category"),
        ("hero", 60, "no", "reason has 2 characters"),
    ],
)
def test_what_can_not_be_is_named(engine, category, minutes, why, said):
    with pytest.raises(StudioError) as error:
        put(engine, category, minutes, why=why)
    assert said in error.value.message and hand_minutes.read(engine) == {}


def test_they_are_for_art_leads(engine):
    with pytest.raises(NotAllowed):
        put(engine, "hero", 60, by=Actor("ben", "artist"))
    put(engine, "hero", 60, by=Actor("lea", "art lead"))

"""Two tabs of one person at one draft: each writes what it changed, and the other loses nothing."""

from datetime import timedelta
from typing import Any

import pytest

from studio.accounts import tabs, unsaved
from studio.accounts.tabs import Beside
from studio.database.ledger import stamp
from studio.errors import StudioError
from tests.accounts.conftest import NOW

SUBJECT = "picture/1"


def keep(engine: Any, tab: str, was: dict[str, Any], minutes: int = 0, **changes: Any) -> None:
    at = NOW + timedelta(minutes=minutes)
    tabs.keep(engine, "ana", SUBJECT, changes, tab=tab, was=was, now=at)


def found(engine: Any) -> tuple[dict[str, Any], Beside | None]:
    draft = unsaved.find(engine, "ana", SUBJECT)
    return tabs.typed(draft), tabs.beside(draft)


def test_each_writes_its_own_fields(engine):
    keep(engine, "one", {"note": "", "x": None}, note="the hilt")
    keep(engine, "two", {"note": "", "x": None}, x=25.0)
    assert found(engine) == ({"note": "the hilt", "x": 25.0}, None)


def test_what_one_writes_over_of_the_others_stays_beside_with_its_moment(engine):
    keep(engine, "one", {"note": ""}, note="the hilt")
    keep(engine, "two", {"note": ""}, minutes=5, note="the grip")
    beside = Beside({"note": "the hilt"}, stamp(NOW))
    assert found(engine) == ({"note": "the grip"}, beside)
    keep(engine, "two", {"note": "the grip"}, minutes=6, note="the grips")  # typed on
    assert found(engine) == ({"note": "the grips"}, beside)
    keep(engine, "one", {"note": "the hilt"}, minutes=7, note="the hilts")
    assert found(engine)[1] == Beside({"note": "the grips"}, stamp(NOW + timedelta(minutes=6)))


def test_the_last_writer_is_known_for_each_field(engine):
    keep(engine, "one", {"note": "", "x": None}, note="the hilt")
    keep(engine, "two", {"note": "", "x": None}, x=25.0)
    keep(engine, "one", {"note": "the hilt", "x": None}, note="the hilts")  # the last of all
    keep(engine, "one", {"note": "the hilts", "x": None}, x=50.0)
    assert found(engine)[0] == {"note": "the hilts", "x": 50.0}
    assert found(engine)[1].fields == {"x": 25.0}


def test_who_found_it_and_goes_on_with_it_loses_nothing(engine):
    keep(engine, "one", {"note": ""}, note="the hilt")
    keep(engine, "two", {"note": "the hilt"}, note="the hilt, too long")
    keep(engine, "two", {"note": "the hilt, too long"}, note=None)  # as it was saved
    assert unsaved.find(engine, "ana", SUBJECT) is None


def test_what_is_taken_back_is_not_beside_any_more(engine):
    keep(engine, "one", {"note": ""}, note="the hilt")
    keep(engine, "two", {"note": ""}, note="the grip")
    keep(engine, "two", {"note": "the grip"}, note="the hilt")
    assert found(engine) == ({"note": "the hilt"}, None)


def test_something_is_put_beside_and_forgotten(engine):
    keep(engine, "one", {}, note="the hilt")
    tabs.put_beside(engine, "ana", SUBJECT, {"note": "the hilt", "x": None}, now=NOW)
    assert found(engine) == ({"note": "the hilt"}, Beside({"note": "the hilt"}, stamp(NOW)))
    keep(engine, "one", {"note": "the hilt"}, note="the grip")
    assert found(engine)[1] == Beside({"note": "the hilt"}, stamp(NOW))
    tabs.put_beside(engine, "ana", SUBJECT, {}, now=NOW)
    assert found(engine) == ({"note": "the grip"}, None)
    keep(engine, "one", {"note": "the grip"}, note=None)
    assert unsaved.find(engine, "ana", SUBJECT) is None


def test_saving_in_one_leaves_what_the_other_typed(engine):
    keep(engine, "one", {"note": "", "x": None}, note="the hilt")
    keep(engine, "two", {"note": "", "x": None}, x=25.0)
    shown = {"note": ("the hilt",), "x": (None,)}
    tabs.drop(engine, "ana", SUBJECT, shown, now=NOW)
    assert found(engine) == ({"x": 25.0}, None)
    tabs.drop(engine, "ana", SUBJECT, {"note": ("",), "x": (None, 25.0)}, now=NOW)
    assert unsaved.find(engine, "ana", SUBJECT) is None
    keep(engine, "one", {}, note="the hilt")
    tabs.drop(engine, "ana", SUBJECT, {}, now=NOW)  # by who shows none of it
    assert unsaved.find(engine, "ana", SUBJECT) is None


def test_what_a_draft_of_before_says_of_tabs_is_understood(engine):
    held = {"prompt": "a gem", "tab": "one", "beside": "a ring"}
    unsaved.keep(engine, "ana", SUBJECT, held, now=NOW)
    assert found(engine) == ({"prompt": "a gem"}, Beside({"prompt": "a ring"}, stamp(NOW)))
    keep(engine, "two", {"prompt": ""}, prompt="a sword")
    assert found(engine)[1] == Beside({"prompt": "a gem"}, stamp(NOW))


def test_what_is_too_long_is_refused_and_nothing_changes(engine):
    keep(engine, "one", {}, note="the hilt")
    with pytest.raises(StudioError, match="100,000 characters"):
        keep(engine, "two", {}, note="x" * 100_001)
    assert found(engine) == ({"note": "the hilt"}, None)

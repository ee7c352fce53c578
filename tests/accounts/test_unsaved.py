"""What people typed and did not save: each person's own, the newest, and not without end."""

from datetime import timedelta

import pytest

from studio.accounts import unsaved
from studio.accounts.unsaved import Unsaved
from studio.database import engine as db
from studio.errors import StudioError
from tests.accounts.conftest import NOW


def keep(engine, fields, person="ana", subject="picture/1", at=NOW):
    unsaved.keep(engine, person, subject, fields, now=at)


def test_it_is_kept_until_it_is_saved_or_discarded(engine):
    before = db.revision(engine)
    keep(engine, {"note": "the hilt", "x": 25.0, "reasons": ["blurry"]})
    keep(engine, {"note": "the grip"}, at=NOW + timedelta(minutes=1))
    found = unsaved.find(engine, "ana", "picture/1")
    assert found is not None and found.fields == {"note": "the grip"}
    assert unsaved.find(engine, "bo", "picture/1") is None
    assert unsaved.find(engine, "ana", "picture/2") is None
    keep(engine, {})
    assert unsaved.find(engine, "ana", "picture/1") is None
    keep(engine, {"note": "x"})
    unsaved.discard(engine, "ana", "picture/1")
    assert unsaved.find(engine, "ana", "picture/1") is None
    assert db.revision(engine) == before  # nobody else sees them


def test_the_oldest_go_and_what_is_too_long_is_refused(engine, monkeypatch):
    monkeypatch.setattr(unsaved, "MOST", 3)
    for k in range(5):
        keep(engine, {"note": str(k)}, subject=f"p/{k}", at=NOW + timedelta(minutes=k))
    keep(engine, {"note": "his"}, person="bo")
    there = [unsaved.find(engine, "ana", f"p/{k}") is not None for k in range(5)]
    assert there == [False, False, True, True, True]
    assert isinstance(unsaved.find(engine, "bo", "picture/1"), Unsaved)
    with pytest.raises(StudioError, match="100,000 characters"):
        keep(engine, {"note": "x" * 100_001})
    assert unsaved.find(engine, "ana", "picture/1") is None


def test_some_fields_are_changed_beside_the_others(engine):
    def change(minutes=0, **changes):
        at = NOW + timedelta(minutes=minutes)
        unsaved.change(engine, "ana", "generate", changes, now=at)
        return unsaved.find(engine, "ana", "generate")

    assert change(prompt="a gem", steps=9).fields == {"prompt": "a gem", "steps": 9}
    found = change(5, prompt="a ring", steps=None, seed=3)
    assert found.fields == {"prompt": "a ring", "seed": 3}
    assert change(9, seed=3) == found  # nothing new, nothing written
    with pytest.raises(StudioError, match="100,000 characters"):
        change(prompt="x" * 100_001)
    assert change(9, prompt=None, seed=None) is None

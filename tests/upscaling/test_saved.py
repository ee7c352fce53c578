"""Settings of enlarging under a name: kept without what is of one picture, changed by their own."""

from datetime import UTC, datetime

import pytest

from studio.accounts.rights import Actor, NotAllowed
from studio.database import engine as db
from studio.errors import StudioError
from studio.upscaling import saved

NOW = datetime(2026, 8, 1, 12, tzinfo=UTC)
ANA, BO = Actor("ana", "artist"), Actor("bo", "artist")
LOOK = {"method": "diffusion", "hold": 0.5, "width": 64, "height": 64, "tiles": [{"key": "main-1"}]}


@pytest.fixture
def engine(tmp_path):
    made = db.open_database(tmp_path)
    yield made
    made.dispose()


def test_settings_are_kept_without_what_is_of_one_picture(engine):
    made = saved.save(engine, "  our   look ", LOOK, by=ANA, now=NOW)
    assert (made.name, made.by) == ("our look", "ana")
    assert made.settings == {"method": "diffusion", "hold": 0.5}
    assert saved.find(engine, "our look") == made and saved.listing(engine) == [made]


def test_whoever_made_them_writes_them_anew_and_others_are_refused(engine):
    saved.save(engine, "look", LOOK, by=ANA, now=NOW)
    with pytest.raises(NotAllowed):
        saved.save(engine, "look", {"hold": 1}, by=BO, now=NOW)
    lead = Actor("lea", "art lead")
    again = saved.save(engine, "look", {"hold": 1}, by=lead, now=NOW)
    assert (again.settings, again.by) == ({"hold": 1}, "ana")
    with pytest.raises(NotAllowed):
        saved.delete(engine, "look", by=BO)
    saved.delete(engine, "look", by=ANA)
    saved.delete(engine, "look", by=ANA)
    assert saved.listing(engine) == []


@pytest.mark.parametrize("name", ["", "   ", "x" * 61])
def test_a_name_that_can_t_be_is_refused(engine, name):
    with pytest.raises(StudioError, match="characters"):
        saved.save(engine, name, {}, by=ANA, now=NOW)


def test_one_that_is_not_there_is_named_with_those_that_are(engine):
    saved.save(engine, "night", {}, by=ANA, now=NOW)
    with pytest.raises(StudioError, match="Did you mean night.*Known: night"):
        saved.find(engine, "nigth")


def test_no_more_are_kept_than_anybody_reads(engine, monkeypatch):
    monkeypatch.setattr(saved, "MOST", 1)
    saved.save(engine, "a", {}, by=ANA, now=NOW)
    with pytest.raises(StudioError, match="Delete some"):
        saved.save(engine, "b", {}, by=ANA, now=NOW)
    saved.save(engine, "a", {"hold": 0}, by=ANA, now=NOW)

"""Profiles: checked, in revisions, by who may, and remembered for a person and a style."""

from datetime import UTC, datetime, timedelta

import pytest

from studio.accounts.rights import Actor, NotAllowed
from studio.database import engine as db
from studio.database import ledger
from studio.errors import ChangedMeanwhile, StudioError
from studio.export import profiles
from studio.export.profiles import Profile

NOW = datetime(2026, 10, 1, 12, tzinfo=UTC)
BO = Actor("bo", "art lead")
GODOT = Profile(engine="godot", folder="game", below="/assets//sprites/")


@pytest.fixture
def engine(tmp_path, either_database):
    engine = db.open_database(tmp_path)
    yield engine
    engine.dispose()


def save(engine, profile, after=0, name="game", by=BO):
    return profiles.save(engine, name, profile, after=after, by=by, now=NOW)


def test_revisions_are_kept_and_stand_in_the_ledger(engine):
    first = save(engine, GODOT)
    assert first.profile.below == "assets/sprites" and first.revision == 1
    second = save(engine, Profile(engine="unity", folder="game"), after=1)
    assert profiles.current(engine, "game") == second
    assert profiles.revisions(engine, "game") == [second, first]
    save(engine, Profile(), name="art")
    assert [one.name for one in profiles.listing(engine)] == ["art", "game"]
    assert save(engine, Profile(), name="art").revision == 1  # the same again
    told = [row.reason for row in ledger.rows(engine)]
    assert told[0] == "game, revision 1: saved for the first time"
    assert told[1] == "game, revision 2: engine, below"


def test_of_two_who_save_at_once_the_second_is_told(engine):
    save(engine, GODOT)
    with pytest.raises(ChangedMeanwhile, match="revision 1 by now"):
        save(engine, Profile(), after=0)
    with pytest.raises(NotAllowed):
        save(engine, Profile(), after=1, by=Actor("eve", "artist"))
    assert len(profiles.revisions(engine, "game")) == 1


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ({"engin": "godot"}, "Did you mean engine"),
        ({"": None}, "A profile has no ''"),
        ({"engine": "unreal"}, "engine is 'unreal'"),
        ({"factor": 9}, "factor is 9"),
        ({"factor": "2"}, "factor is '2'"),
        ({"normals": 1}, "normals is 1"),
        ({"pixels_per_unit": 0}, "pixels_per_unit is 0"),
        ({"preset": "32"}, "preset is '32'"),
        ({"pattern": "{nam}"}, "no field"),
        ({"below": "../up"}, "none within a folder"),
        ({"below": "a b"}, "none within a folder"),
        ({"pivot": "head"}, "pivot is 'head'"),
    ],
)
def test_what_a_profile_can_not_be_is_named(told, why):
    with pytest.raises(StudioError) as refused:
        profiles.of_json(told)
    assert why in f"{refused.value.message} {refused.value.remedy}"


def test_every_field_is_told_and_read_back(engine):
    saved = save(engine, GODOT)
    assert profiles.of_json(profiles.told(saved)) == saved.profile
    with pytest.raises(StudioError, match="no name for a profile"):
        save(engine, Profile(), name="My Game")
    with pytest.raises(StudioError, match="no export profile 'gane'") as refused:
        profiles.current(engine, "gane")
    assert "Did you mean game" in refused.value.remedy


def test_the_last_one_taken_is_remembered_for_a_style(engine):
    assert profiles.remembered(engine, "ana", "props") == ""
    save(engine, GODOT)
    assert profiles.remembered(engine, "ana", "props") == "game"  # the only one
    save(engine, Profile(), name="art")
    assert profiles.remembered(engine, "ana", "props") == ""
    with db.writing(engine) as connection:
        profiles.remember(connection, "ana", "props", "art", NOW)
        profiles.remember(connection, "ana", "tiles", "game", NOW + timedelta(hours=1))
        profiles.remember(connection, "ana", "props", "art", NOW + timedelta(hours=2))
        profiles.remember(connection, "ana", "old", "gone", NOW + timedelta(hours=3))
    assert profiles.remembered(engine, "ana", "props") == "art"
    assert profiles.remembered(engine, "ana", "tiles") == "game"
    assert profiles.remembered(engine, "ana", "another") == "art"
    assert profiles.remembered(engine, "bo", "props") == ""

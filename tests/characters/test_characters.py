"""Characters: checked, in revisions, by who may."""

from datetime import UTC, datetime

import pytest

from studio.accounts.rights import Actor, NotAllowed
from studio.characters import characters
from studio.characters.characters import Character, of_json
from studio.database import engine as db
from studio.database import ledger
from studio.errors import ChangedMeanwhile, StudioError

NOW = datetime(2026, 10, 1, 12, tzinfo=UTC)
BO = Actor("bo", "artist")
KNIGHT = Character(prompt="a knight", front="a" * 64, colours=("#203040", "#C04030"))


@pytest.fixture
def engine(tmp_path, either_database):
    engine = db.open_database(tmp_path)
    yield engine
    engine.dispose()


def save(engine, character, after=0, name="hero", by=BO):
    return characters.save(engine, name, character, after=after, by=by, now=NOW)


def test_revisions_are_kept_and_stand_in_the_ledger(engine):
    first = save(engine, KNIGHT)
    assert first.revision == 1 and first.character.colours == ("#203040", "#c04030")
    taller = of_json({"height": 48, "heads": 3}, first.character)
    second = save(engine, taller, after=1)
    assert (second.character.height, second.character.heads) == (48, 3.0)
    assert second.character.prompt == "a knight"
    assert characters.current(engine, "hero") == second
    assert characters.get(engine, "hero", 1) == first
    assert characters.revisions(engine, "hero") == [second, first]
    save(engine, KNIGHT, name="elf")
    assert [one.name for one in characters.listing(engine)] == ["elf", "hero"]
    assert save(engine, KNIGHT, name="elf").revision == 1  # the same again
    told = [row.reason for row in ledger.rows(engine)]
    assert told[0] == "hero, revision 1: saved for the first time"
    assert told[1] == "hero, revision 2: height, heads"


def test_of_two_who_save_at_once_the_second_is_told(engine):
    save(engine, KNIGHT)
    with pytest.raises(ChangedMeanwhile, match="revision 1 by now"):
        save(engine, of_json({"height": 16}, KNIGHT))
    with pytest.raises(NotAllowed):
        save(engine, KNIGHT, after=1, by=Actor("eve", "viewer"))
    with pytest.raises(StudioError, match="no revision 7"):
        characters.get(engine, "hero", 7)
    with pytest.raises(StudioError, match="Did you mean hero"):
        characters.current(engine, "herro")


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ({}, "prompt is empty"),
        ({"prompt": "  "}, "prompt is empty"),
        ({"prompt": "a" * 1001}, "1,001 characters"),
        ({"promt": "a knight"}, "Did you mean prompt"),
        ({"": None}, "A character has no ''"),
        ({"prompt": 3}, "prompt is 3"),
        ({"prompt": "x", "height": 7}, "height is 7"),
        ({"prompt": "x", "height": 257}, "height is 257"),
        ({"prompt": "x", "heads": 1}, "heads is 1"),
        ({"prompt": "x", "front": "id"}, "front is 'id'"),
        ({"prompt": "x", "colours": "red"}, "colours is 'red'"),
        ({"prompt": "x", "colours": ["red"]}, "'red' is not a colour"),
        ({"prompt": "x", "lora": "hero", "lora_version": 1}, "no style to act beside"),
        ({"prompt": "x", "style": "s", "lora": "hero"}, "hero has no version"),
        ({"prompt": "x", "seed": -1}, "seed is -1"),
        ({"prompt": "x", "version": 1.5}, "version is 1.5"),
    ],
)
def test_what_it_can_t_be_is_named(told, why):
    with pytest.raises(StudioError, match=why):
        of_json(told)


def test_names_are_plain(engine):
    for name in ("", "Hero", "a/b", "x" * 41, "héro"):
        with pytest.raises(StudioError, match="no name for a character"):
            save(engine, KNIGHT, name=name)


def test_its_views_and_json():
    one = of_json({"prompt": "x", "back": "b" * 64, "front": "a" * 64})
    assert list(one.views) == ["front", "back"]
    assert of_json(characters.to_json(one)) == one

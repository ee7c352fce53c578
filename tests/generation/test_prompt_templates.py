"""Prompts under a name, with fields: filled, found, saved anew and deleted by whose they are."""

from datetime import UTC, datetime

import pytest

from studio.accounts.rights import Actor, NotAllowed
from studio.database import engine as db
from studio.errors import StudioError
from studio.generation import prompt_templates
from studio.generation.prompt_templates import delete, fields, filled, find, listing, save

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
ANA, BO, LEA = Actor("ana", "artist"), Actor("bo", "artist"), Actor("lea", "art lead")


@pytest.fixture
def engine(tmp_path, either_database):
    engine = db.open_database(tmp_path)
    yield engine
    engine.dispose()


@pytest.mark.parametrize(
    ("prompt", "found"),
    [
        ("a {material} {thing}, front view", ("material", "thing")),
        ("{thing} on {thing}", ("thing",)),
        ("a {style_token} {colour of it}", ("colour of it",)),
        ("a {wood,iron} door, {}, { x}, {3}, (red:1.2)", ()),
        ("ein {größe} Ring", ("größe",)),
    ],
)
def test_fields_are_words_in_braces(prompt, found):
    assert fields(prompt) == found


def test_fields_are_filled_and_an_empty_one_is_named():
    prompt = "{style_token} a {material} {thing}, {material} hilt"
    told = {"material": " iron\n", "thing": "{axe} {style_token}", "other": "x"}
    assert filled(prompt, told) == "{style_token} a iron {axe} {style_token}, iron hilt"
    assert filled("a plain one", {}) == "a plain one"
    for empty in ({}, {"material": "iron", "thing": "  "}):
        with pytest.raises(StudioError, match="is empty"):
            filled(prompt, empty)
    with pytest.raises(StudioError, match="201 characters"):
        filled("a {thing}", {"thing": "x" * 201})


def test_a_styles_own_stands_before_one_for_all(engine):
    save(engine, "sword", "a {material} sword", by=ANA, now=NOW)
    own = save(engine, "sword", "a {glow} sword", "blur", style="props", by=ANA, now=NOW)
    save(engine, "Axe", "an axe", style="tiles", by=BO, now=NOW)
    assert find(engine, "sword", "props") == own and own.fields == ("glow",)
    assert find(engine, "sword", "tiles").prompt == "a {material} sword"
    assert [one.name for one in listing(engine)] == ["Axe", "sword", "sword"]
    assert [one.style for one in listing(engine, "props")] == ["props", ""]
    with pytest.raises(StudioError, match="no template 'Axe' for props") as told:
        find(engine, "Axe", "props")
    assert "Known: sword." in told.value.remedy


def test_it_is_changed_and_deleted_by_whose_it_is_and_by_leads(engine):
    one = save(engine, "gem ", "a {colour} gem", by=ANA, now=NOW)
    assert (one.name, one.by) == ("gem", "ana")
    with pytest.raises(NotAllowed, match="change and delete other people's"):
        save(engine, "gem", "mine", by=BO, now=NOW)
    with pytest.raises(NotAllowed):
        delete(engine, one.id, by=BO)
    assert save(engine, "gem", "a {cut} gem", by=ANA, now=NOW).id == one.id
    assert save(engine, "gem", "a gem", by=LEA, now=NOW).by == "ana"
    delete(engine, one.id, by=LEA)
    delete(engine, one.id, by=ANA)  # it is gone, and stays so
    assert listing(engine) == []


@pytest.mark.parametrize(
    ("name", "prompt", "says"),
    [
        ("", "a gem", "0 characters"),
        ("x" * 61, "a gem", "61 characters"),
        ("gem", " ", "prompt is empty"),
        ("gem", "x" * 2001, "2,001 characters"),
    ],
)
def test_what_can_not_be_kept_is_refused(engine, name, prompt, says):
    with pytest.raises(StudioError, match=says):
        save(engine, name, prompt, by=ANA, now=NOW)
    assert prompt_templates.listing(engine) == []

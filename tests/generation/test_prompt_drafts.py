"""Each person's draft: changed name by name, and what one tab wrote over another's prompt."""

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from studio.accounts import unsaved
from studio.accounts.rights import Actor
from studio.database import engine as db
from studio.database.ledger import stamp
from studio.generation import prompt_drafts

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
ANA, BO = Actor("ana", "artist"), Actor("bo", "artist")


@pytest.fixture
def engine(tmp_path, either_database):
    engine = db.open_database(tmp_path)
    yield engine
    engine.dispose()


def keep(engine, by=ANA, tab="one", was="", at=NOW, **changes):
    prompt_drafts.keep(engine, changes, tab=tab, was={"prompt": was}, by=by, now=at)


def beside(engine):
    found = prompt_drafts.beside(engine, "ana")
    return found.fields if found else {}


def test_each_has_their_own_and_changes_it_name_by_name(engine):
    assert prompt_drafts.read(engine, "ana") == {}
    keep(engine, prompt="a gem", steps=9)
    keep(engine, by=BO, tab="his", prompt="a ring")
    keep(engine, was="a gem", prompt="", steps=None, seed=3)
    assert prompt_drafts.read(engine, "ana") == {"prompt": "", "seed": 3}
    assert prompt_drafts.read(engine, "bo") == {"prompt": "a ring"}


def test_what_stands_there_is_not_written_again(engine):
    keep(engine, prompt="a gem")
    keep(engine, prompt="a gem", steps=None, at=NOW + timedelta(days=1))
    found = unsaved.find(engine, "ana", prompt_drafts.SUBJECT)
    assert found is not None and found.at == stamp(NOW)


def test_a_prompt_written_over_by_another_tab_stays_beside(engine):
    keep(engine, prompt="a gem")
    # Another tab found it and goes on with it: nothing of the first is lost.
    keep(engine, tab="two", was="a gem", prompt="a blue gem")
    assert beside(engine) == {}
    # The first knows nothing of that and types on, twice.
    keep(engine, was="a gem", prompt="a ring")
    keep(engine, was="a ring", prompt="a gold ring")
    assert prompt_drafts.read(engine, "ana")["prompt"] == "a gold ring"
    assert beside(engine) == {"prompt": "a blue gem"}
    # Taken up again, it is no longer beside; other settings leave it where it is.
    keep(engine, tab="two", was="a gold ring", steps=4)
    assert beside(engine) == {"prompt": "a blue gem"}
    keep(engine, tab="two", was="a gold ring", prompt="a blue gem")
    assert beside(engine) == {}


def test_what_is_set_in_one_tab_takes_only_what_goes_with_it_from_another():
    was = {"style": "tiles", "version": 2, "steps": 9, "start": "aa", "mask": "bb", "prompt": "x"}
    assert prompt_drafts.changed(was, was) == {}
    assert prompt_drafts.changed({**was, "steps": 12}, was) == {"steps": 12}
    new = {**was, "style": "props", "version": None, "start": "cc"}
    assert prompt_drafts.changed(new, was) == {
        "style": "props",
        "version": None,
        "start": "cc",
        "mask": "bb",  # of this picture, whatever another tab painted
    }


def test_drafts_of_before_lie_with_the_others(tmp_path):
    engine = db.make_engine(tmp_path, None)
    with engine.begin() as connection:
        db.migrate(connection)
        db.unmigrate(connection, "0022")
        connection.exec_driver_sql(
            "INSERT INTO prompt_drafts (person, kept, at) VALUES "
            "('ana', '{\"prompt\": \"a gem\", \"steps\": 9}', '2026-05-01T12:00:00+00:00')"
        )
        db.migrate(connection)
    assert prompt_drafts.read(engine, "ana") == {"prompt": "a gem", "steps": 9}
    with engine.begin() as connection:
        db.unmigrate(connection, "0022")
        before = sa.table("prompt_drafts", sa.column("person"), sa.column("kept", sa.JSON))
        kept = connection.execute(sa.select(before)).all()
    assert [tuple(row) for row in kept] == [("ana", {"prompt": "a gem", "steps": 9})]
    engine.dispose()

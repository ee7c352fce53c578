"""Each person's draft: changed name by name, and written only where something is new."""

from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from studio.accounts.rights import Actor
from studio.database import engine as db
from studio.database.ledger import stamp
from studio.errors import StudioError
from studio.generation import prompt_drafts
from studio.generation.tables import drafts

NOW, LATER = datetime(2026, 5, 1, 12, tzinfo=UTC), datetime(2026, 5, 2, 12, tzinfo=UTC)
ANA, BO = Actor("ana", "artist"), Actor("bo", "artist")


@pytest.fixture
def engine(tmp_path, either_database):
    engine = db.open_database(tmp_path)
    yield engine
    engine.dispose()


def test_each_has_their_own_and_changes_it_name_by_name(engine):
    assert prompt_drafts.read(engine, "ana") == {}
    prompt_drafts.keep(engine, {"prompt": "a gem", "steps": 9}, by=ANA, now=NOW)
    prompt_drafts.keep(engine, {"prompt": "a ring"}, by=BO, now=NOW)
    prompt_drafts.keep(engine, {"prompt": "", "steps": None, "seed": 3}, by=ANA, now=NOW)
    assert prompt_drafts.read(engine, "ana") == {"prompt": "", "seed": 3}
    assert prompt_drafts.read(engine, "bo") == {"prompt": "a ring"}


def test_what_stands_there_is_not_written_again(engine):
    prompt_drafts.keep(engine, {"prompt": "a gem"}, by=ANA, now=NOW)
    prompt_drafts.keep(engine, {"prompt": "a gem", "steps": None}, by=ANA, now=LATER)
    with engine.connect() as connection:
        assert connection.execute(sa.select(drafts.c.at)).scalar() == stamp(NOW)


def test_a_text_without_end_is_refused(engine):
    with pytest.raises(StudioError, match="20,001 characters"):
        prompt_drafts.keep(engine, {"prompt": "x" * 20_001}, by=ANA, now=NOW)

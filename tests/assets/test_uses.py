"""What became of assets in the game: measured, corrected by a click, measured anew."""

from datetime import UTC, datetime, timedelta

import pytest

from studio.assets import records, uses
from studio.assets.records import New
from studio.assets.uses import Seen
from studio.database import engine as db
from studio.errors import StudioError

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture
def engine(tmp_path):
    engine = db.open_database(tmp_path)
    yield engine
    engine.dispose()


@pytest.fixture
def id(engine) -> str:
    return records.put(engine, [New("picture", "one")], by="ana", now=NOW)[0]


def note(engine, *found, later=0):
    now = NOW + timedelta(hours=later)
    return uses.note(engine, found, by="ana", now=now)


def test_what_is_measured_again_changes_nothing_and_what_is_new_does(engine, id):
    seen = Seen(id, "touched up", (1, -2), 0.25, 0.125, "game/a.png", "h1")
    before = db.revision(engine)
    assert note(engine, seen) == 1 and db.revision(engine) == before + 1
    assert note(engine, seen, later=1) == 0 and db.revision(engine) == before + 1
    found = uses.of(engine, [id, "nothing"])
    assert list(found) == [id]
    kept = found[id]
    assert (kept.use, kept.measured, kept.moved) == ("touched up", "touched up", (1, -2))
    assert (kept.recoloured, kept.redone, kept.path) == (0.25, 0.125, "game/a.png")
    assert kept.at.startswith("2026-11-20T12")


def test_a_persons_word_stands_until_the_game_has_another_file(engine, id):
    note(engine, Seen(id, "redrawn", redone=0.6, mark="h1"))
    said = uses.correct(engine, id, "touched up", by="lea", now=NOW)
    assert (said.use, said.measured, said.corrected_by) == ("touched up", "redrawn", "lea")
    note(engine, Seen(id, "redrawn", redone=0.6, mark="h1", path="elsewhere"), later=1)
    assert uses.of(engine, [id])[id].use == "touched up"
    back = uses.correct(engine, id, "redrawn", by="lea", now=NOW)
    assert (back.use, back.corrected, back.corrected_by) == ("redrawn", None, None)
    uses.correct(engine, id, "touched up", by="lea", now=NOW)
    note(engine, Seen(id, "dropped", mark="h2"), later=2)
    found = uses.of(engine, [id])[id]
    assert (found.use, found.corrected) == ("dropped", None)


def test_what_can_not_be_is_named(engine, id):
    with pytest.raises(StudioError, match="Nobody looked yet"):
        uses.correct(engine, id, "as is", by="lea", now=NOW)
    with pytest.raises(StudioError, match="becomes 'eaten'"):
        uses.correct(engine, id, "eaten", by="lea", now=NOW)
    with pytest.raises(StudioError, match="no asset 'gone'"):
        note(engine, Seen("gone", "as is"))


def test_what_was_used_is_not_taken_back(engine, id):
    note(engine, Seen(id, "as is"))
    assert records.take_back(engine, [id]) == []


def test_what_was_looked_for_is_known(engine, id):
    other = records.put(engine, [New("picture", "two")], by="ana", now=NOW)[0]
    assert uses.known(engine) == []
    note(engine, Seen(other, "as is"))
    assert uses.known(engine) == [other]
    note(engine, Seen(id, "as is"))
    assert uses.known(engine) == [id, other]

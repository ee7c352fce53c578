"""The matrix: which cells there are, and what is in each, the newest of all that was drawn."""

from datetime import UTC, datetime

import pytest

from studio.accounts.rights import Actor, NotAllowed
from studio.characters import cells
from studio.characters.cells import Cell
from studio.database import engine as db
from studio.database import ledger
from studio.errors import StudioError

NOW = datetime(2026, 10, 1, 12, tzinfo=UTC)
BO = Actor("bo", "artist")
ONE, TWO = Cell("walk", "east", 1), Cell("walk", "east", 2)


@pytest.fixture
def engine(tmp_path, either_database):
    engine = db.open_database(tmp_path)
    yield engine
    engine.dispose()


def put(engine, *drawn, name="hero", seed=1):
    cells.put(engine, name, drawn, revision=2, way="pose", seed=seed, job=5, by="bo", now=NOW)


def test_a_matrix_is_eight_by_four_and_standing_one_by_four():
    walk = cells.all_of("walk")
    assert len(walk) == len(set(walk)) == 32 and len(cells.all_of("stand")) == 4
    assert [one.name for one in walk[7:9]] == ["walk/south/8", "walk/east/1"]
    assert all(cells.named(one.name) == one for one in (*walk, *cells.all_of("attack")))
    assert cells.in_order([TWO, ONE, Cell("stand", "west", 1), TWO]) == [
        Cell("stand", "west", 1),
        ONE,
        TWO,
    ]


@pytest.mark.parametrize(
    "text", ["", "walk", "walk/east/9", "walk/up/1", "run/east/1", "stand/east/2"]
)
def test_a_cell_that_there_is_not_is_named(text):
    with pytest.raises(StudioError, match="There is no cell"):
        cells.named(text)


def test_the_newest_is_in_a_cell_and_all_are_kept(engine):
    put(engine, (ONE, "a1"), (TWO, "a2"))
    put(engine, (ONE, "a1"))  # after a kill
    put(engine, (ONE, "b1"), seed=2)
    put(engine, (ONE, "x"), name="elf")
    there = cells.filled(engine, "hero", "walk")
    assert {cell.name: one.asset for cell, one in there.items()} == {
        "walk/east/1": "b1",
        "walk/east/2": "a2",
    }
    first = there[ONE]
    assert (first.seed, first.revision, first.way, first.job, first.by) == (2, 2, "pose", 5, "bo")
    assert [one.asset for one in cells.history(engine, "hero", ONE)] == ["b1", "a1"]
    assert cells.filled(engine, "hero", "attack") == {}
    assert len(cells.filled(engine, "hero")) == 2


def test_an_earlier_picture_is_taken_again(engine):
    put(engine, (ONE, "a1"))
    put(engine, (ONE, "b1"), seed=2)
    cells.take(engine, "hero", ONE, "a1", by=BO, now=NOW)
    now = cells.filled(engine, "hero")[ONE]
    assert (now.asset, now.seed, now.by) == ("a1", 1, "bo")
    assert cells.take(engine, "hero", ONE, "a1", by=BO, now=NOW) == now  # it is there already
    assert [one.asset for one in cells.history(engine, "hero", ONE)] == ["a1", "b1", "a1"]
    put(engine, (ONE, "b1"))  # a job that ends late does not put its own in again
    assert cells.filled(engine, "hero")[ONE].asset == "a1"
    with pytest.raises(StudioError, match="never in walk/east/1 of hero"):
        cells.take(engine, "hero", ONE, "x", by=BO, now=NOW)
    with pytest.raises(NotAllowed):
        cells.take(engine, "hero", ONE, "b1", by=Actor("eve", "viewer"), now=NOW)
    assert "walk/east/1 has a1 again" in ledger.rows(engine)[-1].reason

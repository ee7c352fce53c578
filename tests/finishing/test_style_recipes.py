"""A style's recipe: in revisions, by who may, with a reason; and found by its mark for ever."""

from datetime import UTC, datetime

import pytest

from studio.accounts.rights import Actor, NotAllowed
from studio.database import engine as db
from studio.database import ledger
from studio.errors import StudioError
from studio.finishing import recipe as recipes
from studio.finishing import style_recipes
from studio.finishing.recipe import PLAIN, Recipe
from studio.registry import history_text

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
HARD = Recipe(hard_alpha=True, colours=("#112233", "#445566"))
BO = Actor("bo", "art lead")


@pytest.fixture
def engine(tmp_path, either_database):
    engine = db.open_database(tmp_path)
    yield engine
    engine.dispose()


def _save(engine, recipe, after=0, why="as the game wants it", by=BO):
    return style_recipes.save(engine, "props", recipe, after=after, why=why, by=by, now=NOW)


def test_revisions_say_who_when_and_why_and_stand_in_the_ledger(engine):
    assert style_recipes.current(engine, "props") is None
    first = _save(engine, HARD)
    second = _save(engine, Recipe(hard_alpha=True, outline="add"), after=1, why="an  outline\n")
    third = _save(engine, None, after=2)
    assert (first.revision, second.revision, third.revision) == (1, 2, 3)
    assert [one.recipe for one in style_recipes.revisions(engine, "props")] == [
        None,
        second.recipe,
        HARD,
    ]
    assert style_recipes.current(engine, "props") == third and second.why == "an outline"
    said = [history_text.sentence(row) for row in ledger.rows(engine, "props")]
    assert said[0] == (
        "bo changed the recipe: revision 1, set for the first time: as the game wants it"
    )
    assert said[1] == "bo changed the recipe: revision 2, colours, outline: an outline"
    assert "revision 3, the dataset's again" in said[2]


def test_of_two_who_save_at_once_the_second_is_told_and_nothing_is_lost(engine):
    _save(engine, HARD)
    with pytest.raises(StudioError, match="revision 1 by now, not none: bo changed it") as error:
        _save(engine, PLAIN, after=0)
    assert "Look at it again" in error.value.remedy
    assert style_recipes.current(engine, "props").recipe == HARD
    assert _save(engine, HARD, after=0).revision == 1  # the same sent twice
    assert len(ledger.rows(engine, "props")) == 1


def test_who_may_not_and_what_can_not_be_changes_nothing(engine):
    with pytest.raises(NotAllowed, match="may not change how a style's pictures are finished"):
        _save(engine, HARD, by=Actor("eve", "artist"))
    for recipe, why, named in (
        (Recipe(dither="floyd"), "because", "dither"),
        (HARD, " x ", "The reason has 1"),
    ):
        with pytest.raises(StudioError, match=named):
            _save(engine, recipe, why=why)
    with pytest.raises(StudioError, match="no name for a style"):
        style_recipes.save(engine, "../x", HARD, after=0, why="why", by=BO, now=NOW)
    assert not style_recipes.revisions(engine, "props") and not ledger.rows(engine)


def test_an_unknown_key_is_refused_by_its_name():
    with pytest.raises(StudioError, match="hard_alfa") as error:
        recipes.read('{"schema": 1, "hard_alfa": true}')
    assert "hard_alpha" in error.value.remedy


def test_a_recipe_is_found_by_its_mark_though_another_came_since_and_its_palette_is_gone(engine):
    named = Recipe(hard_alpha=True, colours=("#112233",), palette="deleted@3")
    _save(engine, named)
    _save(engine, PLAIN, after=1)
    found = style_recipes.by_mark(engine, named.mark)
    assert found == named and found.colours == ("#112233",)
    with pytest.raises(StudioError, match="no recipe '0000'"):
        style_recipes.by_mark(engine, "0000")


def test_what_was_made_of_a_dataset_is_kept_once(engine):
    assert style_recipes.of_dataset(engine, "d" * 64, 32) is None
    assert style_recipes.keep_of_dataset(engine, "d" * 64, 32, HARD, NOW) == HARD
    assert style_recipes.keep_of_dataset(engine, "d" * 64, 32, PLAIN, NOW) == HARD
    assert style_recipes.of_dataset(engine, "d" * 64, 32) == HARD
    assert style_recipes.of_dataset(engine, "d" * 64, 64) is None
    assert style_recipes.by_mark(engine, HARD.mark) == HARD

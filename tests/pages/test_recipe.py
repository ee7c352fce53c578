"""The recipe of a style on Versions: as it holds, tried on raw pictures, saved with a reason."""

from dataclasses import replace

import pytest

from studio import context
from studio.accounts.rights import Actor
from studio.database import engine as db
from studio.finishing import palettes, style_recipes
from studio.finishing.colour_table import ColourTable
from studio.web import ui
from studio.workflows import recipes

KEY = "draft recipe/sample/{} {}"


@pytest.fixture
def opened(sheets, open_page):
    """Opens the part of style sample, whose newest version has no sheet and its first have."""
    return lambda: open_page("Registry", style="sample", show="Recipe")


def said(at) -> str:
    kinds = [*at.markdown, *at.caption, *at.success, *at.info, *at.error, *at.warning]
    return " ".join(e.value for e in kinds)


def field(at, kind, name, revision=0):
    return getattr(at, kind)(key=KEY.format(revision, name))


def test_what_is_made_of_the_dataset_is_shown_and_another_is_saved_with_a_reason(opened, studio):
    at = opened()
    assert "made of the dataset sample" in said(at)
    assert field(at, "checkbox", "hard_alpha").value is True
    assert at.button(key="recipe-save").disabled
    shown = " ".join(one.proto.body for one in at.get("html"))
    assert shown.count("data:image/png") == 6 and " colours" in shown  # three prompts of the sheet
    field(at, "selectbox", "outline").select("add").run()
    at.button(key="recipe-save").click().run()
    assert "Say in 3 to 500" in said(at) and not style_recipes.current(studio.engine, "sample")
    field(at, "text_input", "why").input("as the game has it").run()
    at.button(key="recipe-save").click().run()
    held = style_recipes.current(studio.engine, "sample")
    assert held.recipe.outline == "add" and held.why == "as the game has it" and held.by == "ana"
    assert held.recipe.hard_alpha and len(held.recipe.colours) > 4
    assert "revision 1, set by ana" in said(at) and "finished so" in said(at)
    field(at, "text_input", "why", 1).input("no more outlines").run()
    at.button(key="recipe-reset").click().run()
    assert style_recipes.current(studio.engine, "sample").recipe is None
    assert "made of the dataset sample" in said(at)


def test_a_palette_of_the_team_is_chosen_and_written_out(opened, studio):
    table = ColourTable(("#101018", "#f0f0f0"), (), ())
    palettes.save(studio.engine, "props", table, after=0, by="ana", now=context.now())
    at = opened()
    field(at, "selectbox", "palette").select("props@1").run()
    field(at, "text_input", "why").input("two colours").run()
    at.button(key="recipe-save").click().run()
    held = style_recipes.current(studio.engine, "sample").recipe
    assert (held.palette, held.colours) == ("props@1", ("#101018", "#f0f0f0"))


def test_what_can_not_be_is_named_and_nothing_else_breaks(opened):
    at = opened()
    field(at, "text_input", "canvas").input("wide").run()
    assert not at.exception and "canvas is 'wide'" in said(at)
    assert not [button for button in at.button if button.key == "recipe-save"]


def test_of_two_people_the_second_is_told(opened, studio):
    at = opened()
    field(at, "checkbox", "background").check().run()
    field(at, "text_input", "why").input("noise").run()
    derived = recipes.of_style(studio, "sample").recipe
    given = {"after": 0, "why": "soft", "by": "bo", "now": context.now()}
    style_recipes.save(studio.engine, "sample", replace(derived, hard_alpha=False), **given)
    at.button(key="recipe-save").click().run()
    assert "revision 1 by now, not none" in said(at) and "bo changed it" in said(at)
    assert style_recipes.current(studio.engine, "sample").by == "bo"


def test_who_may_not_looks_on(opened, studio, monkeypatch):
    monkeypatch.setattr(ui, "person", lambda: Actor("eve", "artist"))
    with db.writing(studio.engine) as connection:
        db.bump(connection)
    at = opened()
    assert at.button(key="recipe-save").disabled
    assert field(at, "text_input", "why").disabled and field(at, "number_input", "native").disabled

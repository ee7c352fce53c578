"""The page Palettes: made of files and datasets, edited by two at once, decided on, tried."""

import json

import pytest
from PIL import Image

from studio import context
from studio.accounts.rights import Actor
from studio.finishing import palettes, ramp_search, style_recipes
from studio.finishing.colour_table import ColourTable, Ramp
from studio.finishing.recipe import Recipe
from studio.generation import gallery_table, picture_files
from studio.generation.picture_files import Made
from studio.web import ui

WOOD = ColourTable(
    ("#2b1a0f", "#5c3a1c", "#a87848", "#20242c", "#6a7078", "#e8f0f8"),
    ("bark", "", "", "", "", ""),
    (Ramp("wood", (0, 1, 2)), Ramp("iron", (3, 4, 5))),
)


@pytest.fixture
def kept(studio):
    return palettes.save(studio.engine, "Props", WOOD, after=0, by="ana", now=context.now())


@pytest.fixture
def plain(studio):
    """Without ramps."""
    table = ColourTable(WOOD.colours)
    return palettes.save(studio.engine, "Props", table, after=0, by="ana", now=context.now())


@pytest.fixture
def drawn(studio):
    """Two pictures of style sample, one of them all wood."""
    folder = studio.home / "generated" / "sample" / "v1"
    for seed, colour in ((1, "#5a3a1e"), (2, "#e0f0ff")):
        made = Made("sample", 1, "pocket", "", "", "a gem", "", "", seed, 9, 2.0, 1.0)
        picture_files.keep(folder, f"{seed}", Image.new("RGBA", (8, 8), colour), made)
    gallery_table.take_up(studio.engine, studio.home, by="ana")


def press(at, label):
    next(one for one in at.button if one.label == label).click()
    return at.run()


def texts(at) -> str:
    told = (*at.markdown, *at.caption, *at.info, *at.warning, *at.error)
    return "\n".join(str(one.value) for one in told).replace("\\", "")


def html(at) -> str:
    return "\n".join(one.proto.body for one in at.get("html"))


def desk(at) -> dict:
    (found,) = [
        e for e in at.get("bidi_component") if "housestyle_palette" in e.proto.component_name
    ]
    return json.loads(found.proto.json)


def test_palettes_are_cards_with_what_was_decided_and_who_uses_them(open_page, studio, kept):
    assert "No palette yet" not in texts(open_page("Palettes"))
    palettes.approve(studio.engine, "Props", 1, by="Cora", now=context.now())
    palettes.save(studio.engine, "odd & co", WOOD, after=0, by="ana", now=context.now())
    recipe = Recipe(hard_alpha=True, colours=WOOD.colours, palette="Props@1")
    style_recipes.save(
        studio.engine, "sample", recipe, after=0, why="as agreed", by="ana", now=context.now()
    )
    shown = html(open_page("Palettes"))
    assert "approved by Cora" in shown and "used by sample" in shown and "odd &amp; co" in shown
    assert "/Palettes?palette=Props" in shown and "#a87848, 3 of 6" in shown


def test_a_file_is_brought_in_and_what_is_odd_is_told(open_page, studio):
    at = open_page("Palettes")
    at.session_state["palette-new"] = True
    at.run()
    file = b"2b1a0f\n5c3a1c\n2b1a0f\n"
    at.file_uploader(key="palette-file").set_value(("wood.hex", file, "text/plain")).run()
    assert "Kept once, though there again: #2b1a0f (3)." in texts(at)
    at.text_input(key="palette-name").set_value("Wood")
    press(at, "Make the palette")
    found = palettes.get(studio.engine, "wood")
    assert (found.colours, found.source) == (("#2b1a0f", "#5c3a1c"), "wood.hex")
    assert at.query_params["palette"] in ("Wood", ["Wood"])


def test_4000_colours_are_refused_by_number_until_told_how_many(open_page, studio):
    at = open_page("Palettes")
    at.session_state["palette-new"] = True
    at.run()
    many = "\n".join(f"{n:06x}" for n in range(4000)).encode()
    at.file_uploader(key="palette-file").set_value(("many.hex", many, "text/plain")).run()
    assert "many.hex holds 4,000 colours" in texts(at)
    at.toggle(key="palette-merge").set_value(True).run()
    assert "4,000 colours became 16." in texts(at)


def test_a_palette_is_made_of_a_dataset(open_page, studio):
    at = open_page("Palettes", **{"from": "A dataset", "of": "sample", "most": "10"})
    at.session_state["palette-new"] = True
    at.run()
    at.toggle(key="palette-read A dataset sample").set_value(True).run()
    at.text_input(key="palette-name").set_value("Sample")
    press(at, "Make the palette")
    found = palettes.get(studio.engine, "Sample")
    assert 1 < len(found.colours) <= 10 and found.source == "dataset sample"


def test_what_is_edited_is_a_draft_until_it_is_saved(open_page, studio, plain):
    at = open_page("Palettes", palette="Props")
    told = desk(at)
    assert told["editable"] and tuple(told["table"]["colours"]) == WOOD.colours
    press(at, "Find ramps")
    assert desk(at)["mark"] != told["mark"]
    assert any("Draft" in one.value for one in at.markdown)
    assert palettes.get(studio.engine, "Props").revision == 1
    press(at, "Save as next revision")
    found = palettes.get(studio.engine, "Props")
    assert found.revision == 2 and found.ramps == ramp_search.completed(plain.table).ramps
    assert "Revision 2" in texts(at)


@pytest.mark.slow
def test_who_saves_second_is_told_and_loses_nothing(open_page, studio, plain, boxes):
    at = open_page("Palettes", palette="Props")
    press(at, "Find ramps")
    more = ColourTable((*WOOD.colours, "#ffffff"))
    palettes.save(studio.engine, "Props", more, after=1, by="bo", now=context.now())
    before = desk(at)["table"]
    press(at, "Save as next revision")
    assert "bo changed Props meanwhile" in texts(at)
    assert palettes.get(studio.engine, "Props").colours[-1] == "#ffffff"
    assert "not saved" in "".join(one.proto.label for one in at.get("page_link"))
    at = open_page("Palettes", palette="Props", revision="1")
    assert desk(at)["table"] == before and "Revision 2 by bo is the newest" in texts(at)
    at.text_input(key="palette-copy-name").set_value("Mine")
    press(at, "Save a copy")
    assert palettes.get(studio.engine, "Mine").source == "Props@1"
    at = open_page("Palettes", palette="Props", revision="1")
    press(at, "Save as next revision")
    found = palettes.get(studio.engine, "Props")
    assert found.revision == 3 and "#ffffff" not in found.colours and found.ramps


def test_a_locked_one_says_why_it_cant_be_changed(open_page, studio, kept):
    at = open_page("Palettes", palette="Props")
    press(at, "Approve")
    press(at, "Lock")
    found = palettes.get(studio.engine, "Props")
    assert (found.approved_by, found.locked_by) == ("ana", "ana")
    assert not desk(at)["editable"] and "Props is locked by ana" in texts(at)
    disabled = {one.label: one.disabled for one in at.button}
    assert disabled["Save as next revision"] and disabled["Withdraw"] and disabled["Find ramps"]
    press(at, "Unlock")
    press(at, "Withdraw")
    assert "Withdrawn by ana" in texts(at)
    press(at, "Bring back")
    assert palettes.get(studio.engine, "Props").withdrawn_by is None


def test_who_may_only_look_is_told_so(open_page, studio, kept, monkeypatch):
    monkeypatch.setattr(ui, "person", lambda: Actor("vi", "viewer"))
    at = open_page("Palettes", palette="Props")
    assert not desk(at)["editable"] and "This is for artists" in texts(at)
    assert all(one.disabled for one in at.button if one.label in ("Approve", "Lock", "Withdraw"))


def test_pictures_are_tried_in_the_colours_and_ramps_swapped(open_page, studio, kept, drawn):
    at = open_page("Palettes", palette="Props", style="sample")
    assert html(at).count("data:image/png;base64,") >= 4
    assert at.selectbox(key="ramp").value in ("wood", "iron")
    at.selectbox(key="ramp").set_value("wood").run()
    assert at.multiselect[0].value == ["iron"] and not at.exception


def test_a_palette_that_is_gone_is_told(open_page, studio, kept):
    at = open_page("Palettes", palette="Nope")
    assert "There is no palette Nope any more" in texts(at)

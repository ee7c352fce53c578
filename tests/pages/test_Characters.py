"""Characters: made and changed by the form, a matrix with its bars, buttons that say why not."""

from __future__ import annotations

import io

from studio import context
from studio.characters import characters
from studio.generation import painted_over
from studio.jobs import queue
from tests import small_bases
from tests.characters_drawn import cell, fill, saved, view
from tests.sheets.drawn import walker


def _button(at, label):
    return next(one for one in at.button if one.label.startswith(label))


def _press(at, label):
    _button(at, label).click().run()
    assert not at.exception, [one.value for one in at.exception]


def _said(at):
    return " ".join(one.value for one in at.caption).replace("\\", "")


def test_the_first_character_is_made_by_the_form(open_page, studio):
    at = open_page("Characters")
    assert "No character yet" in at.info[0].value
    at.text_input(key="draft characters/+ called").input("hero").run()
    at.text_area(key="draft characters/+ prompt").input("a knight").run()
    at.text_input(key="draft characters/+ front").input(view(studio, 1)).run()
    at.number_input(key="draft characters/+ height").set_value(26).run()
    _press(at, "Make the character")
    assert not at.error
    one = characters.current(studio.engine, "hero").character
    assert (one.prompt, one.front, one.height) == ("a knight", view(studio, 1), 26)
    assert at.selectbox(key="character").value == "hero"
    assert "takes no poses" in _said(at)


def test_a_dropped_picture_becomes_a_view_and_a_change_a_revision(open_page, studio):
    saved(studio)
    at = open_page("Characters", character="hero", show="Character")
    data = io.BytesIO()
    walker(3).save(data, format="PNG")
    at.file_uploader(key="characters/hero back drop 0").set_value(
        ("back.png", data.getvalue(), "image/png")
    )
    at.run()
    assert not at.exception and not at.error
    _press(at, "Save as revision 2")
    now = characters.current(studio.engine, "hero")
    assert now.revision == 2 and now.character.back == view(studio, 3)
    assert now.character.colours  # its own stay


def test_what_is_refused_is_said_and_stays_typed(open_page, studio):
    at = open_page("Characters")
    at.text_input(key="draft characters/+ called").input("No Name").run()
    at.text_area(key="draft characters/+ prompt").input("a knight").run()
    _press(at, "Make the character")
    assert "no name for a character" in at.error[0].value.replace("\\", "")
    assert at.text_area(key="draft characters/+ prompt").value == "a knight"
    assert characters.listing(studio.engine) == []


def test_the_practice_base_says_why_it_draws_no_walk(open_page, studio):
    saved(studio)
    at = open_page("Characters", character="hero")
    button = _button(at, "Draw the 32 empty cells")
    assert button.disabled and "takes no poses" in button.help
    assert "Not by their poses" in _said(at) and "no leg would move" in _said(at)
    at = open_page("Characters", character="hero", action="stand")
    assert not _button(at, "Draw the 4 empty cells from the reference sheet").disabled
    assert _button(at, "Draw the 4 empty cells by their poses").disabled


def test_cells_are_drawn_and_chosen_ones_again(open_page, studio):
    saved(studio, base=small_bases.brought(studio.home, "sd1"))
    fill(studio, "east")
    at = open_page("Characters", character="hero", cells="walk/east/3")
    labels = {one.label for one in at.expander}
    assert "east: 6 of 6 bars met" in labels
    assert "south: 8 of 8 cells are empty." in _said(at)
    _press(at, "Draw the 24 empty cells by their poses")
    (job,) = queue.listing(studio.engine, kind="character")
    assert len(job.payload["cells"]) == 24 and job.payload["seed"] == 1
    assert at.query_params["job"] in (str(job.id), [str(job.id)])
    at.number_input(key="characters-seed").set_value(9).run()
    _press(at, "Draw the chosen ones again by their poses")
    job = queue.listing(studio.engine, kind="character")[0]
    assert (job.payload["cells"], job.payload["seed"]) == (["walk/east/3"], 9)


def test_whole_rows_become_a_sheet(open_page, studio):
    saved(studio)
    at = open_page("Characters", character="hero")
    assert _button(at, "Make a sheet").disabled
    fill(studio, "west")
    at = open_page("Characters", character="hero")
    at.number_input(key="characters-walk-ms").set_value(83).run()
    _press(at, "Make a sheet of west")
    (job,) = queue.listing(studio.engine, kind="sheet")
    assert job.payload["tags"][0]["name"] == "walk_west"
    assert {one["duration_ms"] for one in job.payload["frames"]} == {83}


def test_a_character_that_is_gone_is_said(open_page, studio):
    saved(studio)
    at = open_page("Characters", character="nobody")
    assert any("There is no character nobody" in one.value for one in at.warning)


def test_a_cell_that_was_painted_over_is_shown_as_painted(open_page, studio):
    saved(studio)
    first, second, *_ = fill(studio, "east")
    data = io.BytesIO()
    cell(3).save(data, format="PNG")
    painted_over.paint_over(
        studio.engine, studio.home, first, data.getvalue(), by="ana", now=context.now()
    )
    at = open_page("Characters", character="hero")
    shown = " ".join(one.proto.body for one in at.get("html"))
    assert f"/picture/painted/{first}/" in shown and f"/picture/asset/{first}" not in shown
    assert f"/picture/asset/{second}" in shown


def test_how_much_of_a_reference_changes_is_said(open_page, studio):
    saved(studio, back=view(studio, 1))
    at = open_page("Characters", character="hero", action="stand")
    at.number_input(key="characters-change").set_value(0.6).run()
    _press(at, "Draw the 4 empty cells from the reference sheet")
    (job,) = queue.listing(studio.engine, kind="character")
    assert job.payload["change"] == 0.6

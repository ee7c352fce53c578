"""The page Finish: reached from Gallery, Picture and Lists; one picture, or many, and a file."""

import io
import json

import numpy as np
import pytest
from PIL import Image

from pages.finish import which
from studio.accounts import unsaved
from studio.accounts.rights import Actor
from studio.assets import family, records
from studio.assets.search import Wanted
from studio.errors import StudioError
from studio.finishing import colour_table, palettes
from studio.finishing.steps import Steps
from studio.generation import gallery_table, raw_pictures
from studio.jobs import queue
from studio.pixels.grid import Grid
from studio.web import finished_previews, session, ui
from studio.workflows import finishing, finishing_sources
from tests.pages.test_Gallery import NOW, keep, press, said


def told(at, screen):
    """What a screen of ours was told."""
    proto = next(
        e.proto for e in at.get("bidi_component") if e.proto.component_name.endswith(screen)
    )
    return json.loads(proto.json)


def asked(at, name):
    """What the address says under a name."""
    told = at.query_params[name]
    return told[0] if isinstance(told, list) else told


def png(size=(8, 8), colour="red"):
    file = io.BytesIO()
    Image.new("RGBA", size, colour).save(file, "PNG")
    return file.getvalue()


def press_named(at, start):
    next(b for b in at.button if b.label.startswith(start)).click().run()
    assert not at.exception, [e.value for e in at.exception]
    return at


def put(at, *ids, **fields):
    """As somebody does in the fields of steps for these pictures."""
    subject = which.subject(ids)
    for name, value in fields.items():
        at.session_state[f"draft {subject} {name}"] = value
    engine, person = session.studio().engine, ui.person()
    held = unsaved.find(engine, person, subject)
    unsaved.keep(engine, person, subject, {**(held.fields if held else {}), **fields}, now=NOW)
    at.run()
    assert not at.exception, [e.value for e in at.exception]
    return at


HALVED = {"grid": "set", "set_grid": [2.0, 2.0, 0.0, 0.0]}


def test_without_a_picture_it_says_where_they_are(studio, open_page):
    at = open_page("Finish")
    assert {link.proto.label for link in at.get("page_link")} >= {
        "Choose in the gallery",
        "Choose a list",
    }
    at = open_page("Finish", id="gone")
    assert "not there any more" in said(at)


def test_a_file_is_kept_and_shown_and_walls_show_it_only_once_finished(studio, open_page):
    at = open_page("Finish")
    at.file_uploader[0].set_value(("a gem!.png", png((8, 8)), "image/png")).run()
    assert not at.exception
    id = asked(at, "id")
    asset = records.get(studio.engine, id)
    assert (asset.kind, asset.name, asset.recipe) == (
        raw_pictures.KIND,
        "a_gem",
        {"file": "a gem!.png"},
    )
    assert gallery_table.count(studio.engine, Wanted()) == 0
    put(at, id, **HALVED)
    press_named(at, "Keep")
    (picture,) = gallery_table.search(studio.engine, Wanted()).found
    assert (picture.prompt, picture.name, picture.version) == ("a_gem", "a_gem", 0)
    assert picture.raw is not None and picture.raw.startswith("starts/")
    assert [one.id for one in family.parents(studio.engine, picture.id)] == [id]
    kin = {link.proto.label for link in open_page("Picture", id=picture.id).get("page_link")}
    assert "The file a gem\\!\\.png" in kin
    at = open_page("Picture", id=id)
    assert at.header[0].value == "The file a gem\\!\\.png"
    assert "Finish" in {link.proto.label for link in at.get("page_link")}


@pytest.mark.parametrize(
    ("data", "name", "why"),
    [
        (b"no picture", "a.png", "not a picture in a known format"),
        (png((8, 8))[:-30], "cut.png", "truncated or damaged"),
        (png((4097, 1)), "wide.png", "4,097 x 1 pixels"),
    ],
)
def test_a_file_that_is_no_use_is_named(studio, open_page, data, name, why):
    at = open_page("Finish")
    at.file_uploader[0].set_value((name, data, "image/png")).run()
    assert why in said(at) and "id" not in at.query_params


@pytest.mark.slow
def test_what_is_set_by_hand_outlasts_a_reload_and_is_kept_once(studio, open_page):
    (id,) = keep(studio, [1])
    at = open_page("Finish", id=id)
    data = told(at, "finish")
    assert data["before"] != data["after"] and data["editable"]
    at = put(at, id, **HALVED)
    at = put(open_page("Finish", id=id), id, hard_alpha=True)  # a reload
    assert "not saved" in said(at)
    press_named(at, "Keep")
    new = gallery_table.ids_of(studio.engine, Wanted())
    assert len(new) == 2 and "Kept as a picture of its own" in said(at)
    press_named(at, "Keep")
    assert gallery_table.ids_of(studio.engine, Wanted()) == new
    made = next(one for one in new if one != id)
    steps = finishing.steps_of(records.get(studio.engine, made))
    assert steps.set_grid == Grid(2, 2, 0, 0) and steps.recipe.hard_alpha
    kept = unsaved.find(studio.engine, "ana", f"finish/{id}").fields
    assert kept == {**HALVED, "hard_alpha": True}
    again = open_page("Finish", id=made)  # begins from the same picture, with its steps
    assert (
        told(again, "finish")["before"].partition("-")[2]
        == told(at, "finish")["before"].partition("-")[2]
    )
    press_named(at, "Undo")
    assert gallery_table.ids_of(studio.engine, Wanted()) == [id]


def test_many_are_kept_at_once_but_for_those_left_out(studio, open_page):
    ids = keep(studio, range(4))
    at = open_page("Gallery")
    held = at.session_state["gallery-chosen"]
    held.turns = {id: held.seen[id] for id in ids[:3]}
    at.run()
    press(at, "Finish")
    assert asked(at, "ids") == ",".join(ids[:3])
    at = open_page("Finish", ids=",".join(ids[:3]))
    wall = told(at, "wall")
    assert [tile["id"] for tile in wall["tiles"]] == ids[:3] and wall["chosen"] == ids[:3]
    at = put(at, *ids[:3], **HALVED)
    at = put(at, *ids[:3], out=[ids[1]])
    assert "1 left out" in said(at)
    press_named(at, "Keep 2")
    assert "2 kept" in said(at) and gallery_table.count(studio.engine, Wanted()) == 6
    press_named(at, "Undo")
    assert gallery_table.count(studio.engine, Wanted()) == 4


def test_too_many_are_a_job_and_of_a_large_choice_the_address_is_short(
    studio, open_page, monkeypatch
):
    ids = keep(studio, range(3))
    monkeypatch.setattr(which, "IN_ADDRESS", 2)
    monkeypatch.setattr(finishing_sources, "AT_ONCE", 2)
    at = open_page("Finish", **which.of_chosen(ids))
    at = put(at, *ids, **HALVED)
    press_named(at, "Keep 3")
    (job,) = queue.listing(studio.engine, kind="finish")
    assert job.payload["ids"] == ids and job.payload["steps"]["grid"] == "set"


def test_a_viewer_sees_it_and_can_keep_nothing(studio, open_page, monkeypatch):
    (id,) = keep(studio, [1])
    monkeypatch.setattr(ui, "person", lambda: Actor("vi", "viewer"))
    at = open_page("Finish", id=id)
    keep_it = next(b for b in at.button if b.label == "Keep")
    assert keep_it.disabled and "artists" in keep_it.help
    assert not told(at, "finish")["editable"]
    assert open_page("Finish").file_uploader[0].proto.disabled


def test_previews_are_answered_by_address(studio):
    (id,) = keep(studio, [1])
    (source,) = finishing_sources.sources(studio, [id])
    steps = Steps(grid="set", set_grid=Grid(2, 2, 0, 0))
    finished_previews.preview(source, steps)
    name = finishing_sources.name_of(source, steps)
    after = Image.open(io.BytesIO(finished_previews.png(name, factor=4)))
    assert after.size == (64, 64) and after.getpixel((0, 0)) == (255, 0, 0, 255)
    with pytest.raises(StudioError, match="not known any more"):
        finished_previews.png("gone")
    pair = Image.open(io.BytesIO(finished_previews.png(name, "pair")))
    assert pair.size == (66, 32) and pair.getpixel((0, 0)) == (255, 0, 0, 255)


def unfolded(at):
    """All groups of steps open: what is folded away is not drawn, and AppTest folds it again."""
    for group in ("Grid", "Colour", "Palette", "Clean up", "Background and canvas", "Shadow"):
        at.session_state[f"finish-group {group}"] = True
    return at.run()


def test_every_group_of_steps_is_set_by_its_fields(studio, open_page):
    (id,) = keep(studio, [1])
    table = colour_table.ColourTable(("#000000", "#ffffff"), ("", ""))
    palettes.save(studio.engine, "ink", table, after=0, by="ana", now=NOW)
    at = unfolded(open_page("Finish", id=id))
    assert not at.exception, [e.value for e in at.exception]
    at.selectbox(key="finish-palette").set_value("ink@1")
    label = {field.label: field for field in (*unfolded(at).number_input, *at.toggle)}
    label["Canvas width"].set_value(40)
    assert "other side" in said(unfolded(at))
    next(f for f in at.number_input if f.label == "Canvas height").set_value(48)
    next(f for f in unfolded(at).toggle if f.label == "Background away").set_value(True)
    unfolded(at)
    assert not at.exception and "No plain background" in said(at)
    press_named(at, "Keep")
    kept = gallery_table.search(studio.engine, Wanted()).found[0]
    steps = finishing.steps_of(records.get(studio.engine, kept.id))
    assert steps.recipe.colours == ("#000000", "#ffffff") and steps.recipe.palette == "ink@1"
    assert (steps.recipe.canvas, steps.recipe.background) == ((40, 48), True)
    assert (kept.width, kept.height) == (40, 48)
    palettes.withdraw(studio.engine, "ink", by="ana", now=NOW)
    again = open_page("Finish", id=kept.id)
    again.session_state["finish-group Palette"] = True
    again.run()
    assert again.selectbox(key="finish-palette").value == "proposed"


def test_a_palette_of_too_many_colours_is_named_and_the_steps_stay(studio, open_page):
    (id,) = keep(studio, [1])
    at = open_page("Finish", id=id)
    at.session_state["finish-group Palette"] = True
    at.run()
    lines = "\n".join(f"{number:06x}" for number in range(4_000))
    at.file_uploader[0].set_value(("many.hex", lines.encode(), "text/plain")).run()
    assert "4,000 colours" in said(at) and not at.exception
    few = b"000000\nffffff\n"
    at.run()
    at.file_uploader[0].set_value(("few.hex", few, "text/plain")).run()
    subject = which.subject([id])
    assert unsaved.find(studio.engine, "ana", subject).fields["colours"] == ["#000000", "#ffffff"]


@pytest.mark.slow
def test_a_photograph_is_told(studio, open_page):
    at = open_page("Finish")
    noise = np.random.default_rng(3).integers(0, 256, (128, 128, 3), np.uint8)
    file = io.BytesIO()
    Image.fromarray(noise).save(file, "PNG")
    at.file_uploader[0].set_value(("photo.png", file.getvalue(), "image/png")).run()
    assert "Looks like a photograph" in said(at) and not at.exception

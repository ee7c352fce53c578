"""The page Tiles: two files become a set, the address keeps it, a quarter-tile fixes it."""

import io

from PIL import Image

from studio import context
from studio.assets import records
from studio.tiles import kept
from studio.tiles.kept import Source
from studio.tiles.settings import usual
from tests.tiles.drawn import GRASS, WATER, texture


def _png(picture):
    file = io.BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()


def _press(at, label):
    next(one for one in at.button if one.label == label).click()
    return at.run()


def _made(studio):
    sources = (Source(texture(GRASS, 16, 1), "grass"), Source(texture(WATER, 16, 2), "water"))
    return kept.make(studio.engine, studio.home, *sources, usual(16), by="ana", now=context.now())


def test_two_files_become_a_set_that_the_address_names(open_page, studio):
    at = open_page("Tiles", size="16", tiles="blob", seed="7")
    assert "No tileset yet" in at.info[0].value
    assert next(one for one in at.button if one.label == "Make the tileset").disabled
    for role, colours in (("inner", GRASS), ("outer", WATER)):
        file = (f"{role}.png", _png(texture(colours, 16, 1)), "image/png")
        at.file_uploader(key=f"{role}-file").set_value(file)
    at.text_input(key="inner-name").set_value("meadow")
    at.run()
    _press(at, "Make the tileset")
    assert not at.exception and not at.error
    (made,) = kept.all_sets(studio.engine)
    assert at.query_params["set"] in (made.id, [made.id])
    asked = records.get(studio.engine, made.id).recipe["settings"]
    assert (asked["size"], asked["kind"], asked["seed"]) == (16, "blob", 7)
    assert (asked["inner"], asked["outer"]) == ("meadow", "water")


def test_a_terrain_with_holes_is_named_and_what_was_chosen_stays(open_page, studio):
    at = open_page("Tiles", size="16")
    hole = Image.new("RGBA", (16, 16))
    for role, picture in (("inner", texture(GRASS, 16, 1)), ("outer", hole)):
        at.file_uploader(key=f"{role}-file").set_value((f"{role}.png", _png(picture), "image/png"))
    at.run()
    _press(at, "Make the tileset")
    assert "transparent in 100 %" in at.error[0].value and "opaque fill" in at.error[0].value
    assert not kept.all_sets(studio.engine)
    assert not next(one for one in at.button if one.label == "Make the tileset").disabled


def test_a_quarter_painted_over_leads_to_the_fixed_set(open_page, studio):
    id = _made(studio)
    at = open_page("Tiles", set=id, quarter="ne-convex-1")
    red = _png(Image.new("RGBA", (8, 8), "red"))
    at.file_uploader(key=f"fixed-{id}-ne-convex-1").set_value(("red.png", red, "image/png"))
    _press(at, "Fix all its tiles")
    assert not at.exception and not at.error
    newest = kept.all_sets(studio.engine)[0]
    assert newest.id != id and at.query_params["set"] in (newest.id, [newest.id])
    assert records.get(studio.engine, newest.id).recipe["fixed"] == ["ne-convex-1"]


def test_a_set_that_is_gone_is_said(open_page, studio):
    _made(studio)
    at = open_page("Tiles", set="nobody")
    assert any("There is no tileset nobody" in one.value for one in at.warning)

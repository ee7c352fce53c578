"""Characters beside what draws them: pictures and palettes kept, versions checked, ways told."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image, ImageOps

from studio import context
from studio.accounts.rights import Actor, NotAllowed
from studio.characters import characters as kept_characters
from studio.context import Studio
from studio.errors import StudioError
from studio.finishing import colour_table, palettes
from studio.generation import painted_over, start_pictures
from studio.settings import load_settings
from studio.workflows import character_ways, characters
from tests import small_bases
from tests.characters_drawn import saved, view
from tests.prop_pictures import kept
from tests.sheets.drawn import walker
from tests.worker.kinds.step_by_step import NOW


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return context.open_studio(load_settings({}, home=str(tmp_path / "home")))


def test_a_picture_of_the_gallery_is_kept_as_it_is_now(studio: Studio) -> None:
    id = kept(studio, walker(2), "front")
    one = saved(studio, front=id).character
    assert one.front == view(studio, 2)
    painted = walker(0)
    data = io.BytesIO()
    painted.save(data, format="PNG")
    painted_over.paint_over(studio.engine, studio.home, id, data.getvalue(), by="ana", now=NOW)
    assert kept_characters.current(studio.engine, "hero").character.front == one.front
    assert saved(studio, after=1, front=id).character.front == view(studio, 0)


def test_a_palette_s_colours_are_written_out(studio: Studio) -> None:
    table = colour_table.ColourTable(("#112233", "#aabbcc"))
    palettes.save(studio.engine, "props", table, after=0, by="ana", now=NOW)
    told = {"prompt": "a knight", "palette": "props"}
    one = characters.save(studio, "elf", told, after=0, by="ana", now=NOW).character
    assert (one.palette, one.colours) == ("props@1", ("#112233", "#aabbcc"))
    without = characters.save(studio, "elf", {"palette": ""}, after=1, by="ana", now=NOW).character
    assert (without.palette, without.colours) == ("", ())
    with pytest.raises(StudioError, match="palette"):
        characters.save(studio, "elf", {"palette": "gone"}, after=2, by="ana", now=NOW)


def test_what_is_not_there_is_named(studio: Studio) -> None:
    for told, said in (
        ({"front": "gone"}, "no picture 'gone'"),
        ({"style": "nobody", "version": 3}, "nobody"),
        ({"version": 2}, "without a style"),
        ({"base": "/somewhere/else"}, "."),
    ):
        with pytest.raises(StudioError, match=said):
            saved(studio, name="x", **told)
    with pytest.raises(NotAllowed):
        characters.save(studio, "x", {"prompt": "x"}, after=0, by=Actor("eve", "viewer"), now=NOW)
    with pytest.raises(NotAllowed):  # a place on the studio's machine
        told = {"prompt": "x", "base": str(studio.home.parent)}
        characters.save(studio, "x", told, after=0, by=Actor("bo", "artist"), now=NOW)
    assert kept_characters.listing(studio.engine) == []


def test_a_style_without_anything_in_production_is_said_where_it_would_draw(
    studio: Studio,
) -> None:
    one = saved(studio, style="nobody").character
    ways = character_ways.ways(studio, one, "walk")
    assert "nothing in production" in ways.refused["pose"]


def test_ways_of_the_practice_base(studio: Studio) -> None:
    one = saved(studio).character
    walk, stand = (character_ways.ways(studio, one, action) for action in ("walk", "stand"))
    assert "takes no poses" in walk.refused["pose"] and "takes no poses" in stand.refused["pose"]
    assert "no leg would move" in walk.refused["reference"]
    assert stand.refused["reference"] == ""


def test_ways_of_a_base_that_poses_lead(studio: Studio) -> None:
    base = small_bases.brought(studio.home, "sd1")
    one = saved(studio, base=base).character
    ways = character_ways.ways(studio, one, "walk")
    assert ways.refused["pose"] == "" and ways.controlnet is not None
    assert ways.controlnet.name == "poses" and ways.ip_adapter is not None
    assert ways.remarks == ("No back on the reference sheet: another view stands in.",)
    bare = saved(studio, name="bare", base=base, front="", side="", colours=[]).character
    ways = character_ways.ways(studio, bare, "walk")
    assert ways.refused["pose"] == "" and ways.ip_adapter is None
    said = " ".join(ways.remarks)
    assert "reference sheet is empty" in said and "words alone" in said
    assert "Without a palette" in said


def test_each_direction_takes_after_its_view(studio: Studio) -> None:
    lopsided = start_pictures.keep_picture(studio.home, walker(4, across=2), by="ana")
    one = saved(studio, side=lopsided).character
    found = {
        way: characters.view(studio, one, way, "ana") for way in ("south", "east", "north", "west")
    }
    assert found["south"] == one.front and found["east"] == one.side
    assert found["north"] == one.front  # no back: the first that there is
    with Image.open(start_pictures.path(studio.home, found["west"])) as west:
        assert ImageOps.mirror(west).tobytes() == walker(4, across=2).tobytes()
    empty = saved(studio, name="bare", front="", side="").character
    assert characters.view(studio, empty, "west", "ana") == ""

"""Rows: what is in their cells, the bars of a walk, and sheets made of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from studio import context
from studio.assets import records
from studio.characters import fitting
from studio.context import Studio
from studio.errors import StudioError
from studio.settings import load_settings
from studio.worker.kind_table import KINDS
from studio.workflows import animation_files, character_rows
from tests.characters_drawn import COLOURS, CYCLE, HEIGHT_PX, cell, fill, saved
from tests.worker.kinds.step_by_step import begun, ran


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return context.open_studio(load_settings({}, home=str(tmp_path / "home")))


def test_a_whole_row_is_held_against_the_bars_and_others_say_why_not(studio: Studio) -> None:
    saved(studio)
    fill(studio, "east")
    fill(studio, "north", (4, 2))
    fill(studio, "west", [2] * 8)
    south, east, north, west = character_rows.rows(studio, "hero", "walk")
    assert (south.says, north.says) == ("8 of 8 cells are empty.", "6 of 8 cells are empty.")
    assert east.whole and {one.name: one.met for one in east.verdicts} == {
        "frames": True,
        "head and torso": True,
        "limbs": True,
        "ground line": True,
        "loop": True,
        "height": True,
    }
    met = {one.name: one.met for one in west.verdicts}
    assert not met["frames"] and not met["limbs"] and not met["loop"] and met["ground line"]
    told = character_rows.told(east)
    assert [one["cell"] for one in told["cells"]][:2] == ["walk/east/1", "walk/east/2"]
    assert told["figures"]["limbs"] >= 0.15 and told["bars"][0]["met"]
    assert character_rows.told(south)["cells"][0]["asset"] is None


def test_a_figure_of_another_height_is_seen() -> None:
    small = [cell(stride) for stride in (4, 1, -3, 1)]
    _, bars = character_rows.figures_of(small, "walk", 40)
    assert not next(one for one in bars if one.name == "height").met
    figures, bars = character_rows.figures_of(small[:1], "stand", HEIGHT_PX)
    assert figures is None and [one.met for one in bars] == [True]


def test_whole_rows_become_a_sheet_with_a_tag_for_each_direction(studio: Studio) -> None:
    saved(studio)
    ids = {way: fill(studio, way) for way in ("south", "west")}
    fill(studio, "east", (1, 2, 3))
    payload = character_rows.payload(studio, "hero", "walk")
    assert [one["picture"] for one in payload["frames"]] == ids["south"] + ids["west"]
    assert payload["tags"][1] == {"name": "walk_west", "first": 8, "last": 15}
    given, ask = begun(studio, "sheet", **payload)
    made = ran(KINDS["sheet"], given, ask)["sheet"]
    kept = animation_files.get(studio.engine, studio.home, made)
    animation = kept.animation
    assert kept.asset.name == "hero_walk" and len(animation.frames) == 16
    assert animation.pivot == (
        fitting.side_of(HEIGHT_PX) / 2,
        float(fitting.ground_of(HEIGHT_PX)),
    )
    assert [one.name for one in animation.tags] == ["walk_south", "walk_west"]
    assert animation.palette == COLOURS and animation.frames[0].duration_ms == 100
    assert animation.frames[9].name == "walk_west_2"
    assert animation.frames[9].image.tobytes() == cell(2).tobytes()
    one = character_rows.payload(studio, "hero", "walk", ["west"], 83)
    assert len(one["frames"]) == 8 and one["frames"][0]["duration_ms"] == 83


def test_what_makes_no_sheet_is_named(studio: Studio) -> None:
    saved(studio)
    with pytest.raises(StudioError, match="No direction of hero's walk is whole"):
        character_rows.payload(studio, "hero", "walk")
    fill(studio, "east", (1, 2))
    with pytest.raises(StudioError, match=r"walk/east/3 is empty"):
        character_rows.payload(studio, "hero", "walk", ["east"])
    with pytest.raises(StudioError, match="no direction 'up'"):
        character_rows.payload(studio, "hero", "walk", ["up"])
    fill(studio, "east")
    with pytest.raises(StudioError, match="lasts 0 ms"):
        character_rows.payload(studio, "hero", "walk", ["east"], 0)
    saved(studio, after=1, height=48)
    with pytest.raises(StudioError, match=r"39 x 39 pixels, a cell of this character 72 x 72"):
        character_rows.payload(studio, "hero", "walk", ["east"])
    with pytest.raises(StudioError, match="no character 'elf'"):
        character_rows.rows(studio, "elf", "walk")


def test_a_cell_whose_picture_was_taken_away_is_empty(studio: Studio) -> None:
    saved(studio)
    fill(studio, "east")
    gone = fill(studio, "west")[2]
    assert records.take_back(studio.engine, [gone]) == [gone]
    west = character_rows.rows(studio, "hero", "walk")[3]
    assert west.says == "1 of 8 cells are empty."
    assert len(character_rows.there(studio, "hero", "walk")) == 15
    payload = character_rows.payload(studio, "hero", "walk")
    assert [one["name"] for one in payload["tags"]] == ["walk_east"]
    with pytest.raises(StudioError, match=r"walk/west/3 is empty"):
        character_rows.payload(studio, "hero", "walk", ["west"])


def test_a_row_that_floats_above_the_ground_line_is_seen() -> None:
    _, bars = character_rows.figures_of([cell(one, -3) for one in CYCLE], "walk", HEIGHT_PX)
    assert [one.name for one in bars if not one.met] == ["ground line"]
    assert "3 pixels off" in next(one.says for one in bars if one.name == "ground line")

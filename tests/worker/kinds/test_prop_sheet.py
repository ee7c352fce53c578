"""The job that draws a prop from several directions: whole, without the studio, cut off anywhere,
and in the style's own pixels and colours."""

from __future__ import annotations

import json

import numpy as np
import pytest
from PIL import Image

from studio import context
from studio.accounts.rights import Actor
from studio.assets import family, files, records
from studio.assets.records import New
from studio.errors import StudioError
from studio.finishing import style_recipes
from studio.finishing.recipe import Recipe
from studio.generation import gallery_table, picture_files
from studio.jobs import queue
from studio.props import directions, glb
from studio.settings import load_settings
from studio.store.publish import publish
from studio.worker.kinds.prop_sheet import KIND
from studio.worker.steps import digest
from studio.workflows import prop_sheets
from tests.props.drawn_models import box, facing, material, sprite, texture
from tests.worker.kinds.step_by_step import NOW, Axe, Killed, begun, computed_away, ran

PALETTE = ("#20283a", "#c04028", "#f0d8a0")
ASKED = {"count": 4, "side": 24}


@pytest.fixture
def studio(tmp_path) -> context.Studio:
    return context.open_studio(load_settings({}, home=str(tmp_path / "home")))


def kept(studio, style: str = "", model: bool = True) -> str:
    """A prop: a card of a sprite of 12 x 16 pixels."""
    shown = facing(box(material(texture(sprite()), alpha="mask"), wide=0.75, tall=1.0, deep=0.1))
    place = studio.home / "props" / "ab" / f"model-{style}.glb"
    publish(place, glb.write(shown))
    held = {"model": (place, files.read(place))} if model else {}
    new = New(
        kind="prop",
        key=f"props/{style}-{model}",
        files=held,
        style=style,
        name="a lantern",
        seed=7,
        recipe={"prompt": "an old lantern", "method": "card", "steps": "of another meaning"},
    )
    (id,) = records.put(studio.engine, [new], by="ana", now=NOW)
    return id


def with_recipe(studio, style: str, **steps) -> None:
    style_recipes.save(
        studio.engine,
        style,
        Recipe(**steps),
        after=0,
        why="as the game has it",
        by=Actor("bo", "art lead"),
        now=NOW,
    )


def test_a_sheet_stands_in_the_gallery_and_the_prop_is_its_parent(studio):
    id = kept(studio)
    given, ask = begun(studio, "prop_sheet", prop=id, directions=ASKED)
    assert given.job.lane == "short"
    told = ran(KIND, given, ask)
    assert told["directions"] == ["south", "east", "north", "west"]
    record = gallery_table.get(studio.engine, told["picture"])
    assert (record.name, record.prompt, record.seed, record.job) == (
        "a lantern",
        "an old lantern",
        7,
        given.job.id,
    )
    assert [one.id for one in family.parents(studio.engine, told["picture"])] == [id]
    there = {one.role: studio.home / one.path for one in files.of(studio.engine, record.id)}
    assert set(there) == {"picture", "normal"} and there["picture"] == studio.home / told["file"]
    for file in there.values():
        with Image.open(file) as picture:
            assert picture.size == (96, 24) and picture.mode == "RGBA"
            said = json.loads(picture.text[prop_sheets.KEY])
        assert [one["left"] for one in said["frames"]] == [0, 24, 48, 72]
        assert said["settings"] == ask.directions
        assert picture_files.read_made(file).prompt == "an old lantern"
    asset = records.get(studio.engine, record.id)
    assert asset.recipe["directions"] == ask.directions and asset.recipe["made_by"] == KIND.name
    assert asset.recipe["pixels_per_metre"] == said["pixels_per_metre"]
    assert not given.workdir.exists()
    assert ran(KIND, given, ask)["picture"] == told["picture"]  # nothing comes twice


def test_a_style_gives_its_palette_pixels_and_outline(studio):
    with_recipe(
        studio,
        "props",
        hard_alpha=True,
        native=32,
        colours=PALETTE,
        outline="add",
        outline_colour=PALETTE[0],
    )
    own, other = kept(studio, "props"), kept(studio)
    for payload in ({"prop": own}, {"prop": other, "style": "props"}):
        _, ask = begun(studio, "prop_sheet", **payload)
        found = directions.of_json(ask.directions)
        assert (found.side, found.palette, found.hard_alpha) == (32, PALETTE, True)
        assert (found.outline, found.outline_colour) == ("add", PALETTE[0])
        assert ask.style == "props" and ask.name == "a lantern"
    given, ask = begun(studio, "prop_sheet", prop=own, directions={"side": 40, "outline": ""})
    told = ran(KIND, given, ask)
    pixels = np.asarray(Image.open(studio.home / told["file"]))
    assert pixels.shape == (40, 320, 4)
    used = {"#" + bytes(one).hex() for one in np.unique(pixels[pixels[..., 3] > 0, :3], axis=0)}
    assert used <= set(PALETTE)
    assert gallery_table.get(studio.engine, told["picture"]).style == "props"


def test_a_prop_whose_style_is_gone_is_drawn_as_any(studio):
    _, ask = begun(studio, "prop_sheet", prop=kept(studio, "gone"))
    assert ask.style == "" and directions.of_json(ask.directions) == directions.Directions()


def test_a_canvas_goes_before_the_native_size(studio):
    with_recipe(studio, "wide", hard_alpha=True, native=32, canvas=(48, 40))
    _, ask = begun(studio, "prop_sheet", prop=kept(studio, "wide"))
    assert ask.directions["side"] == 48


def test_it_computes_without_the_studio(studio, tmp_path):
    given, ask = begun(studio, "prop_sheet", prop=kept(studio), directions=ASKED)
    outcome, _ = computed_away(KIND, studio, KIND.prepare(given, ask), tmp_path / "there")
    assert len(outcome.files) == 2
    plain = type(outcome)(**json.loads(json.dumps(vars(outcome))))
    told = KIND.commit(given, ask, plain)
    again, ask = begun(studio, "prop_sheet", prop=kept(studio), directions=ASKED)
    same = ran(KIND, again, ask)
    assert digest(studio.home / same["file"]) == digest(studio.home / told["file"])


@pytest.mark.parametrize("at", range(5))
def test_cut_off_anywhere_it_ends_the_same(studio, monkeypatch, at):
    given, ask = begun(studio, "prop_sheet", prop=kept(studio), directions=ASKED)
    with monkeypatch.context() as patch:
        axe = Axe(at)
        axe.lay(patch, directions, "sheet")
        axe.lay(patch, picture_files, "write_png")
        axe.lay(patch, prop_sheets, "new")
        axe.lay(patch, records, "put")
        with pytest.raises(Killed):
            ran(KIND, given, ask)
    told = ran(KIND, given, ask)
    assert [one.id for one in family.children(studio.engine, ask.prop)] == [told["picture"]]


def test_without_normals_there_is_one_file(studio):
    asked = {**ASKED, "normals": False}
    given, ask = begun(studio, "prop_sheet", prop=kept(studio), directions=asked)
    (file,) = files.of(studio.engine, ran(KIND, given, ask)["picture"])
    assert file.role == "picture"


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ({"prop": "gone"}, "no asset 'gone'"),
        ({"directions": {"count": 5}}, "5 directions"),
        ({"directions": {"sides": 5}}, "Did you mean side"),
        ({"style": "nobody"}, "no style 'nobody'"),
        ({"style": "../x"}, "no name for a style"),
        ({"directions": 4}, "directions is 4"),
    ],
)
def test_what_can_t_be_drawn_is_refused_at_the_door(studio, asked, why):
    id = kept(studio)
    with pytest.raises(StudioError, match=why):
        begun(studio, "prop_sheet", **{"prop": id, **asked})
    assert queue.listing(studio.engine) == []


def test_what_is_no_prop_or_has_no_model_is_refused(studio):
    new = New(kind="palette", key="p", name="p")
    (other,) = records.put(studio.engine, [new], by="ana", now=NOW)
    with pytest.raises(StudioError, match="is no prop"):
        begun(studio, "prop_sheet", prop=other)
    with pytest.raises(StudioError):
        begun(studio, "prop_sheet", prop=kept(studio, model=False))

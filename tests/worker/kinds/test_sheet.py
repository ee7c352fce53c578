"""The job that makes a sheet: of the gallery, whole, without the studio, cut off anywhere, with the
places of the sheet before, and refused by name."""

from __future__ import annotations

import json

import numpy as np
import pytest
import sqlalchemy as sa
from PIL import Image

from studio import context, images
from studio.assets import family, files, records
from studio.assets.tables import assets
from studio.database.engine import writing
from studio.errors import StudioError
from studio.finishing import colour_table, palettes
from studio.generation import start_pictures
from studio.settings import load_settings
from studio.sheets import packing
from studio.sheets.formats import aseprite
from studio.worker.kinds.sheet import KIND
from studio.workflows import animation_files, animation_sources
from tests.prop_pictures import kept
from tests.sheets.drawn import noise, same, walk, walker, with_normals
from tests.worker.kinds.step_by_step import NOW, Axe, Killed, begun, computed_away, ran


@pytest.fixture
def studio(tmp_path) -> context.Studio:
    return context.open_studio(load_settings({}, home=str(tmp_path / "home")))


@pytest.fixture
def ids(studio):
    return [kept(studio, walker(stride), f"step{k}") for k, stride in enumerate((4, 1, -3))]


def asked(ids, **more):
    return {"frames": [{"picture": one} for one in ids], "name": "walk", **more}


def sheet(studio, **payload):
    given, ask = begun(studio, "sheet", **payload)
    return ran(KIND, given, ask)


def test_a_sheet_is_an_asset_with_all_its_files_and_its_frames_parents(studio, ids):
    tags = [{"name": "walk", "first": 0, "last": 2, "direction": "pingpong"}]
    given, ask = begun(studio, "sheet", **asked(ids, duration_ms=83, tags=tags, pivot=[11.5, 30.0]))
    assert given.job.lane == "short"
    told = ran(KIND, given, ask)
    asset = records.get(studio.engine, told["sheet"])
    assert (asset.kind, asset.name, asset.style, asset.version) == ("sheet", "walk", "props", 3)
    assert {one.id for one in family.parents(studio.engine, asset.id)} == set(ids)
    there = {one.role: studio.home / one.path for one in files.of(studio.engine, asset.id)}
    assert set(there) == {"picture", "frames", "data"}
    assert there["picture"] == studio.home / told["file"]
    found = animation_files.get(studio.engine, studio.home, asset.id)
    for frame, stride in zip(found.animation.frames, (4, 1, -3), strict=True):
        assert frame.image.tobytes() == walker(stride).tobytes() and frame.duration_ms == 83
    assert found.animation.pivot == (11.5, 30.0)
    assert found.animation.tags[0].direction == "pingpong"
    assert set(found.animation.palette) == {"#f0be8c", "#3c78c8", "#5a3c28"}
    opened = aseprite.read(there["frames"].read_bytes(), "walk.aseprite").animation
    assert same(opened, found.animation)
    assert asset.recipe["figures"]["distinct"] == 3 and asset.recipe["frames"] == 3
    assert not given.workdir.exists()


def test_the_same_frames_and_settings_are_the_same_sheet(studio, ids):
    first, second = (sheet(studio, **asked(ids))["sheet"] for _ in range(2))
    assert first == second
    assert sheet(studio, **asked(ids, packing={"padding": 1}))["sheet"] != first


def test_frames_of_a_sheet_before_keep_their_places(studio, ids):
    first = sheet(studio, **asked(ids))["sheet"]
    more = kept(studio, walker(2), "step9")
    second = sheet(studio, **asked([more, *ids], before=first))["sheet"]
    old, new = (
        animation_files.get(studio.engine, studio.home, one).placed.rects for one in (first, second)
    )
    assert [(r.x, r.y) for r in new[1:]] == [(r.x, r.y) for r in old]
    assert first in {one.id for one in family.parents(studio.engine, second)}


def test_a_motion_of_one_picture(studio, ids):
    moving = {"motion": "hover", "frames": 6, "height": 2}
    told = sheet(studio, **asked(ids[:1], motion=moving))
    found = animation_files.get(studio.engine, studio.home, told["sheet"])
    assert len(found.animation.frames) == 6 and found.animation.tags[0].name == "hover"
    assert found.asset.recipe["asked"]["motion"]["duration_ms"] == 100


def test_cells_of_a_picture_and_normal_maps_of_a_file(studio):
    strip = Image.new("RGBA", (48, 32))
    strip.paste(walker(2), (0, 0))
    strip.paste(walker(-2), (24, 0))
    picture = kept(studio, strip, "strip")
    _, frames = animation_sources.cut_up(studio, picture, {"width": 24, "height": 32})
    told = sheet(studio, frames=frames, name="cut")
    found = animation_files.get(studio.engine, studio.home, told["sheet"])
    assert found.animation.frames[1].image.tobytes() == walker(-2).tobytes()
    made = with_normals(walk("hero"))
    data = aseprite.write(made)
    payload, remarks = animation_sources.brought(studio, data, "hero.aseprite", by="ana")
    back = animation_files.get(studio.engine, studio.home, sheet(studio, **payload)["sheet"])
    assert remarks == () and same(back.animation, made) and back.animation.tags == made.tags
    assert back.placed.normals is not None and back.animation.slices == made.slices


def test_all_frames_come_into_one_palette(studio, ids):
    table = colour_table.ColourTable(("#000000", "#ffffff"))
    palettes.save(studio.engine, "two", table, after=0, by="ana", now=NOW)
    given, ask = begun(studio, "sheet", **asked(ids, palette="two"))
    assert ask.colours == ["#000000", "#ffffff"]
    told = ran(KIND, given, ask)
    pixels = np.asarray(images.open_picture(studio.home / told["file"]))
    drawn = pixels[pixels[..., 3] > 0][:, :3]
    assert {tuple(one) for one in drawn.tolist()} <= {(0, 0, 0), (255, 255, 255)}


def test_it_is_computed_where_nothing_of_the_studio_is(studio, ids, tmp_path):
    first = sheet(studio, **asked(ids[:2]))["sheet"]
    given, ask = begun(studio, "sheet", **asked(ids, before=first))
    work = KIND.prepare(given, ask)
    work.workdir.mkdir(parents=True)
    outcome, _ = computed_away(KIND, studio, work, tmp_path / "away")
    told = KIND.commit(given, ask, outcome)
    found = animation_files.get(studio.engine, studio.home, told["sheet"])
    assert len(found.animation.frames) == 3 and packing.fill(found.placed) > 0.2
    assert json.loads(json.dumps(outcome.figures)) == outcome.figures


@pytest.mark.parametrize("at", [0, 1, 2])
def test_cut_off_between_its_files_it_is_whole_the_second_time(studio, ids, monkeypatch, at):
    from studio.worker.kinds import sheet as kind

    given, ask = begun(studio, "sheet", **asked(ids))
    with monkeypatch.context() as patch, pytest.raises(Killed):
        Axe(at).lay(patch, kind, "share")
        ran(KIND, given, ask)
    told = ran(KIND, given, ask)
    assert len(files.of(studio.engine, told["sheet"])) == 3


def test_frames_of_several_sizes_are_refused_or_padded(studio, ids):
    small = start_pictures.keep_picture(studio.home, noise(10, 12, 1), by="ana")
    with pytest.raises(StudioError, match="Frame 1 is 24 x 32, frame 4 10 x 12") as told:
        begun(studio, "sheet", **asked([*ids, small]))
    assert "padded" in told.value.remedy
    made = sheet(studio, **asked([*ids, small], pad=True))
    found = animation_files.get(studio.engine, studio.home, made["sheet"]).animation
    assert (found.width, found.height) == (24, 32)
    assert found.frames[3].image.getbbox() == (8, 21, 16, 31)


@pytest.mark.parametrize(
    ("payload", "says"),
    [
        ({"frames": []}, "No frame is named"),
        ({"frames": [{"picture": "gone"}]}, "no picture 'gone'"),
        ({"frames": [{}]}, "Frame 1 is"),
        ({"frames": [{"picture": "x", "ms": 3}]}, "Frame 1 has no 'ms'"),
        ({"frames": [{"picture": "x", "duration_ms": 70_000}]}, "Frame 1 lasts 70000 ms"),
        ({"frames": [{"picture": "x", "duration_ms": 0}]}, "Frame 1 lasts 0 ms"),
        ({"frames": [{"picture": "x", "box": [0, 0, 4]}]}, "Frame 1 has the box"),
        ({"tags": [{"name": "a", "first": 0, "last": 3}]}, "goes from frame 0 to 3"),
        ({"packing": {"way": "spiral"}}, "'spiral'"),
        ({"motion": {"motion": "hover"}}, "3 frames are named, and the motion hover"),
        ({"motion": {"frames": 3}}, "have no motion"),
        ({"effect": "added"}, "'added'"),
        ({"drawn": "added"}, "'added'"),
        ({"slices": [{"name": "pivot", "box": [0, 0, 2, 2]}]}, "No slice may be called 'pivot'"),
        ({"palette": "nobody"}, "nobody"),
        ({"before": "gone"}, "gone"),
        ({"pivot": [1.0]}, "pivot is"),
    ],
)
def test_what_can_t_be_is_refused_at_the_door(studio, ids, payload, says):
    with pytest.raises(StudioError, match=says):
        begun(studio, "sheet", **asked(ids, **payload))


def test_what_was_drawn_on_black_becomes_a_flipbook_that_says_how_it_is_divided(studio):
    pictures = []
    for number in range(3):
        pixels = np.zeros((16, 16, 4), np.uint8)
        pixels[..., 3] = 255
        pixels[4 - number : 8, 4:8, :3] = (200, 100, 0)
        pictures.append(kept(studio, Image.fromarray(pixels, "RGBA"), f"flame{number}"))
    packing_ = {"way": "grid", "padding": 0, "extrude": 0, "trim": False, "merge": False}
    more = {"drawn": "black", "effect": "premultiplied", "packing": packing_}
    told = sheet(studio, **asked(pictures, **more))
    found = animation_files.get(studio.engine, studio.home, told["sheet"])
    rgba = np.asarray(found.animation.frames[0].image)
    assert rgba[5, 5].tolist() == [200, 100, 0, 200] and (rgba[0] == 0).all()
    recipe = found.asset.recipe
    assert recipe["book"] == {"columns": 2, "rows": 2, "width": 16, "height": 16}
    assert recipe["remarks"] == [] and animation_files.blend_of(found.asset) == "premultiplied"
    tight = sheet(studio, **asked(pictures, packing={**packing_, "way": "maxrects", "trim": True}))
    (remark,) = records.get(studio.engine, tight["sheet"]).recipe["remarks"]
    assert remark.startswith("3 of 3 frames reach their edge, frame 1 first")


def test_a_motion_keeps_the_pivot_and_slices_of_its_picture(studio, ids):
    more = {"motion": {"motion": "hover", "height": 6}, "pivot": [11.5, 30.0]}
    slices = [{"name": "hand", "box": [8, 20, 4, 4]}]
    told = sheet(studio, **asked(ids[:1], slices=slices, **more))
    found = animation_files.get(studio.engine, studio.home, told["sheet"]).animation
    assert found.height == 34 and found.pivot == (11.5, 32.0)
    assert found.slices[0].box == (8, 22, 4, 4)


def test_more_pixels_than_fit_are_refused_at_the_door(studio, monkeypatch):
    from studio.sheets import sheet as animation_parts

    monkeypatch.setattr(animation_parts, "MOST_PIXELS", 24 * 32 * 3)
    three = [kept(studio, walker(stride), f"room{stride}") for stride in (1, 2, 3)]
    begun(studio, "sheet", **asked(three))
    with pytest.raises(StudioError, match="4 frames of 24 x 32 are too many pixels"):
        begun(studio, "sheet", **asked([*three, three[0]]))


def test_frames_too_faint_to_be_measured_are_a_sheet_without_figures(studio):
    faint = [Image.new("RGBA", (8, 8), (255, 0, 0, alpha)) for alpha in (90, 60)]
    pictures = [kept(studio, one, f"smoke{k}") for k, one in enumerate(faint)]
    told = sheet(studio, **asked(pictures))
    assert "figures" not in records.get(studio.engine, told["sheet"]).recipe


def normal_of(studio, id, name, colour):
    """Another normal map for a picture of the gallery."""
    path = studio.home / "generated" / "props" / f"{name}.png"
    Image.new("RGBA", (24, 32), colour).save(path)
    with writing(studio.engine) as connection:
        query = sa.select(assets.c.number).where(assets.c.id == id)
        number = connection.execute(query).scalar_one()
        content = files.read(path)
        row = files.values(number, "normal", path, studio.home, content, by="ana", now=NOW)
        files.replace(connection, row)


def test_another_normal_map_is_another_sheet(studio, ids):
    made = []
    for name, colour in (("one", (100, 150, 220, 255)), ("two", (150, 100, 220, 255))):
        normal_of(studio, ids[0], name, colour)
        made.append(sheet(studio, **asked(ids[:1]))["sheet"])
        found = animation_files.get(studio.engine, studio.home, made[-1]).animation
        assert found.normals[0].getpixel((12, 12)) == colour
    assert made[0] != made[1]


def test_normal_maps_of_some_frames_alone_are_left_out_and_told(studio, ids):
    normal = start_pictures.keep_picture(studio.home, walker(2), by="ana")
    frames = [{"picture": ids[0], "normal": normal}, {"picture": ids[1]}]
    told = sheet(studio, frames=frames, name="walk")
    (remark,) = records.get(studio.engine, told["sheet"]).recipe["remarks"]
    assert remark.startswith("Some frames have no normal map")


def test_two_tags_of_one_name_are_two_animations_of_an_atlas(studio, ids):
    tags = [{"name": "hit", "first": k, "last": k} for k in (0, 1)]
    told = sheet(studio, **asked(ids, tags=tags))
    found = animation_files.get(studio.engine, studio.home, told["sheet"])
    made, _ = animation_files.exported(found, ["texturepacker"])
    assert set(json.loads(made["walk-atlas.json"])["animations"]) == {"hit", "hit 2"}


def test_what_changes_while_it_is_made_is_another_sheet(studio, ids, tmp_path):
    normal_of(studio, ids[0], "before", (100, 150, 220, 255))
    given, ask = begun(studio, "sheet", **asked(ids[:1]))
    work = KIND.prepare(given, ask)
    work.workdir.mkdir(parents=True)
    outcome, _ = computed_away(KIND, studio, work, tmp_path / "away")
    normal_of(studio, ids[0], "after", (150, 100, 220, 255))
    first = KIND.commit(given, ask, outcome)["sheet"]
    second = sheet(studio, **asked(ids[:1]))["sheet"]
    found = animation_files.get(studio.engine, studio.home, second).animation
    assert first != second and found.normals[0].getpixel((12, 12)) == (150, 100, 220, 255)


def test_light_without_alpha_is_told_where_straight_alpha_loses_it(studio):
    glow = kept(studio, Image.new("RGBA", (8, 8), (200, 90, 0, 100)), "glow")
    told = sheet(studio, **asked([glow], drawn="premultiplied", effect="premultiplied"))
    (remark,) = records.get(studio.engine, told["sheet"]).recipe["remarks"]
    assert remark.startswith("Pixels brighter than their alpha")


def test_figures_are_those_of_one_tag_where_none_has_all_frames(studio):
    strides = (4, -5, 1, 2, 3, 4)
    ids = [kept(studio, walker(stride), f"tagged{k}") for k, stride in enumerate(strides)]
    tags = [{"name": "south", "first": 0, "last": 1}, {"name": "east", "first": 2, "last": 5}]
    recipe = records.get(studio.engine, sheet(studio, **asked(ids, tags=tags))["sheet"]).recipe
    assert (recipe["figures"]["frames"], recipe["figures_of"]) == (2, "south")
    assert recipe["figures"]["contact"] == [0, 1]
    tags.append({"name": "all", "first": 0, "last": 5})
    recipe = records.get(studio.engine, sheet(studio, **asked(ids, tags=tags))["sheet"]).recipe
    assert (recipe["figures"]["frames"], recipe["figures_of"]) == (6, "")

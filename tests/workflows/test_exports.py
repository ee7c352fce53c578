"""Exports as a whole: pictures, sheets, props and tilesets into a game, a zip, the store; told
before, recorded after, and the same once more writes nothing."""

from __future__ import annotations

import json
import zipfile
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from studio.accounts.rights import Actor, NotAllowed
from studio.assets import family, files, records
from studio.assets.records import New
from studio.errors import StudioError
from studio.export import iptc, placing, profiles
from studio.export import records as exported
from studio.generation import painted_over
from studio.generation.lists import as_png
from studio.sheets.formats import aseprite, aseprite_json, texturepacker
from studio.sheets.sheet import Slice, Tag
from studio.tiles import kept
from studio.tiles.kept import Source
from studio.tiles.settings import usual
from studio.workflows import animation_files, exports
from studio.workflows.export_preparing import Wanted
from tests import export_assets, prop_assets
from tests.export.drawn import sprite
from tests.export_assets import directions, export, there
from tests.sheets.drawn import same
from tests.tiles.drawn import GRASS, WATER, texture
from tests.worker.kinds.step_by_step import NOW


@pytest.fixture
def studio(tmp_path):
    studio = export_assets.opened(tmp_path)
    yield studio
    studio.engine.dispose()


@pytest.fixture
def game(studio, tmp_path):
    export_assets.profile(studio)
    return tmp_path / "game"


def test_a_picture_is_its_named_file_with_a_manifest_and_a_record(studio, game):
    id = export_assets.drawn(studio, sprite(), name="gem")
    done = export(studio, id)
    assert there(game) == ["gems/gem_1.png", "housestyle.json"]
    assert done.written == ("gems/gem_1.png", "housestyle.json") and not done.same
    data = (game / "gems" / "gem_1.png").read_bytes()
    assert np.array_equal(np.asarray(Image.open(game / "gems" / "gem_1.png")), np.asarray(sprite()))
    assert iptc.read(data) == iptc.DRAWN
    told = json.loads((game / "housestyle.json").read_text())["files"]["gems/gem_1.png"]
    assert (told["asset"], told["style"], told["version"], told["seed"]) == (id, "props", 3, 7)
    assert told["licence"]["base_licence"] == "CC0-1.0" and told["recipe"]["prompt"] == "a red gem"
    assert told["sha256"] == placing.digest(data)
    assert told["digital_source_type"] == iptc.TERMS + iptc.DRAWN
    (row,) = exported.of_asset(studio.engine, id)
    assert (row.path, row.role, row.state) == ("gems/gem_1.png", ".png", "new")
    assert row.hash == placing.digest(data) and row.fields["name"] == "gem"
    (one,) = exported.newest(studio.engine)
    assert (one.profile, one.destination, one.by, one.files) == ("game", "game", "ana", 2)
    again = export(studio, id, at=1)
    assert not again.written and len(again.same) == 2
    assert profiles.remembered(studio.engine, "ana", "props") == "game"


def test_what_was_painted_over_goes_into_the_game_and_says_so(studio, game):
    id = export_assets.drawn(studio, sprite(), name="gem")
    export(studio, id)
    other = as_png(sprite(8, 5))
    painted_over.paint_over(studio.engine, studio.home, id, other, by="eve", now=NOW)
    assert export(studio, id, at=1).written == ("gems/gem_1.png", "housestyle.json")
    file = game / "gems" / "gem_1.png"
    assert np.array_equal(np.asarray(Image.open(file)), np.asarray(sprite(8, 5)))
    assert iptc.read(file.read_bytes()) == iptc.PAINTED_OVER
    told = json.loads((game / "housestyle.json").read_text())["files"]["gems/gem_1.png"]
    assert told["painted_by"] == "eve"


def test_pictures_without_a_name_get_the_next_variant_and_keep_it(studio, game):
    one, other = (export_assets.drawn(studio, sprite(8, seed)) for seed in (1, 2))
    export(studio, one)
    export(studio, other, at=1)
    export(studio, other, one, at=2)
    assert there(game) == ["a_red_gem_1.png", "a_red_gem_2.png", "housestyle.json"]
    second = np.asarray(Image.open(game / "a_red_gem_2.png"))
    assert np.array_equal(second, np.asarray(sprite(8, 2)))


def test_wrong_names_are_told_before_anything_is_written(studio, game):
    one, other = (export_assets.drawn(studio, sprite(8, n), name=n * "x") for n in (1, 2))
    for said in ("con", "Bär", "x" * 300):
        plan = exports.plan(studio, Wanted((one,), "game", {one: {"name": said, "variant": ""}}))
        assert plan.flaws and plan.flaws[0].asset == one
        with pytest.raises(StudioError, match=said[:20]):
            export(studio, one, names={one: {"name": said, "variant": ""}})
    same = {one: {"name": "gem"}, other: {"name": "gem"}}
    with pytest.raises(StudioError, match="as well"):
        export(studio, one, other, names=same)
    with pytest.raises(StudioError, match="by case alone"):
        export(studio, one, other, names={one: {"name": "gem"}, other: {"name": "Gem"}})
    with pytest.raises(StudioError, match="no field 'nam'"):
        export(studio, one, names={one: {"nam": "gem"}})
    assert there(game) == [] and exported.newest(studio.engine) == []
    export(studio, one, names={one: {"name": "gem"}})
    with pytest.raises(StudioError, match="already"):
        export(studio, other, names={other: {"name": "gem"}})


def test_another_name_leaves_the_old_file_until_it_is_to_go(studio, game):
    id = export_assets.drawn(studio, sprite(), name="gem")
    export(studio, id)
    said = {id: {"name": "ruby"}}
    done = export(studio, id, names=said, at=1)
    assert done.left == ("gems/gem_1.png",) and not done.deleted
    assert there(game) == ["gems/gem_1.png", "gems/ruby_1.png", "housestyle.json"]
    done = export(studio, id, delete=True, at=2)  # the name was stored
    assert done.deleted == ("gems/gem_1.png",)
    assert there(game) == ["gems/ruby_1.png", "housestyle.json"]
    told = json.loads((game / "housestyle.json").read_text())["files"]
    assert list(told) == ["gems/ruby_1.png"]
    assert not export(studio, id, delete=True, at=3).deleted


def test_what_somebody_changed_in_the_game_stays(studio, game):
    id = export_assets.drawn(studio, sprite(), name="gem")
    export(studio, id)
    file = game / "gems" / "gem_1.png"
    file.write_bytes(b"by hand")
    done = export(studio, id, at=1)
    assert done.kept == ("gems/gem_1.png",) and file.read_bytes() == b"by hand"
    assert "stay" in done.says
    assert export(studio, id, overwrite=True, at=2).written == ("gems/gem_1.png",)
    assert iptc.read(file.read_bytes()) == iptc.DRAWN


def test_godot_s_files_are_named_by_the_nearest_project(studio, game):
    (game / "client").mkdir()
    (game / "client" / "project.godot").write_text("config_version=5\n")
    export_assets.profile(studio, engine="godot", below="client/art")
    id = export_assets.sheet(studio, sprite(16).crop((0, 0, 12, 8)))
    export(studio, id)
    ends = (".png", ".tres", ".tscn")
    assert there(game / "client") == [
        *(f"art/heroes/walk{end}" for end in ends),
        "art/housestyle.json",
        "project.godot",
    ]
    frames = (game / "client" / "art" / "heroes" / "walk.tres").read_text()
    assert 'path="res://art/heroes/walk.png"' in frames
    assert "margin = Rect2(2, 1, 4, 2)" in frames
    # The tag is shown backwards.
    assert frames.index('SubResource("AtlasTexture_001') < frames.rindex("AtlasTexture_000")
    scene = (game / "client" / "art" / "heroes" / "walk.tscn").read_text()
    assert "offset = Vector2(-4, -7)" in scene


def test_frames_can_be_files_of_their_own(studio, game):
    id = export_assets.sheet(studio, sprite(16).crop((0, 0, 12, 8)))
    export_assets.profile(studio, "frames", frames="single", below="one")
    export(studio, id, profile="frames")
    assert there(game / "one") == [
        "heroes/walk_00.png",
        "heroes/walk_01.png",
        "housestyle.json",
    ]


def test_painting_programs_get_the_frames_as_they_are_exported(studio, game):
    id = export_assets.sheet(studio, sprite(16).crop((0, 0, 12, 8)))
    export_assets.profile(studio, engine="aseprite", factor=2, preset="16")
    export(studio, id)
    folder = game / "heroes"
    assert there(folder) == ["walk.aseprite", "walk.json", "walk.png"]
    own = aseprite.read((folder / "walk.aseprite").read_bytes(), "walk.aseprite").animation
    picture = Image.open(folder / "walk.png")
    told = aseprite_json.read((folder / "walk.json").read_text(), picture, "walk.json")
    for found in (own, told):
        assert (found.width, found.height, found.pivot) == (16, 16, (8.0, 14.0))
        assert [one.duration_ms for one in found.frames] == [83, 83]
        assert found.tags == (Tag("walk", 0, 1, "reverse"),)
        assert found.slices == (Slice("all", (2, 2, 12, 12), (2, 4, 2, 4)),)
    assert same(own, told)
    first = np.asarray(own.frames[0].image)
    assert np.array_equal(first, first[::2, ::2].repeat(2, 0).repeat(2, 1))
    assert len(own.palette) <= 16


def test_phaser_and_pixi_get_a_hash_and_animations(studio, game):
    id = export_assets.sheet(studio, sprite(16).crop((0, 0, 12, 8)))
    export_assets.profile(studio, engine="phaser")
    export(studio, id)
    assert there(game / "heroes") == ["walk.anims.json", "walk.json", "walk.png"]
    picture = Image.open(game / "heroes" / "walk.png")
    told = texturepacker.read((game / "heroes" / "walk.json").read_text(), picture, "walk.json")
    kept = animation_files.get(studio.engine, studio.home, id).animation
    assert same(told, kept) and told.pivot == kept.pivot
    plain = json.loads((game / "heroes" / "walk.json").read_text())
    assert plain["animations"] == {"walk": ["walk_01", "walk_00"]}
    assert plain["meta"]["image"] == "walk.png"


def test_what_is_made_of_a_painted_over_picture_says_so(studio, game):
    id = export_assets.drawn(studio, sprite(), name="gem")
    painted_over.paint_over(studio.engine, studio.home, id, as_png(sprite(8, 5)), by="eve", now=NOW)
    made = export_assets.sheet(studio, sprite(16).crop((0, 0, 12, 8)), version=0, parents=(id,))
    export(studio, made)
    assert iptc.read((game / "heroes" / "walk.png").read_bytes()) == iptc.PAINTED_OVER
    own = export_assets.sheet(studio, sprite(16).crop((0, 0, 12, 8)), version=0, key="sheets/9")
    export(studio, own, names={own: {"name": "own"}}, at=1)
    assert iptc.read((game / "heroes" / "own.png").read_bytes()) == ""


def test_the_manifest_goes_on_saying_what_is_there(studio, game):
    id = export_assets.drawn(studio, sprite(), name="gem")
    export(studio, id)
    before = json.loads((game / "housestyle.json").read_text())
    (game / "gems" / "gem_1.png").write_bytes(b"by hand")
    painted_over.paint_over(studio.engine, studio.home, id, as_png(sprite(8, 5)), by="eve", now=NOW)
    done = export(studio, id, at=1)
    assert done.kept == ("gems/gem_1.png",)
    assert json.loads((game / "housestyle.json").read_text()) == before


def test_no_file_takes_the_manifest_s_place(studio, game):
    export_assets.profile(studio, engine="phaser", pattern="{name}")
    id = export_assets.sheet(studio, sprite(16).crop((0, 0, 12, 8)))
    with pytest.raises(StudioError, match="the manifest"):
        export(studio, id, names={id: {"name": "housestyle"}})


def test_a_tileset_is_in_the_preset_s_colours_and_size(studio, game):
    export_assets.profile(studio, engine="godot", factor=2, preset="16", pattern="{name}")
    sources = (Source(texture(GRASS, 16, 1), "grass"), Source(texture(WATER, 16, 2), "water"))
    tiles = kept.make(studio.engine, studio.home, *sources, usual(16), by="ana", now=NOW)
    export(studio, tiles, names={tiles: {"name": "shore"}})
    assert "texture_region_size = Vector2i(32, 32)" in (game / "shore.tres").read_text()
    pixels = np.asarray(Image.open(game / "shore.png"))
    assert np.array_equal(pixels, pixels[::2, ::2].repeat(2, 0).repeat(2, 1))
    assert len(np.unique(pixels[pixels[..., 3] > 0, :3], axis=0)) <= 16


def test_props_and_tilesets_go_into_the_game(studio, game):
    export_assets.profile(studio, engine="godot", below="art")
    prop = prop_assets.prop(studio)
    sources = (Source(texture(GRASS, 16, 1), "grass"), Source(texture(WATER, 16, 2), "water"))
    tiles = kept.make(studio.engine, studio.home, *sources, usual(16), by="ana", now=NOW)
    export(studio, prop, tiles)
    found = there(game)
    assert "art/props/arrow.glb" in found
    (rules,) = [name for name in found if name.endswith(".tres")]
    sheet = rules.replace(".tres", ".png")
    assert sheet in found and f'path="res://{sheet}"' in (game / rules).read_text()
    assert iptc.read((game / sheet).read_bytes()) == ""  # nobody knows of a model
    export_assets.profile(studio, "tiled", engine="tiled", below="maps")
    export(studio, tiles, profile="tiled")
    (tsx,) = [name for name in there(game / "maps") if name.endswith(".tsx")]
    image = tsx.rpartition("/")[2].replace(".tsx", ".png")
    assert f'source="{image}"' in (game / "maps" / tsx).read_text()


def test_a_zip_and_the_store_are_assets_whose_parents_are_what_is_in_them(studio):
    export_assets.profile(studio, folder="zip")
    id = export_assets.drawn(studio, sprite(), name="gem")
    done = export(studio, id)
    with zipfile.ZipFile(exports.archive(studio, done.asset)) as archive:
        assert archive.namelist() == ["gems/gem_1.png", "housestyle.json"]
    asset = records.get(studio.engine, done.asset)
    assert (asset.kind, asset.style, asset.name) == ("export", "props", "game")
    assert [one.id for one in family.parents(studio.engine, done.asset)] == [id]
    assert export(studio, id, at=1).asset == done.asset  # the same is the same
    stored = export(studio, id, folder="store", at=2)
    roles = {one.role for one in files.of(studio.engine, stored.asset)}
    assert roles == {"gems/gem_1.png", "housestyle.json"}
    with pytest.raises(StudioError, match="no exported zip"):
        exports.archive(studio, stored.asset)
    with pytest.raises(StudioError, match="no exported zip"):
        exports.archive(studio, id)


def test_what_can_not_be_is_named(studio, game):
    id = export_assets.drawn(studio, sprite())
    new = New("palette", "p", name="p")
    (other,) = records.put(studio.engine, [new], by="ana", now=NOW)
    for how, why in (
        ({"ids": ["gone"]}, "no asset 'gone'"),
        ({"ids": [other]}, "is a palette"),
        ({"ids": []}, "0 assets"),
        ({"ids": ["x"] * 1 + [str(n) for n in range(501)]}, "502 assets"),
        ({"profile": "gane"}, "no export profile"),
        ({"folder": "jam"}, "no folder 'jam'"),
    ):
        ids = how.pop("ids", [id])
        with pytest.raises(StudioError, match=why):
            export(studio, *ids, **how)
    with pytest.raises(NotAllowed, match="put files into the games' folders"):
        export(studio, id, by=Actor("vi", "viewer"))
    assert there(game) == []


def test_a_folder_that_is_gone_is_named(studio, game):
    id = export_assets.drawn(studio, sprite())
    game.rmdir()
    with pytest.raises(StudioError, match="not there"):
        exports.plan(studio, Wanted((id,), "game"))
    assert exports.destinations(studio) == ("zip", "store", "game")
    nowhere = replace(studio, settings=replace(studio.settings, export_folders=()))
    with pytest.raises(StudioError, match="no folder 'game'"):
        exports.plan(nowhere, Wanted((id,), "game"))


def test_a_name_is_free_again_where_its_file_was_deleted_in_the_game(studio, game):
    one, other = (export_assets.drawn(studio, sprite(8, n), name="gem") for n in (1, 2))
    export(studio, one)
    with pytest.raises(StudioError, match="already"):
        export(studio, other, at=1)
    (game / "gems" / "gem_1.png").unlink()
    assert "gems/gem_1.png" in export(studio, other, at=2).written


def test_names_of_what_is_not_exported_are_refused(studio, game):
    id = export_assets.drawn(studio, sprite(), name="gem")
    with pytest.raises(StudioError, match="not exported"):
        export(studio, id, names={"another": {"name": "ruby"}})


def test_a_prop_s_directions_are_frames_and_files_by_their_names(studio, game):
    id = directions(studio)
    export_assets.profile(studio, engine="phaser", frames="single", pattern="{name}_{direction}")
    export(studio, id)
    assert there(game) == ["housestyle.json", "sign_east.png", "sign_south.png"]
    export_assets.profile(studio, engine="phaser", pattern="{name}", below="whole")
    export(studio, id, at=1)
    told = json.loads((game / "whole" / "sign.json").read_text())
    assert list(told["frames"]) == ["sign_south", "sign_east"]
    assert told["animations"] == {"south": ["sign_south"], "east": ["sign_east"]}
    assert told["frames"]["sign_east"]["pivot"] == {"x": 0.5, "y": 0.875}


def test_pictures_of_one_prompt_that_went_out_alone_go_out_together(studio):
    export_assets.profile(studio, folder="zip")
    one, other = (export_assets.drawn(studio, sprite(8, seed)) for seed in (1, 2))
    export(studio, one)
    export(studio, other, at=1)
    done = export(studio, one, other, at=2)
    assert done.written == ("a_red_gem_1.png", "a_red_gem_2.png", "housestyle.json")


def test_a_prompt_without_a_letter_for_a_name_is_named_by_its_kind(studio, game):
    id = export_assets.drawn(studio, sprite(), prompt="赤い宝石")
    assert export(studio, id).written[0] == "picture_1.png"


def test_a_manifest_in_the_game_that_is_none_is_named(studio, game):
    (game / "housestyle.json").write_bytes(b"[" * 100_000)
    id = export_assets.drawn(studio, sprite(), name="gem")
    with pytest.raises(StudioError, match="no manifest"):
        export(studio, id)
    assert there(game) == ["housestyle.json"]

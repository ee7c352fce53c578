"""What every engine gets: the preset's colours and size, labels, files that are made elsewhere."""

import io

import numpy as np
import pytest
from PIL import Image

from studio.errors import StudioError
from studio.export import iptc, unity
from studio.export.building import Former, Place, build, parts
from studio.export.pieces import Fields, Piece
from studio.export.profiles import Profile
from tests.export.drawn import picture, sheet, sprite


def opened(data):
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGBA"))


def colours(*pictures):
    seen = [pixels[pixels[..., 3] > 0, :3] for pixels in map(np.asarray, pictures)]
    return len(np.unique(np.concatenate(seen), axis=0))


def test_a_picture_alone_is_its_pixels():
    built = build(picture(), "props/gem", Profile(), Place())
    assert list(built.files) == ["props/gem.png"]
    assert np.array_equal(opened(built.files["props/gem.png"]), np.asarray(picture().image))


@pytest.mark.parametrize("term", [iptc.DRAWN, iptc.PAINTED_OVER, ""])
def test_a_file_says_how_its_piece_came_about(term):
    data = build(picture(term=term), "gem", Profile(), Place()).files["gem.png"]
    assert iptc.read(data) == term


def test_the_preset_and_the_factor_hold_for_all_of_a_sheet():
    profile = Profile(engine="phaser", preset="16", factor=2, normals=False)
    (part,) = parts(sheet(), profile)
    built = build(part, "ana", profile, Place())
    pixels = opened(built.files["ana.png"])
    assert pixels.shape == (32, 80, 4) and colours(pixels) <= 16
    assert built.piece.layout.regions[1].x == 38 and built.piece.pivot == (16.0, 22.0)
    assert "ana_n.png" not in built.files


def test_frames_one_by_one_have_the_colours_of_all_frames_together():
    found = parts(sheet(normals=False), Profile(preset="16", frames="single"))
    assert len(found) == 3 and colours(*(one.image for one in found)) <= 16


def test_files_made_elsewhere_are_named_by_the_stem_and_the_engine_s_folder():
    asked = []

    def files(piece, stem, place):
        asked.append((piece.asset, stem, place))
        return {f"{stem}.glb": b"glTF"}

    prop = Piece("ab", "prop", Fields(name="sign"), files=files)
    built = build(prop, "props/sign", Profile(engine="godot"), Place())
    assert dict(built.files) == {"props/sign.glb": b"glTF"}
    build(prop, "sign", Profile(engine="godot"), Place())
    assert asked == [("ab", "sign", "res://props/"), ("ab", "sign", "res://")]


def test_files_made_elsewhere_are_made_of_the_piece_as_it_is_exported():
    seen = []

    def files(piece, stem, place):
        seen.append((piece.image.size, piece.layout.regions[0].name))
        return {}

    whole = sheet()
    made = Piece(whole.asset, "sheet", whole.fields, whole.image, layout=whole.layout, files=files)
    build(made, "heroes/ana", Profile(factor=3), Place())
    assert seen == [((120, 48), "ana_00")]


def test_a_second_place_has_a_guid_of_its_own_and_one_that_was_made_once_stays():
    profile = Profile(engine="unity")

    def guid(stem, former=None):
        built = build(picture(), stem, profile, Place(), former)
        return unity.guid_of(built.files[f"{stem}.png.meta"](None))

    assert guid("gem") == guid("gem") != guid("other/gem")
    assert guid("gem", Former(guids={".png.meta": "ab" * 16})) == "ab" * 16


def test_under_a_new_name_unity_s_file_goes_on():
    profile = Profile(engine="unity")
    (old,) = [build(sheet(), "ana", profile, Place()).files["ana.png.meta"](None)]
    old = old.replace(b"textureCompression: 0", b"textureCompression: 2")
    names = tuple(unity.numbers_of(old))
    assert names == ("ana_00", "ana_01", "ana_02")
    moving = Former(unity.numbers_of(old), {}, {".png.meta": old})
    new = build(sheet(), "anna", profile, Place(), moving).files["anna.png.meta"](None)
    assert unity.guid_of(new) == unity.guid_of(old) and b"textureCompression: 2" in new
    assert list(unity.numbers_of(new)) == ["anna_00", "anna_01", "anna_02"]
    assert list(unity.numbers_of(new).values()) == list(unity.numbers_of(old).values())
    assert b"ana_0" not in new


def test_a_piece_of_nothing_is_named():
    with pytest.raises(StudioError, match="Nothing of the prop ab"):
        build(Piece("ab", "prop", Fields(name="sign")), "sign", Profile(), Place())


def test_a_texture_that_outgrew_its_limit_gets_a_higher_one():
    old = build(sheet(), "ana", Profile(engine="unity"), Place()).files["ana.png.meta"](None)
    large = Profile(engine="unity", factor=8)
    wide = Piece("5e7a1c", "picture", Fields(name="ana"), sprite(300))
    files = build(wide, "ana", large, Place(), Former(limit=2048)).files
    assert b"    maxTextureSize: 4096" in files["ana.png.meta"](old)

"""Unity's `.meta`: made once, merged by our fields alone, numbers that never change."""

import re

import pytest
import yaml

from studio.errors import StudioError
from studio.export import unity
from studio.export.building import Place, build
from studio.export.profiles import Profile
from studio.export.unity import Look
from tests.export.drawn import picture, sheet, walk

LOOK = Look(16)
UNITY = Profile(engine="unity", pixels_per_unit=32)


def read(data):
    return yaml.safe_load(data.decode())


def sprites_in(data):
    return read(data)["TextureImporter"]["spriteSheet"]["sprites"]


def meta(before=None, layout=None, asset="5e7a1c", pivot=(8.0, 11.0), side=40, **more):
    sprites = unity.sprites_of(layout or walk(), 16, pivot, None)
    own = unity.guid(asset, "ana.png.meta")
    return unity.of_sheet(before, own, asset, side, LOOK, sprites, **more)


def test_a_sheet_has_its_frames_from_the_lower_left_with_pivots_of_each():
    told = read(meta())["TextureImporter"]
    assert told["textureType"] == 8 and told["spriteMode"] == 2
    assert told["spritePixelsToUnits"] == 16 and told["textureSettings"]["filterMode"] == 0
    sprites = told["spriteSheet"]["sprites"]
    assert [one["name"] for one in sprites] == [0, 1, 2]
    rect = {key: sprites[1]["rect"][key] for key in ("x", "y", "width", "height")}
    assert rect == {"x": 19, "y": 6, "width": 6, "height": 8}
    assert sprites[1]["alignment"] == unity.CUSTOM
    # The pivot lies at (8, 11) of the canvas: (3, 8) of the trimmed frame.
    assert sprites[1]["pivot"] == {"x": 0.5, "y": 0}
    assert sprites[0]["pivot"] == pytest.approx({"x": 0.5, "y": 1 / 12}, abs=1e-8)
    numbers = [one["internalID"] for one in sprites]
    assert len(set(numbers)) == 3 and all(0 < one < 2**63 for one in numbers)
    table = told["spriteSheet"]["nameFileIdTable"]
    assert list(table.values()) == numbers
    named = told["internalIDToNameTable"]
    assert [(one["first"][213], one["second"]) for one in named] == list(
        zip(numbers, [0, 1, 2], strict=True)
    )


def test_numbers_are_of_the_asset_and_never_change():
    assert meta() == meta() and read(meta())["guid"] == unity.guid("5e7a1c", "ana.png.meta")
    assert read(meta(asset="other"))["guid"] != read(meta())["guid"]
    once = meta()
    assert meta(once) == once


OTHERS = (
    (b"    textureCompression: 0", b"    textureCompression: 2"),
    (b"  aniso: 1", b"  aniso: 7"),
    (b"      outline: []\n", b"      outline:\n      - - {x: 1, y: 2}\n"),
    (b"  userData: ", b"  userData: of a person: [x"),
)


def test_an_existing_file_is_merged_line_by_line():
    own = unity.guid("5e7a1c", "ana.png.meta").encode()
    before = meta().replace(own, b"ab" * 16)
    for old, new in OTHERS:
        assert old in before
        before = before.replace(old, new, 1)
    by_hand = before.replace(b"      name: 2\n", b"      name: by_hand\n")
    after = meta(by_hand, pivot=(0.0, 12.0))
    assert after.startswith(b"fileFormatVersion: 2\nguid: " + b"ab" * 16)
    for _, new in OTHERS:
        assert new in after
    left = iter(after.split(b"\n"))
    ours = (b"ivot: ", b"      2: ")  # pivots, and the number of the new sprite
    kept = [line for line in by_hand.split(b"\n") if not any(one in line for one in ours)]
    assert all(line in left for line in kept)
    assert b"      name: by_hand\n" in after and b"      name: 2\n" in after
    assert after.count(b"      name: ") == 4
    numbers = re.findall(rb"^      internalID: (\d+)$", after, re.MULTILINE)
    assert len(set(numbers)) == len(numbers) == 4


def test_crlf_stays_and_a_sprite_that_is_no_frame_any_more_goes():
    layout = walk()
    shorter = type(layout)(16, 12, layout.regions[:2], ())
    before = meta().replace(b"\n", b"\r\n")
    after = meta(before, shorter, former={"0": 1, "1": 2, "2": 3})
    assert after.count(b"\r\n") == after.count(b"\n")
    told = read(after)["TextureImporter"]
    assert [one["name"] for one in told["spriteSheet"]["sprites"]] == [0, 1]
    assert list(told["spriteSheet"]["nameFileIdTable"]) == [0, 1]
    assert len(told["internalIDToNameTable"]) == 2
    none = meta(after, type(layout)(16, 12, ()), former={"0": 1, "1": 2})
    told = read(none)["TextureImporter"]
    assert told["spriteSheet"]["sprites"] == [] and told["internalIDToNameTable"] == []
    assert told["spriteSheet"]["nameFileIdTable"] == {}


@pytest.mark.parametrize(
    "data",
    [b"", b"guid: x\n", b"fileFormatVersion: 2\nguid: x\nDefaultImporter:\n", b"<<<<<<< HEAD\n"],
)
def test_what_is_no_texture_s_is_refused(data):
    with pytest.raises(StudioError, match="no texture's"):
        meta(data)


def test_a_picture_with_normals_has_two_files_that_know_each_other(tmp_path):
    lit = picture(normals=picture().image, borders=(1, 2, 3, 4))
    files = build(lit, "gem", UNITY, Place()).files
    assert set(files) == {"gem.png", "gem_n.png", "gem.png.meta", "gem_n.png.meta"}
    told, normal = (read(files[name](None)) for name in ("gem.png.meta", "gem_n.png.meta"))
    importer = told["TextureImporter"]
    assert importer["spriteMode"] == 1 and importer["spritePixelsToUnits"] == 32
    assert importer["spriteBorder"] == {"x": 1, "y": 4, "z": 3, "w": 2}
    assert importer["spritePivot"] == {"x": 0.5, "y": 0}
    (second,) = importer["spriteSheet"]["secondaryTextures"]
    assert second == {
        "texture": {"fileID": 2800000, "guid": normal["guid"], "type": 3},
        "name": "_NormalMap",
    }
    assert normal["TextureImporter"]["textureType"] == 1
    assert normal["TextureImporter"]["mipmaps"]["sRGBTexture"] == 0
    own = files["gem_n.png.meta"](None).replace(normal["guid"].encode(), b"cd" * 16)
    (tmp_path / "gem_n.png.meta").write_bytes(own)
    again = build(lit, "gem", UNITY, Place(tmp_path)).files
    importer = read(again["gem.png.meta"](files["gem.png.meta"](None)))["TextureImporter"]
    assert importer["spriteSheet"]["secondaryTextures"][0]["texture"]["guid"] == "cd" * 16


def test_a_sheet_is_built_with_sprites_that_are_named_by_its_file():
    text = build(sheet(), "heroes/ana", UNITY, Place()).files["heroes/ana.png.meta"](None)
    assert list(unity.numbers_of(text)) == ["ana_00", "ana_01", "ana_02"]
    assert b"maxTextureSize: 2048" in text
    assert unity.guid_of(text) == unity.guid("5e7a1c", "heroes/ana.png.meta")


def test_a_file_in_conflict_is_refused():
    both = b"<<<<<<< HEAD\n    aniso: 1\n=======\n    aniso: 2\n>>>>>>> x\n"
    both = meta().replace(b"    aniso: 1\n", both)
    with pytest.raises(StudioError, match="in conflict"):
        meta(both)


OLD = """fileFormatVersion: 2
guid: cc5900864dc07404687971d2ec3bcd80
TextureImporter:
  fileIDToRecycleName: {}
  serializedVersion: 4
  textureSettings:
    filterMode: 1
  spriteMode: 1
  spritePixelsToUnits: 100
  textureType: 8
  spriteSheet:
    serializedVersion: 2
    sprites: []
    outline:
    - - {x: 1, y: 2}
      - {x: 3, y: 4}
    physicsShape: []
  spritePackingTag: 
  userData: 
"""  # noqa: W291


def test_a_file_of_an_older_unity_gets_what_it_has_not():
    after = meta(OLD.encode())
    told = read(after)["TextureImporter"]
    assert [one["name"] for one in told["spriteSheet"]["sprites"]] == [0, 1, 2]
    assert len(told["internalIDToNameTable"]) == len(told["spriteSheet"]["nameFileIdTable"]) == 3
    assert told["spriteSheet"]["outline"] == [[{"x": 1, "y": 2}, {"x": 3, "y": 4}]]
    assert told["fileIDToRecycleName"] == {} and told["spritePackingTag"] is None
    assert meta(after) == after


def limits(data):
    importer = read(data)["TextureImporter"]
    (usual,) = importer["platformSettings"]
    return importer["maxTextureSize"], usual["maxTextureSize"]


def test_a_sheet_that_grew_over_the_limit_of_before_gets_a_higher_one():
    assert limits(meta()) == (2048, 2048)
    assert limits(meta(meta(), side=3000, limit=2048)) == (4096, 4096)
    lowered = meta().replace(b"maxTextureSize: 2048", b"maxTextureSize: 1024")
    assert limits(meta(lowered, side=3000, limit=2048)) == (1024, 1024)
    assert limits(meta(meta(), side=3000)) == (2048, 2048)  # nobody knows whose it is
    assert limits(meta(meta(side=3000), side=40, limit=4096)) == (4096, 4096)


def test_where_the_file_is_gone_sprites_have_the_numbers_of_before():
    assert unity.numbers_of(meta(former={"0": -7, "old": 8})) == {
        "0": -7,
        "1": 8,
        "2": unity.internal_id("5e7a1c", "02"),
    }


def test_a_refusal_names_the_file():
    files = build(sheet(), "heroes/ana", UNITY, Place()).files
    for path in ("heroes/ana.png.meta", "heroes/ana_n.png.meta"):
        with pytest.raises(StudioError, match=f"^{path}: .* no texture's"):
            files[path](b"guid: x\n")

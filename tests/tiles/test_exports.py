"""Files for engines: read back strictly, rectangles where they are said to be, ids that stay."""

import io
import json
import re
import zipfile

import numpy as np
import pytest
from PIL import Image

from studio.errors import StudioError
from studio.settings import CHECKOUT
from studio.tiles import exports, layouts, maps, sheets, tiled, tilesets
from studio.tiles.settings import SETS, usual
from studio.tiles.sheets import Gaps
from studio.tiles.terrains import terrain
from tests.tiles import tiled_reading
from tests.tiles.drawn import GRASS, WATER, texture

GOLDEN = CHECKOUT / "tests" / "tiles" / "golden"


@pytest.fixture(scope="module", params=SETS)
def made(request):
    inner = terrain(texture(GRASS, 16, 1), 16, "grass")
    outer = terrain(texture(WATER, 16, 2), 16, "water")
    settings = usual(16, kind=request.param, seed=5, inner="grass", outer="water & <foam>")
    return tilesets.made(inner, outer, settings)


@pytest.mark.parametrize("between", [Gaps(), Gaps(2, 1)])
def test_tiled_cuts_out_the_tiles_that_were_put_in(made, between):
    found = exports.files(made, "a set", between)
    assert list(found) == [
        *("a_set.png", "a_set_quarters.png", "a_set.tsx", "a_set_sample.tmx", "a_set.tres"),
        "a_set.json",
    ]
    root = tiled_reading.read(found["a_set.tsx"])
    image = root.find("image").attrib
    sheet = Image.open(io.BytesIO(found[image["source"]]))
    assert sheet.size == (int(image["width"]), int(image["height"]))
    told = {one["id"]: one for one in json.loads(found["a_set.json"])["tiles"]}
    for id, box in tiled_reading.rectangles(root).items():
        assert (np.asarray(sheet.crop(box)) == made.pictures[id]).all(), id
        assert told[id]["rectangle"] == list(box)
    assert len(told) == len(made.tiles)


def test_what_lies_around_a_tile_is_what_tiled_is_told(made):
    kind = made.settings.kind
    root = tiled_reading.read(tiled.tileset_file(made, "x", "x.png", Gaps()).encode())
    wang = root.find("wangsets/wangset")
    assert wang.attrib["type"] == ("corner" if kind == "wang" else "mixed")
    names = [one.attrib["name"] for one in wang.iter("wangcolor")]
    assert names == ["grass", "water & <foam>"][: 1 if kind == "platform" else 2]
    around = tiled_reading.wang_tiles(root)
    left_out = {"wang": 0, "blob": 1, "platform": 2}[kind]  # a cell alone; air
    assert len(around) == len(made.tiles) - left_out * made.settings.variants
    block = layouts.block(kind)
    assert len({around[id] for id in around if id < block}) == len([i for i in around if i < block])
    for id, colours in around.items():
        assert colours == around[id % block]
        assert set(colours[::2]) == {0} if kind == "wang" else True
    full = block - 1
    assert set(around[full]) == ({0, 1} if kind == "wang" else {1})


def test_a_sample_map_follows_the_rules(made):
    kind = made.settings.kind
    numbers = maps.sample(made)
    root = tiled_reading.read(tiled.map_file(made, numbers, "x.tsx").encode())
    assert root.find("tileset").attrib == {"firstgid": "1", "source": "x.tsx"}
    read = np.array(tiled_reading.numbers(root)) - 1
    assert (read == numbers).all()
    wang = {tile.id: tiled.wang_id(tile, kind) for tile in made.tiles}
    east, west = (3, 2, 1), (5, 6, 7)
    for left, right in zip(read[:, :-1].flat, read[:, 1:].flat, strict=True):
        assert [wang[left][k] for k in east] == [wang[right][k] for k in west]
    south, north = (5, 4, 3), (7, 0, 1)
    for upper, lower in zip(read[:-1].flat, read[1:].flat, strict=True):
        assert [wang[upper][k] for k in south] == [wang[lower][k] for k in north]


def test_godot_gets_the_file_that_was_looked_over(made):
    kind = made.settings.kind
    text = exports.files(made, "grass", Gaps(2, 1), ["godot"])["grass.tres"].decode()
    golden = (GOLDEN / f"{kind}.tres").read_text("utf-8")
    # Every line is one that Godot 4 writes, and names a tile that there is.
    line = re.compile(
        r"\[.*\]|\d+:\d+/0(/terrain(_set)?|/terrains_peering_bit/(top|bottom)(_(left|right)_corner|"
        r"_side)|/terrains_peering_bit/(left|right)_side)? = \d+|(texture|margins|separation|"
        r"texture_region_size|tile_size|sources/0|terrain_set_0/mode|terrain_set_0/terrain_\d/"
        r"(name|color)) = .+|"
    )
    assert all(line.fullmatch(one) for one in text.splitlines())
    assert text.count("/0 = 0\n") == len(made.tiles)
    assert f"terrain_set_0/mode = {1 if kind == 'wang' else 0}\n" in text
    assert "margins = Vector2i(1, 1)\nseparation = Vector2i(2, 2)\n" in text
    assert _without_colours(text) == _without_colours(golden)


def _without_colours(text):
    return re.sub(r"Color\(.*\)", "Color", text)


def test_the_same_set_is_the_same_zip_and_unknown_formats_are_named(made):
    one, two = (exports.packed(exports.files(made, "s", Gaps())) for _ in range(2))
    assert one == two
    with zipfile.ZipFile(io.BytesIO(one)) as archive:
        assert archive.testzip() is None
    with pytest.raises(StudioError, match="'unity'"):
        exports.files(made, "s", Gaps(), ["unity"])


def test_the_sheet_of_quarters_gives_the_same_tiles_back(made):
    settings = made.settings
    found = sheets.pieces_on(sheets.piece_sheet(made), settings.variants, settings.size)
    again = tilesets.of_pieces(settings, found)
    assert all((a == b).all() for a, b in zip(made.pictures, again.pictures, strict=True))


def test_every_blob_mask_has_its_tile_and_labels_tell_them_apart():
    assert len(layouts.blob_masks()) == 47
    said = [layouts.label(tile, "platform") for tile in layouts.tiles("platform", 1)]
    assert len(set(said)) == 48
    assert {"single", "inside", "top", "underside", "air", "inner corner ne"} <= set(said)
    assert layouts.tiles("blob", 5)[: 3 * 48] == layouts.tiles("blob", 3)

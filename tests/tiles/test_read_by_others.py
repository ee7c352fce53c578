"""Tiled's files as programs that are not ours read them: pytiled-parser, PyTMX, and Tiled's own
`tmxrasterizer`, where Debian's `tiled` is installed."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import pytiled_parser
import pytmx
from PIL import Image

from studio.tiles import exports, maps, tiled, tilesets
from studio.tiles.settings import SETS, usual
from studio.tiles.sheets import Gaps
from studio.tiles.terrains import terrain
from studio.tiles.tilesets import Tileset
from tests.tiles.drawn import GRASS, WATER, texture


@dataclass(frozen=True)
class Written:
    """A tileset, and its map in a folder."""

    tileset: Tileset
    between: Gaps
    file: Path

    @property
    def picture(self) -> np.ndarray:
        """The sample map as the studio draws it."""
        return maps.picture(self.tileset, maps.sample(self.tileset))


@pytest.fixture(params=[(kind, gaps) for kind in SETS for gaps in (Gaps(), Gaps(2, 1))])
def written(request: pytest.FixtureRequest, tmp_path: Path) -> Written:
    kind, between = request.param
    inner = terrain(texture(GRASS, 16, 1), 16, "grass")
    outer = terrain(texture(WATER, 16, 2), 16, "water")
    made = tilesets.made(inner, outer, usual(16, kind=kind, seed=5, inner="grass", outer="water"))
    for name, data in exports.files(made, "shore", between, ["tiled"]).items():
        (tmp_path / name).write_bytes(data)
    return Written(made, between, tmp_path / "shore_sample.tmx")


def test_pytiled_parser_reads_the_map_its_set_and_its_terrains(written: Written) -> None:
    found: Any = pytiled_parser.parse_map(written.file)
    numbers = maps.sample(written.tileset)
    assert (found.map_size.width, found.map_size.height) == numbers.shape[::-1]
    (layer,) = found.layers
    assert np.array_equal(np.array(layer.data) - 1, numbers)
    (told,) = found.tilesets.values()
    assert (told.tile_width, told.tile_height, told.tile_count) == (
        16,
        16,
        len(written.tileset.tiles),
    )
    assert (told.spacing, told.margin) == (written.between.spacing, written.between.margin)
    assert Path(told.image).name == "shore.png"
    with Image.open(written.file.with_name("shore.png")) as sheet:
        assert (told.image_width, told.image_height) == sheet.size
    (wang,) = told.wang_sets
    kind = written.tileset.settings.kind
    assert wang.wang_type == ("corner" if kind == "wang" else "mixed")
    around = {number: tuple(one.wang_id) for number, one in wang.wang_tiles.items()}
    ids = {tile.id: tiled.wang_id(tile, kind) for tile in written.tileset.tiles}
    assert around and all(ids[number] == one for number, one in around.items())


def test_pytmx_cuts_out_the_picture_of_the_map(written: Written) -> None:
    found = pytmx.TiledMap(str(written.file))
    size, wanted = written.tileset.settings.size, written.picture
    sheets: dict[str, Image.Image] = {}
    for y in range(found.height):
        for x in range(found.width):
            file, box, flags = found.get_tile_image(x, y, 0)
            sheet = sheets.setdefault(file, Image.open(file).convert("RGBA"))
            left, top, width, height = box
            cut = np.asarray(sheet.crop((left, top, left + width, top + height)))
            assert not any(flags)
            place = np.s_[y * size : (y + 1) * size, x * size : (x + 1) * size]
            assert np.array_equal(cut, wanted[place])


@pytest.mark.slow
def test_tiled_draws_the_map(written: Written, tmp_path: Path) -> None:
    program = shutil.which("tmxrasterizer")
    if program is None:
        pytest.skip("tmxrasterizer is not here: apt-get install tiled")
    out = tmp_path / "drawn.png"
    there = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "HOME": str(tmp_path)}
    words = [program, "--no-smoothing", str(written.file), str(out)]
    subprocess.run(words, env=there, check=True, timeout=120, capture_output=True)
    with Image.open(out) as drawn:
        assert np.array_equal(np.asarray(drawn.convert("RGBA")), written.picture)

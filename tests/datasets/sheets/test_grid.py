"""Grids as they are written, their cells, what is empty, and what a sheet seems to have."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from studio.datasets.sheets import grid, grid_guess, requests
from studio.datasets.sheets.grid import Grid
from studio.datasets.sheets.preview import preview
from studio.errors import StudioError


def sprites(columns: int, rows: int, cell: Grid, opaque: bool = False) -> Image.Image:
    """A sheet of blobs of noise, each on nothing, or over the whole of its cell."""
    random = np.random.default_rng(columns * 100 + rows)
    wide, high = (
        2 * cell.margin + count * side + (count - 1) * cell.spacing
        for count, side in ((columns, cell.width), (rows, cell.height))
    )
    sheet = Image.new("RGBA", (wide, high))
    for left, top, right, bottom in cell.boxes(sheet.size):
        pixels = np.zeros((bottom - top, right - left, 4), np.uint8)
        rim = 0 if opaque else 2
        inner = pixels[rim : bottom - top - rim, rim : right - left - rim]
        inner[...] = random.integers(0, 200, 4)
        inner[..., :3] += random.integers(0, 40, (*inner.shape[:2], 3), np.uint8)
        inner[..., 3] = 255
        sheet.paste(Image.fromarray(pixels, "RGBA"), (left, top))
    return sheet


@pytest.mark.parametrize(
    ("text", "size", "wanted"),
    [
        ("16x16", (64, 32), Grid(16, 16)),
        (" 16 X 24 , margin = 1, SPACING=2", (64, 64), Grid(16, 24, 1, 2)),
        ("4by2", (64, 32), Grid(16, 16)),
        ("4by2,margin=1,spacing=2", (72, 36), Grid(16, 16, 1, 2)),
    ],
)
def test_a_grid_is_read_as_it_is_written(text: str, size: tuple[int, int], wanted: Grid) -> None:
    assert grid.parse(text, size) == wanted
    assert grid.parse(str(wanted), size) == wanted


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("16", "no grid"),
        ("16x", "no grid"),
        ("１６x16", "no grid"),
        ("16x16,border=2", "'border=2' .* says nothing of a grid"),
        ("16x16,margin=-1", "says nothing of a grid"),
        ("16x16,margin=1e3", "says nothing of a grid"),
        ("0x16", "can't be"),
        ("99999x16", "can't be"),
        ("128x128", "has 0 cells"),
        ("3by2", "3 columns do not fit on 64 pixels"),
        ("0by2", "0 columns do not fit"),
    ],
)
def test_what_is_no_grid_is_refused_with_an_example(text: str, says: str) -> None:
    with pytest.raises(StudioError, match=says) as refused:
        grid.parse(text, (64, 64))
    assert refused.value.remedy


def test_a_grid_of_too_many_cells_is_refused() -> None:
    assert grid.parse("1x1", (100, 100)) == Grid(1, 1)
    with pytest.raises(StudioError, match="has 10,100 cells"):
        grid.parse("1x1", (101, 100))


def test_cells_are_numbered_with_the_empty_ones_row_by_row() -> None:
    sheet = sprites(3, 2, Grid(8, 8, 1, 2))
    sheet.paste((0, 0, 0, 0), (11, 1, 19, 9))
    found = list(grid.cut(sheet, Grid(8, 8, 1, 2)))
    assert [frame.number for frame in found] == [1, 3, 4, 5, 6]
    assert found[1].picture.tobytes() == sheet.crop((21, 1, 29, 9)).tobytes()


def test_on_a_sheet_without_alpha_cells_of_the_commonest_colour_are_empty() -> None:
    sheet = Image.new("RGBA", (32, 16), (255, 0, 255, 255))
    sheet.paste((1, 2, 3, 255), (8, 0, 12, 4))
    assert [frame.number for frame in grid.cut(sheet, Grid(8, 8))] == [2]
    # With alpha that colour is a drawing like any other.
    sheet.putpixel((31, 15), (0, 0, 0, 0))
    assert len(list(grid.cut(sheet, Grid(8, 8)))) == 8


@pytest.mark.parametrize("opaque", [False, True])
@pytest.mark.parametrize(
    "cell", [Grid(16, 16), Grid(32, 32), Grid(24, 32), Grid(16, 16, 1, 2), Grid(48, 48, 0, 1)]
)
def test_the_grid_that_a_sheet_has_is_found(cell: Grid, opaque: bool) -> None:
    assert grid_guess.guess(sprites(6, 5, cell, opaque), "sheet.png") == cell


def test_a_name_that_says_it_goes_first_where_it_fits() -> None:
    sheet = sprites(4, 4, Grid(16, 16))
    assert grid_guess.guess(sheet, "art/walls-32x32.png") == Grid(32, 32)
    assert grid_guess.guess(sheet, "walls_48x48.png") == Grid(16, 16)
    assert grid_guess.guess(sheet, "poster 64x64.png") == Grid(16, 16)


def test_one_picture_has_no_grid() -> None:
    one = Image.new("RGBA", (64, 64))
    one.paste((200, 10, 10, 255), (6, 6, 58, 58))
    assert grid_guess.guess(one, "potion.png") is None
    ramp = np.linspace(0, 255, 96).astype(np.uint8)
    painting = np.dstack([np.add.outer(ramp // 2, ramp // 2)] * 3 + [np.full((96, 96), 255)])
    assert grid_guess.guess(Image.fromarray(painting.astype(np.uint8), "RGBA"), "sky.png") is None
    assert grid_guess.guess(Image.new("RGBA", (1, 1)), "dot.png") is None


def test_what_is_left_out_is_dimmed_under_the_grid() -> None:
    sheet = sprites(4, 2, Grid(16, 16))
    sheet.paste((0, 0, 0, 0), (16, 0, 32, 16))
    seen = preview(sheet, Grid(16, 16))
    assert (seen.cells, seen.empty, seen.rest) == (8, 1, (0, 0))
    assert seen.picture.size == (64 * 12, 32 * 12)
    assert preview(sheet, Grid(24, 16)).rest == (16, 0)
    assert preview(sprites(4, 2, Grid(16, 16, 1, 2)), Grid(16, 16, 1, 2)).rest == (0, 0)


def test_requests_name_files_and_how() -> None:
    one = requests.read("walls*.png=16x16,margin=1")
    assert one.fits("art/walls_2.png") and not one.fits("art/roofs.png")
    assert requests.read("a=b [1].png=auto").fits("a=b [1].png")
    assert requests.read("8by4").fits("any/where.png")
    with pytest.raises(StudioError, match="does not say how to cut"):
        requests.read("tiles.png=sixteen")
    with pytest.raises(StudioError, match="says nothing of a grid"):
        requests.read("tiles.png=16x16,rand=2")
    asked = requests.Asked(("art/a.png=auto", "b.png=auto")).within("art")
    assert asked.cuts == ("a.png=auto", "b.png=auto")

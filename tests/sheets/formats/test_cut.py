"""A sheet cut by a grid: spacing, margin, empty cells, and grids that don't divide it."""

import numpy as np
import pytest
from PIL import Image

from studio.errors import StudioError
from studio.sheets.formats import cut
from studio.sheets.formats.cut import Grid


def sheet(columns, rows, width, height, spacing=0, margin=0, empty=(), tail=None):
    """Cells of one colour each; `tail` is what lies behind the last ones."""
    tail = margin if tail is None else tail
    wide = margin + columns * (width + spacing) - spacing + tail
    high = margin + rows * (height + spacing) - spacing + tail
    pixels = np.zeros((high, wide, 4), np.uint8)
    for number in range(columns * rows):
        if number not in empty:
            left = margin + number % columns * (width + spacing)
            top = margin + number // columns * (height + spacing)
            pixels[top : top + height, left : left + width] = (number + 1, 0, 0, 255)
    return Image.fromarray(pixels, "RGBA")


@pytest.mark.parametrize(
    ("spacing", "margin", "tail"), [(0, 0, 0), (2, 1, 1), (3, 0, 0), (2, 2, 0), (4, 1, 4)]
)
def test_each_cell_is_cut_where_it_lies(spacing, margin, tail):
    picture = sheet(3, 2, 5, 7, spacing, margin, tail=tail)
    found = cut.by_cells(picture, Grid(5, 7, spacing, margin))
    assert (found.columns, found.rows, found.empty) == (3, 2, 0)
    frames = cut.frames(picture, found.boxes)
    for number, frame in enumerate(frames):
        assert frame.size == (5, 7) and frame.getcolors() == [(35, (number + 1, 0, 0, 255))]


def test_empty_cells_are_left_out_and_counted():
    found = cut.by_cells(sheet(3, 2, 4, 4, empty=(1, 5)), Grid(4, 4))
    assert found.empty == 2 and len(found.boxes) == 4 and found.boxes[1][:2] == (8, 0)
    with pytest.raises(StudioError, match="Nothing is on the sheet"):
        cut.by_cells(sheet(2, 1, 4, 4, empty=(0, 1)), Grid(4, 4))


def test_so_many_columns_and_rows_are_the_same():
    picture = sheet(4, 3, 6, 5, 1, 2)
    assert cut.by_number(picture, 4, 3, 1, 2) == cut.by_cells(picture, Grid(6, 5, 1, 2))
    with pytest.raises(StudioError, match="5 columns don't divide 31 pixels with spacing 1"):
        cut.by_number(picture, 5, 3, 1, 2)


def test_a_grid_that_doesn_t_divide_names_what_is_left_and_what_does():
    picture = Image.new("RGBA", (100, 64), "red")
    says = "Cells 32 pixels wide don't divide a sheet of 100: 4"
    with pytest.raises(StudioError, match=says) as told:
        cut.by_cells(picture, Grid(32, 32))
    assert "25" in told.value.remedy and "50" in told.value.remedy
    with pytest.raises(StudioError, match="Cells 30 pixels high"):
        cut.by_cells(picture, Grid(25, 30))
    with pytest.raises(StudioError, match="width is 0"):
        cut.by_cells(picture, Grid(0, 32))


def test_a_part_outside_is_named():
    with pytest.raises(StudioError, match="The part 8, 0, 4, 4 is not on a picture of 10 x 4"):
        cut.frames(Image.new("RGBA", (10, 4)), [(8, 0, 4, 4)])

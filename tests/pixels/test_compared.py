"""What became of a picture: as it is, recoloured, touched up or drawn anew, wherever it lies."""

import numpy as np
import pytest

from studio.pixels.compared import compared
from tests.pixels.drawn import drawn

POTION = [
    "............",
    "....KKKK....",
    ".....KK.....",
    "....KRRK....",
    "...KRRWRK...",
    "...KRRRRK...",
    "...KDRRDK...",
    "....KKKK....",
    "............",
]
ONE = drawn(POTION)
DRAWN = 32  # opaque pixels of it


def swapped(**letters):
    """The potion with other letters in place of these."""
    table = str.maketrans(letters)
    return drawn([row.translate(table) for row in POTION])


def test_the_same_picture_is_as_it_is():
    assert int((ONE[..., 3] > 0).sum()) == DRAWN
    found = compared(ONE, ONE)
    assert (found.state, found.moved, found.recoloured, found.redone) == ("as is", (0, 0), 0, 0)
    near = ONE.copy()
    near[..., 0] += (near[..., 3] > 0).astype(np.uint8)  # a level that nobody sees
    assert compared(ONE, near).state == "as is"
    hidden = ONE.copy()
    hidden[0, 0] = (90, 80, 70, 0)
    assert compared(ONE, hidden).state == "as is"


def test_colours_that_became_others_as_a_whole_are_recoloured():
    found = compared(ONE, swapped(R="B", D="G"))
    assert (found.state, found.redone) == ("recoloured", 0)
    reds = sum(row.count("R") + row.count("D") for row in POTION)
    assert found.recoloured == pytest.approx(reds / DRAWN)


def test_some_pixels_drawn_anew_are_touched_up_and_counted():
    rgba = ONE.copy()
    rgba[4, 4:6] = (250, 250, 250, 255)  # two of the reds become white
    rgba[0, 0] = (20, 12, 28, 255)  # and one pixel is new
    found = compared(ONE, rgba)
    assert (found.state, found.recoloured) == ("touched up", 0)
    assert found.redone == pytest.approx(3 / (DRAWN + 1))
    both = swapped(R="B", D="G")
    both[0, 0] = (20, 12, 28, 255)
    found = compared(ONE, both)
    assert found.state == "touched up" and found.recoloured > 0
    assert found.redone == pytest.approx(1 / (DRAWN + 1))


def test_another_drawing_and_a_silhouette_are_redrawn():
    sword = drawn(["K" * 12, "KWWWWWWWWWWK", "K" * 12])
    assert compared(ONE, sword).state == "redrawn"
    found = compared(ONE, swapped(R="K", D="K", W="K"))  # all colours became one
    assert (found.state, found.recoloured) == ("redrawn", 0)
    gone = compared(ONE, np.zeros_like(ONE))
    assert (gone.state, gone.redone) == ("redrawn", 1)


@pytest.mark.parametrize(("right", "down"), [(0, 0), (3, 1), (-2, -1), (0, 5)])
def test_a_figure_that_was_moved_on_another_canvas_is_the_same(right, down):
    canvas = np.zeros((24, 20, 4), np.uint8)
    canvas[5 + down : 14 + down, 4 + right : 16 + right] = ONE
    found = compared(ONE, canvas)
    assert (found.state, found.moved) == ("as is", (4 + right, 5 + down))
    back = compared(canvas, ONE)
    assert (back.state, back.moved) == ("as is", (-4 - right, -5 - down))


def test_what_was_cropped_or_enlarged_by_a_whole_factor_is_the_same():
    cropped = ONE[1:8, 3:9]
    assert compared(ONE, cropped).state == "as is"
    for picture in (ONE, cropped):
        large = picture.repeat(4, 0).repeat(4, 1)
        assert compared(ONE, large).state == "as is"
    touched = ONE.copy()
    touched[4, 4] = (250, 250, 250, 255)
    found = compared(ONE, touched.repeat(3, 0).repeat(3, 1))
    assert (found.state, found.redone) == ("touched up", pytest.approx(1 / DRAWN))


def test_a_canvas_of_twice_the_size_is_no_enlargement():
    canvas = np.zeros((18, 24, 4), np.uint8)
    canvas[5:14, 7:19] = ONE
    found = compared(ONE, canvas)
    assert (found.state, found.moved) == ("as is", (7, 5))


def test_a_picture_on_which_nothing_is_seen_stays_nothing():
    empty = np.zeros((8, 8, 4), np.uint8)
    assert compared(empty, empty).state == "as is"


def test_an_opaque_texture_keeps_its_place():
    rng = np.random.default_rng(3)
    tile = np.full((16, 16, 4), 255, np.uint8)
    tile[..., :3] = rng.choice(np.array([[90, 60, 30], [120, 90, 50], [60, 140, 60]]), (16, 16))
    assert compared(tile, tile).moved == (0, 0)
    touched = tile.copy()
    touched[3:5, 3:5] = (250, 0, 250, 255)
    found = compared(tile, touched)
    assert (found.state, found.moved, found.redone) == ("touched up", (0, 0), 4 / 256)

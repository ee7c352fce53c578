"""What is seen on its canvas."""

import numpy as np
import pytest

from studio.errors import StudioError
from studio.pixels.canvas import cropped, fits, is_full, padded, placed
from tests.pixels.drawn import drawn, letters

FIGURE = [".....", ".RK..", ".RK..", "....."]


def test_a_picture_is_cropped_to_what_is_seen_and_padded():
    assert letters(cropped(drawn(FIGURE))) == ["RK", "RK"]
    assert letters(padded(drawn(["R"]), 1, 0, 2, 1)) == [".R..", "...."]
    with pytest.raises(StudioError, match="Nothing is seen"):
        cropped(np.zeros((3, 3, 4), np.uint8))


def test_a_figure_stands_on_the_ground_or_keeps_its_place():
    assert letters(placed(drawn(FIGURE), (4, 5), 1)) == ["....", "....", ".RK.", ".RK.", "...."]
    assert letters(placed(drawn(FIGURE), (4, 2), 1)) == [".RK.", ".RK."]
    found = letters(placed(drawn(FIGURE), (7, 6)))
    assert found == [".......", ".......", "..RK...", "..RK...", ".......", "......."]
    same = drawn(FIGURE)
    assert (placed(same, (5, 4)) == same).all()


def test_a_canvas_that_is_too_small_is_named_and_cuts_nothing_off():
    assert not fits(drawn(FIGURE), (1, 4)) and fits(drawn(FIGURE), (2, 2))
    with pytest.raises(StudioError, match="The figure is 2 x 2 pixels, the canvas 1 x 4") as error:
        placed(drawn(FIGURE), (1, 4))
    assert error.value.remedy == "Take a canvas of at least 2 x 2."
    assert letters(placed(drawn(["R...", "...."]), (2, 2))) == ["R.", ".."]
    assert not placed(np.zeros((9, 9, 4), np.uint8), (2, 2)).any()


def test_a_full_border_is_seen():
    assert is_full(drawn(["RRR", "R.R", "RRR"])) and not is_full(drawn(["RRR", "RR.", "RRR"]))

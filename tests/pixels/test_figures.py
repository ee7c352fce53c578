"""What the eye sees of a sprite, counted."""

import numpy as np
import pytest

from studio.errors import StudioError
from studio.pixels.figures import PixelFigures, figures, medians, orphans, outside
from tests.pixels.drawn import drawn


def test_a_plain_square_with_an_outline():
    found = figures(drawn(["......", ".KKKK.", ".KRRK.", ".KRRK.", ".KKKK.", "......"]))
    assert found == PixelFigures(2, 0, 0, 1, 4 / 6)


def test_a_pixel_alone_is_an_orphan_and_one_with_a_like_neighbour_is_not():
    rgba = drawn(["RRRR", "RWRR", "RRRR", "K..R"])
    assert np.argwhere(orphans(rgba)).tolist() == [[1, 1], [3, 0]]
    assert figures(rgba).orphans == pytest.approx(2 / 14)
    rgba[1, 2, :3] = 240  # within 16 levels of white
    assert np.argwhere(orphans(rgba)).tolist() == [[3, 0]]


def test_soft_edges_are_counted_of_what_is_drawn():
    rgba = drawn(["RR", "RR"])
    rgba[0, 0, 3], rgba[0, 1, 3] = 100, 3
    assert figures(rgba).half_transparent == pytest.approx(1 / 3)


def test_medians_are_of_each_figure_for_itself():
    one, two = drawn(["RW", ".."]), drawn(["RR", "RR"])
    found = medians([one, two, two])
    assert (found.colours, found.height, found.orphans) == (1, 1, 0)
    with pytest.raises(StudioError, match="no picture"):
        medians([])


def test_a_picture_on_which_nothing_is_seen_has_no_figure():
    assert figures(np.zeros((4, 4, 4), np.uint8)) == PixelFigures(0, 0, 0, 0, 0)


def test_pixels_outside_of_a_palette_are_counted_of_the_opaque_ones():
    rgba = drawn(["RRK.", "RWK."])
    red, black, white = "#c82832", "#140c1c", "#fafafa"
    assert outside(rgba, [red, black, white]) == 0
    assert outside(rgba, [red, black]) == pytest.approx(1 / 6)
    rgba[0, 3] = (1, 2, 3, 100)  # too transparent to count
    assert outside(rgba, [red, black]) == pytest.approx(1 / 6)
    assert outside(np.zeros((2, 2, 4), np.uint8), [red]) == 0
    with pytest.raises(StudioError, match="no colour"):
        outside(rgba, [])

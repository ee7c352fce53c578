"""What somebody should look at first: a photograph, no grid, nothing left."""

import numpy as np

from studio.finishing.doubts import (
    EMPTY,
    NO_GRID,
    NO_GROUND,
    NOT_SEEN,
    ONE_COLOUR,
    PHOTOGRAPH,
    doubts,
)
from studio.finishing.recipe import Recipe
from studio.finishing.steps import NONE, Steps
from studio.pixels.grid import Grid


def test_a_photograph_is_told_from_pixel_art_and_from_a_cut_out_painting():
    rng = np.random.default_rng(4)
    photo = np.full((128, 128, 4), 255, np.uint8)
    photo[..., :3] = np.clip(rng.normal(120, 40, (128, 128, 3)), 0, 255)
    assert doubts(photo, photo, photo, None, NONE) == (PHOTOGRAPH,)
    assert doubts(photo, photo, photo, Grid(4, 4, 0, 0), NONE) == ()
    art = np.kron(photo[:16, :16], np.ones((8, 8, 1), np.uint8))
    assert doubts(art, art, art, None, NONE) == ()
    painting = photo.copy()
    painting[:32, :, 3] = 0
    assert doubts(painting, painting, painting, None, NONE) == ()
    assert doubts(painting, painting, painting, None, Steps(grid="found")) == (NO_GRID,)


def test_nothing_left_and_nothing_seen():
    seen = np.full((8, 8, 4), 255, np.uint8)
    nothing = np.zeros((8, 8, 4), np.uint8)
    assert doubts(seen, nothing, nothing, None, NONE) == (EMPTY,)
    assert doubts(nothing, nothing, nothing, None, Steps(grid="found")) == (NOT_SEEN,)


def test_a_background_that_is_none_and_a_palette_of_one_colour():
    seen = np.full((8, 8, 4), 255, np.uint8)
    steps = Steps(Recipe(background=True, colours=("#ffffff",)))
    assert doubts(seen, seen, seen, None, steps) == (NO_GROUND, ONE_COLOUR)
    cut = seen.copy()
    cut[0, 0] = 0
    assert doubts(seen, cut, cut, None, steps) == (ONE_COLOUR,)

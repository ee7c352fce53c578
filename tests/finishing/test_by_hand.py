"""The chain by hand: grid, colours, recipe, proposals, frame and shadow, on small real things."""

from dataclasses import replace

import numpy as np
import pytest

from studio.errors import StudioError
from studio.finishing.by_hand import finished, proposals
from studio.finishing.recipe import Recipe
from studio.finishing.steps import NONE, Steps
from studio.pixels.grid import Grid

RED, BLUE = (200, 40, 40, 255), (40, 40, 200, 255)


def gem(side=12):
    """A red square with a blue rim on a transparent ground, and one speck beside it."""
    rgba = np.zeros((side, side, 4), np.uint8)
    rgba[3:9, 3:9] = BLUE
    rgba[4:8, 4:8] = RED
    rgba[0, 0] = RED
    return rgba


def test_no_step_changes_nothing():
    done = finished(gem(), NONE)
    assert done.same and (done.rgba == gem()).all() and done.shadow is None and done.grid is None
    assert done.before == done.after and done.doubts == ()


def test_a_grid_by_hand_wins_and_gives_one_pixel_a_cell():
    large = np.kron(gem(), np.ones((8, 8, 1), np.uint8))
    done = finished(large, Steps(Recipe(native=6), grid="set", set_grid=Grid(8, 8, 0, 0)))
    assert (done.rgba == gem()).all() and done.grid == Grid(8, 8, 0, 0)
    assert finished(large, Steps(Recipe(native=6), grid="none")).rgba.shape == (96, 96, 4)
    by_recipe = finished(large, Steps(Recipe(native=12)))
    assert (by_recipe.rgba == gem()).all() and by_recipe.grid == Grid(8, 8, 0, 0)


def test_a_grid_is_found():
    large = np.kron(gem(), np.ones((8, 8, 1), np.uint8))
    done = finished(large, Steps(grid="found"))
    assert (done.rgba == gem()).all() and done.grid is not None


def test_colours_turn_before_they_are_snapped():
    grey = finished(gem(), Steps(saturation=-100)).rgba
    assert np.ptp(grey[5, 5, :3].astype(int)) <= 1 and grey[5, 5, 3] == 255
    palette = Recipe(colours=("#000000", "#ffffff"))
    assert tuple(finished(gem(), Steps(palette)).rgba[5, 5]) == (255, 255, 255, 255)
    dark = finished(gem(), Steps(palette, lightness=-40)).rgba
    assert tuple(dark[5, 5]) == (0, 0, 0, 255)


def test_a_proposal_is_listed_and_changes_only_what_was_taken():
    listed = proposals(gem(), NONE)
    (one,) = [each for each in listed if (0, 0) in each.pixels]
    done = finished(gem(), Steps(taken=(one.id,)))
    assert (done.rgba != gem()).any(-1).sum() == 1 and done.rgba[0, 0, 3] == 0
    assert one.id in [each.id for each in proposals(gem(), Steps(taken=(one.id,)))]
    left = Steps(left=(one.id,))
    assert finished(gem(), left).same and left.mark == NONE.mark


def test_a_broken_outline_is_lighter_where_light_falls():
    rgba = gem()
    rgba[rgba[..., 2] == 200] = (10, 10, 30, 255)
    done = finished(rgba, Steps(broken=True)).rgba
    assert done[3, 5, 0] > rgba[3, 5, 0] and (done[8, 5] == rgba[8, 5]).all()


@pytest.mark.parametrize(
    ("anchor", "corner"),
    [("top left", (0, 0)), ("centre", (2, 4)), ("bottom right", (4, 8)), ("top centre", (2, 0))],
)
def test_the_canvas_holds_the_picture_at_its_anchor(anchor, corner):
    steps = Steps(Recipe(canvas=(16, 20)), anchor=anchor)
    done = finished(gem(), steps)
    assert done.rgba.shape == (20, 16, 4)
    x, y = corner
    assert (done.rgba[y : y + 12, x : x + 12] == gem()).all()
    assert [one for one in proposals(gem(), steps) if (x, y) in one.pixels]


def test_edges_are_added_and_cut_and_never_all_of_it():
    cut = finished(gem(), Steps(edge_left=-3, edge_top=-3, edge_right=2)).rgba
    assert cut.shape == (9, 11, 4) and (cut[:6, :6] == gem()[3:9, 3:9]).all()
    with pytest.raises(StudioError, match="-8 x 12 pixels"):
        finished(gem(), Steps(edge_left=-20))
    with pytest.raises(StudioError, match="canvas"):
        finished(gem(), Steps(Recipe(canvas=(4, 4))))


def test_a_shadow_is_a_layer_and_leaves_the_picture_alone():
    done = finished(gem(), Steps(shadow="drop", shadow_x=2, shadow_y=1, shadow_opacity=40))
    assert done.same and (done.rgba == gem()).all()
    assert done.shadow[9, 10, 3] == 102 and done.shadow[3, 3, 3] == 0
    contact = finished(gem(), Steps(shadow="contact")).shadow
    assert contact[8].any() and not contact[2].any()


def test_the_same_steps_of_what_came_of_them_change_nothing():
    steps = Steps(Recipe(hard_alpha=True, colours=("#c82828", "#2828c8")))
    once = finished(gem(), steps).rgba
    assert (finished(once, steps).rgba == once).all()
    assert finished(gem(), replace(steps, grid="found")).rgba.shape == once.shape

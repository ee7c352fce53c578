"""Cells of one height, on the ground line, in one palette, hard at the edge, and nothing beside."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

from studio.characters import fitting, openpose, poses
from studio.characters.poses import FIGURE, GROUND
from studio.errors import StudioError

PALETTE = ("#203040", "#c04030", "#f0d0a0")


def drawn(side=192, off=0, ground=None):
    """Somebody who stands as a pose of the stand does, `off` pixels too high; soft at the edge."""
    large = Image.new("RGBA", (side * 2, side * 2), ground or (0, 0, 0, 0))
    pen, low = ImageDraw.Draw(large), round(2 * side * GROUND) - 2 * off
    top = low - round(2 * side * FIGURE)
    middle = side
    pen.ellipse((middle - 40, top, middle + 40, top + 80), fill=(238, 205, 165, 255))
    pen.rectangle((middle - 44, top + 80, middle + 44, low - 80), fill=(190, 60, 50, 255))
    for across in (-36, 10):
        pen.rectangle((middle + across, low - 80, middle + across + 26, low - 1), fill="#203040")
    return large.convert("RGBa").resize((side, side), Image.Resampling.LANCZOS).convert("RGBA")


def rows(picture):
    there = np.flatnonzero((np.asarray(picture)[..., 3] > 0).any(1))
    return int(there[0]), int(there[-1])


def colours_of(picture):
    rgba = np.asarray(picture)
    return {"#" + bytes(one).hex() for one in rgba[rgba[..., 3] > 0][:, :3]}


@pytest.mark.parametrize("height", [16, 32, 48, 100])
@pytest.mark.parametrize("off", [0, 9, -6])
def test_a_led_figure_is_as_tall_as_asked_and_stands_on_the_line(height, off):
    cell = fitting.of_pose(drawn(off=off), height, PALETTE)
    assert cell.size == (fitting.side_of(height),) * 2
    assert rows(cell)[1] + 1 == fitting.ground_of(height)
    assert abs(fitting.tall(cell) - height) <= 1
    assert colours_of(cell) <= set(PALETTE)
    assert set(np.unique(np.asarray(cell)[..., 3])) == {0, 255}


def test_all_poses_fit_into_their_cells_whatever_was_led():
    for action in poses.ACTIONS:
        for pose in poses.poses(action):
            skeleton = openpose.drawn(poses.seen(pose, "east", 4), 256).convert("RGB")
            there = np.asarray(skeleton).max(-1) > 0
            figure = np.dstack([np.asarray(skeleton), there.astype(np.uint8) * 255])
            cell = fitting.of_pose(Image.fromarray(figure, "RGBA"), 96, ())
            assert rows(cell)[1] + 1 == fitting.ground_of(96)


def test_somebody_in_the_air_stays_there():
    cell = fitting.of_pose(drawn(off=24), 32, PALETTE, grounded=False)
    assert rows(cell)[1] + 1 == fitting.ground_of(32) - 6


def test_a_plain_background_goes_and_a_speck_below_lifts_nobody():
    picture = drawn(ground=(90, 140, 90, 255))
    picture.paste((0, 0, 0, 255), (20, 184, 27, 191))
    cell = fitting.of_pose(picture, 32, PALETTE)
    assert np.asarray(cell)[..., 3].mean() < 128
    assert rows(cell)[1] + 1 == fitting.ground_of(32)
    assert abs(fitting.tall(cell) - 32) <= 1


def test_a_figure_that_no_pose_led_is_scaled_by_what_is_drawn():
    figure = drawn(120).crop((30, 20, 90, 115))
    cell = fitting.of_figure(figure, 40, PALETTE)
    assert cell.size == (60, 60) and abs(fitting.tall(cell) - 40) <= 1
    assert rows(cell)[1] + 1 == fitting.ground_of(40)
    columns = np.flatnonzero((np.asarray(cell)[..., 3] > 0).any(0))
    assert abs((columns[0] + columns[-1]) / 2 - 29.5) <= 1
    wide = Image.new("RGBA", (100, 10), (200, 40, 40, 255))
    assert fitting.of_figure(wide, 40, ()).getbbox() == (0, 49, 60, 55)


def test_without_a_palette_colours_stay():
    found = colours_of(fitting.of_pose(drawn(), 48, ()))
    assert len(found) > 3 and "#203040" in found


def test_nothing_drawn_is_said():
    empty = Image.new("RGBA", (64, 64))
    for fit in (fitting.of_pose, fitting.of_figure):
        with pytest.raises(StudioError, match="Nothing is drawn"):
            fit(empty, 32, PALETTE)
    assert fitting.tall(empty) == 0

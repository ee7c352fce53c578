"""Noise settled into regions of the palette's colours."""

import numpy as np
import pytest

from studio.pixels.settling import settled
from studio.pixels.snapping import snapped
from tests.pixels.drawn import drawn

PALETTE = ("#140c1c", "#781428", "#c82832", "#fafafa", "#325ac8")
BALL = [
    "................",
    ".....KKKKKK.....",
    "...KKRRRRRRKK...",
    "..KRRRRRRRRRRK..",
    "..KRRRRRRRRRRK..",
    ".KRRRWWRRRRRRRK.",
    ".KRRRWWRRRRRRRK.",
    ".KRRRRRRRRRRRRK.",
    ".KRRRRRRRRRDDDK.",
    ".KRRRRRRRRDDDDK.",
    ".KRRRRRRRDDDDDK.",
    "..KRRRRDDDDDDK..",
    "..KRDDDDDDDDDK..",
    "...KKDDDDDDKK...",
    ".....KKKKKK.....",
    "................",
]


@pytest.fixture
def ball():
    return drawn(BALL)


def _noisy(rgba, seed, by=34.0):
    random = np.random.default_rng(seed)
    out = rgba.astype(float)
    out[..., :3] += random.normal(0, by, (*rgba.shape[:2], 3))
    return np.clip(out, 0, 255).astype(np.uint8)


def test_what_the_noise_hid_is_found_again_better_than_pixel_by_pixel(ball):
    wrong = {"settled": 0, "snapped": 0}
    for seed in range(8):
        noisy = _noisy(ball, seed)
        wrong["settled"] += int((settled(noisy, PALETTE) != ball).any(-1).sum())
        wrong["snapped"] += int((snapped(noisy, PALETTE) != ball)[ball[..., 3] > 0].any(-1).sum())
    assert wrong["settled"] * 2 < wrong["snapped"]


def test_a_clean_picture_is_left_as_it_is(ball):
    assert (settled(ball, PALETTE) == ball).all()
    ball[5:7, 5:7, :3] = (200, 40, 50)
    ball[5, 5, :3] = 250  # a highlight of one pixel is meant
    assert (settled(ball, PALETTE) == ball).all()


def test_the_edge_takes_the_outlines_colour_and_a_spark_stays_as_it_is(ball):
    ball[1, 5:9, :3] = (50, 90, 200)
    ball[0, 15] = (250, 250, 250, 255)
    found = settled(ball, PALETTE, outline="#140c1c")
    assert (found[1, 5:11, :3] == (20, 12, 28)).all()
    assert found[0, 15].tolist() == [250, 250, 250, 255]


def test_shades_between_two_colours_become_a_checkerboard():
    square = np.full((12, 12, 4), 255, np.uint8)
    square[..., :3] = (200, 40, 50)
    square[:6, :, :3] = (158, 33, 46)  # halfway to the dark one
    colours = ("#781428", "#c82832")
    found = settled(square, colours, checkered=True)[..., 0]
    y, x = np.indices((6, 12))
    assert (found[:5] == np.where((y + x) % 2, 200, 120)[:5]).all()
    assert (found[7:] == 200).all()
    assert len(np.unique(settled(square, colours)[:5, :, 0])) == 1


def test_a_ragged_edge_is_smoothed_and_nothing_comes_of_nothing():
    rgba = drawn(["......", ".R....", "RRRR..", "RRRRR.", "RR.RR.", "RRRRR."])
    found = settled(rgba, PALETTE)[..., 3] > 0
    assert not found[1, 1] and found[4, 2]
    assert not settled(np.zeros((5, 5, 4), np.uint8), PALETTE).any()

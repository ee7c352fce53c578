"""Whether an edge fits: on pictures of which it is known, and where it can't be told."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.seams import MOST, Control, controls
from studio.pixels.seams import CUT, OPEN, WHOLE, seam


def wrong(found: list[Control]) -> tuple[int, int]:
    """How many cut edges pass for whole, and how many whole pictures are called cut."""
    missed = sum(not seam(one.rgba, one.cut).cut for one in found if one.cut)
    whole = [one for one in found if not one.cut]
    return missed, sum(any(seam(one.rgba, axis).cut for axis in "xy") for one in whole)


def test_a_few_controls_of_each_kind_are_told_apart() -> None:
    assert wrong([*controls(6)]) == (0, 0)


@pytest.mark.slow
def test_no_cut_one_of_480_controls_is_missed_and_few_whole_ones_are_called_cut() -> None:
    found = [*controls()]
    assert len(found) == 480
    missed, called = wrong(found)
    assert missed == 0 and called <= MOST * 240


def ramp(side: int = 32, alpha: int = 255) -> np.ndarray:
    """Darker on the left, and alike in all rows."""
    pixels = np.full((side, side, 4), alpha, np.uint8)
    pixels[..., :3] = np.linspace(20, 230, side).astype(np.uint8)[None, :, None]
    return pixels


def test_each_axis_has_a_verdict_of_its_own() -> None:
    across, down = seam(ramp(), "x"), seam(ramp(), "y")
    assert (across.cut, across.verdict, down.cut, down.verdict) == (True, CUT, False, WHOLE)
    assert across.figure > 5 and down.figure < 1
    turned = ramp().swapaxes(0, 1)
    assert (seam(turned, "y"), seam(turned, "x")) == (across, down)


def test_a_transparent_border_is_no_perfect_seam() -> None:
    pixels = ramp()
    pixels[:, :2, 3] = 0
    found = seam(pixels, "x")
    assert (found.verdict, found.cut, found.figure) == (OPEN, False, 0.0)
    pixels[:, :2, 3] = 255
    pixels[10:14, 10:14, 3] = 0  # a hole within tells nothing of the edge
    assert seam(pixels, "x").verdict == CUT


@pytest.mark.parametrize("size", [(1, 1), (1, 9), (2, 40), (8, 8), (700, 3)])
def test_pictures_too_small_for_all_of_it_have_a_verdict(size: tuple[int, int]) -> None:
    pixels = np.full((*size, 4), 255, np.uint8)
    assert {seam(pixels, axis).verdict for axis in "xy"} == {WHOLE}


@pytest.mark.slow  # a quarter of a gigabyte
def test_the_largest_picture_is_told_too() -> None:
    whole = np.tile(ramp(64).swapaxes(0, 1)[:, ::2], (128, 256, 1))
    assert whole.shape == (8192, 8192, 4)
    assert seam(whole, "x").verdict == WHOLE
    whole[:, -4000:, :3] //= 2
    assert seam(whole, "x").verdict == CUT

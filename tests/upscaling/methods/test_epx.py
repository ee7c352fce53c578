"""EPX and Scale3x by their rules, read off small drawings; strips and wrapped axes alike."""

import numpy as np
import pytest

from studio.errors import StudioError
from studio.upscaling import methods
from studio.upscaling.methods import InMemory, epx, nearest
from studio.upscaling.sizes import Target
from tests.pixels.drawn import drawn, letters
from tests.upscaling.strips import noise, sprite, whole

STAIRS = ["K..", "KK.", "KKK"]


def test_stairs_become_slopes() -> None:
    made = whole(epx.enlarge, drawn(STAIRS), Target(6, 6))
    assert letters(made) == ["KK....", "KKK...", "KKK...", "KKKKK.", "KKKKKK", "KKKKKK"]
    made = whole(epx.enlarge, drawn(STAIRS), Target(9, 9))
    assert made[..., 3].astype(bool).sum(1).tolist() == sorted(made[..., 3].astype(bool).sum(1))


def test_a_dot_stays_a_dot_and_a_plain_field_a_field() -> None:
    dot = drawn(["...", ".K.", "..."])
    made = whole(epx.enlarge, dot, Target(9, 9))
    assert made[3:6, 3:6, 3].sum() > 0 and made[4, 4, 3] == 255
    field = drawn(["RR", "RR"])
    assert letters(whole(epx.enlarge, field, Target(6, 6))) == ["R" * 6] * 6


@pytest.mark.parametrize("factor", epx.FACTORS)
def test_no_colour_is_made_up_and_strips_are_the_whole(monkeypatch, factor) -> None:
    rgba = sprite()
    size = Target(20 * factor, 24 * factor)
    made = whole(epx.enlarge, rgba, size)
    assert {tuple(c) for c in made.reshape(-1, 4)} == {tuple(c) for c in rgba.reshape(-1, 4)}
    plain = whole(nearest.enlarge, rgba, size)
    assert not np.array_equal(made, plain)
    for at_once in (1, 300):
        monkeypatch.setattr(methods, "AT_ONCE", at_once)
        assert np.array_equal(whole(epx.enlarge, rgba, size), made)


@pytest.mark.parametrize("factor", epx.FACTORS)
def test_a_wrapped_picture_moved_gives_the_result_moved(factor) -> None:
    random = np.random.default_rng(1)
    rgba = drawn(["".join(random.choice(list("KRG"), 11)) for _ in range(9)])
    size = Target(11 * factor, 9 * factor)
    made = whole(epx.enlarge, rgba, size, wrap="xy")
    moved = whole(epx.enlarge, np.roll(rgba, (4, 3), (0, 1)), size, wrap="xy")
    assert np.array_equal(moved, np.roll(made, (4 * factor, 3 * factor), (0, 1)))
    assert not np.array_equal(whole(epx.enlarge, rgba, size), made)


def test_hidden_colours_decide_nothing() -> None:
    rgba = drawn(STAIRS)
    other = rgba.copy()
    other[other[..., 3] == 0] = noise(3, 3)[other[..., 3] == 0] * (1, 1, 1, 0)
    made = whole(epx.enlarge, other, Target(12, 12))
    assert np.array_equal(made, whole(epx.enlarge, rgba, Target(12, 12)))


@pytest.mark.parametrize("size", [(3, 3), (15, 15), (6, 9), (7, 6)])
def test_other_factors_are_refused_by_name(size) -> None:
    with pytest.raises(StudioError, match=f"{size[0]} x {size[1]} of 3 x 3"):
        epx.enlarge(InMemory(drawn(STAIRS)), Target(*size), lambda rows: None)


def test_one_pixel() -> None:
    rgba = drawn(["R"])
    for factor in epx.FACTORS:
        made = whole(epx.enlarge, rgba, Target(factor, factor), wrap="xy")
        assert letters(made) == ["R" * factor] * factor

"""How large a result is, to the pixel."""

import random
from fractions import Fraction

import pytest

from studio.errors import StudioError
from studio.upscaling.sizes import LONG_SIDES, MOST_SIDE, Target, target, whole_factor


def test_two_hundred_sizes_and_factors_are_exact() -> None:
    drawn = random.Random(19)
    for _ in range(200):
        width, height = drawn.randint(1, 2000), drawn.randint(1, 2000)
        factor = drawn.randint(1, 64) / 8
        found = target(width, height, factor=factor)
        for side, before in ((found.width, width), (found.height, height)):
            wanted = before * Fraction(factor)
            assert wanted - Fraction(1, 2) < side <= wanted + Fraction(1, 2) or side == 1


def test_a_long_side_is_met_and_the_other_follows() -> None:
    assert target(1000, 333, long_side=8192) == Target(8192, 2728)
    assert target(333, 1000, long_side=8192) == Target(2728, 8192)
    assert target(16000, 1, long_side=1024) == Target(1024, 1)
    for long_side in LONG_SIDES:
        assert target(7, 7, long_side=long_side) == Target(long_side, long_side)


def test_halves_round_up_and_no_side_vanishes() -> None:
    assert target(3, 5, factor=1.5) == Target(5, 8)
    assert target(3, 5, factor=0.1) == Target(1, 1)
    assert target(40, 30) == Target(40, 30)
    assert target(40, 30, size=(7, 9)) == Target(7, 9)
    assert target(40, 30, factor="2.5") == Target(100, 75)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"factor": 33}, "16,500 x 16,500 pixels at 33 times 500 x 500"),
        ({"size": (16_385, 10)}, "width is 16385"),
        ({"size": (10, 0)}, "height is 0"),
        ({"long_side": 20_000}, "long_side is 20000"),
        ({"factor": 0}, "factor is 0"),
        ({"factor": float("nan")}, "factor is nan"),
        ({"factor": 2, "long_side": 1024}, "exclude each other"),
    ],
)
def test_what_can_not_be_is_named(asked: dict, said: str) -> None:
    with pytest.raises(StudioError, match=said):
        target(500, 500, **asked)
    with pytest.raises(StudioError, match="17,000 x 4"):
        target(17_000, 4)
    assert target(MOST_SIDE, 4) == Target(MOST_SIDE, 4)


def test_whole_factors() -> None:
    assert whole_factor(16, 24, Target(64, 96)) == 4
    assert whole_factor(16, 24, Target(16, 24)) == 1
    assert whole_factor(16, 24, Target(64, 97)) is None
    assert whole_factor(16, 24, Target(32, 72)) is None
    assert whole_factor(16, 24, Target(8, 12)) is None

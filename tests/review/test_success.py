"""Figures of success: intervals against published numbers, and the three states."""

import numpy as np
import pytest

from studio.review import success
from studio.review.success import Interval, Measured, Promise, held, said

NINETY = Promise("x", "X", 0.9, "pictures")


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"),
    [
        (45, 50, 0.78640, 0.95652),
        (48, 50, 0.86540, 0.98896),
        (97, 100, 0.91548, 0.98975),
        (50, 50, 0.92865, 1.0),
        (0, 20, 0.0, 0.16113),
    ],
)
def test_wilsons_interval(hits, n, low, high):
    found = success.wilson(hits, n)
    assert (found.low, found.high) == pytest.approx((low, high), abs=2e-5)


def test_no_share_has_no_interval():
    for hits, n in ((0, 0), (3, 2), (-1, 2)):
        with pytest.raises(ValueError, match="no share"):
            success.wilson(hits, n)
    with pytest.raises(ValueError, match="needs a value"):
        success.bootstrap([])


def test_a_bootstrap_is_the_same_again_and_holds_the_value():
    values = list(np.random.default_rng(5).normal(10, 2, 40))
    found = success.bootstrap(values)
    assert found == success.bootstrap(values)
    assert found.low < np.median(values) < found.high
    assert success.bootstrap([3.0] * 20) == Interval(3.0, 3.0, success.BOOTSTRAP)
    # The mean of n values has a deviation of sd / sqrt(n): its interval is 3.92 of these wide.
    wide = success.bootstrap(values, of=np.mean)
    assert wide.high - wide.low == pytest.approx(3.92 * np.std(values) / np.sqrt(40), rel=0.15)


@pytest.mark.parametrize(
    ("hits", "n", "judges", "state", "why"),
    [
        (97, 100, 2, "met", "97 %, where at least 90 % was promised."),
        (97, 100, 1, "not shown", "It is the word of one person alone: it takes 2."),
        (97, 100, 0, "not shown", "It is the word of one person alone: it takes 2."),
        (97, 100, None, "met", "97 %, where at least 90 % was promised."),
        (48, 50, 2, "not shown", "It lies between 86.5 % and 98.8 %: too few to tell"),
        (12, 50, 2, "not met", "24 %, where at least 90 % was promised."),
        (12, 50, 1, "not met", "24 %, where at least 90 % was promised."),
        (19, 19, 2, "not shown", "19 of the 20 pictures that it takes."),
        (0, 0, 2, "not shown", "There are no pictures yet."),
    ],
)
def test_a_figure_is_met_not_met_or_not_shown(hits, n, judges, state, why):
    found = held(NINETY, success.share(hits, n, judges))
    assert (found.state, found.n) == (state, n) and found.why.startswith(why)


def test_what_is_lacking_comes_first_and_at_most_turns_it_round():
    found = held(NINETY, Measured(1.0, 100, lacks="Nobody looked."))
    assert (found.state, found.why) == ("not shown", "Nobody looked.")
    dear = Promise("cost", "Cost", 2.0, "pictures", "EUR", at_most=True)
    assert held(dear, Measured(1.5, 20)).state == "met"
    assert held(dear, Measured(2.5, 20)).why == "2.50 EUR, where at most 2.00 EUR was promised."
    unsure = Measured(1.9, 20, Interval(1.5, 2.1, "x"))
    assert held(dear, unsure).state == "not shown"


@pytest.mark.parametrize(
    ("value", "unit", "words"),
    [
        (0.9, "share", "90 %"),
        (0.29, "share", "29 %"),
        (0.8999, "share", "89.9 %"),
        (0.999999, "share", "99.9 %"),
        (1.0, "share", "100 %"),
        (44.0, "share", "4,400 %"),
        (-0.5, "share", "-50 %"),
        (1234.5, "EUR", "1,234.50 EUR"),
        (0.004, "EUR", "0.004 EUR"),
        (10.004, "EUR", "10.004 EUR"),
    ],
)
def test_values_are_cut_and_never_look_better(value, unit, words):
    assert said(value, unit) == words

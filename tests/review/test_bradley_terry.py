"""Strengths of several sides against published numbers."""

import math

import numpy as np
import pytest

from studio.review.bradley_terry import ELO, Compared, bradley_terry


def wins(a, b, count, block=None):
    """Votes that b won against a."""
    return [Compared(a, b, 1.0, block) for _ in range(count)]


def test_two_sides_have_the_published_elo():
    found = bradley_terry(2, wins(0, 1, 60) + wins(1, 0, 40))
    assert found.elo[1] == pytest.approx(70.44, abs=5e-3)
    assert (found.low[1], found.high[1]) == pytest.approx((0.93, 139.94), abs=0.01)
    assert found.elo[1] == pytest.approx(math.log(60 / 40) * ELO)
    assert (found.high[1] - found.elo[1]) / ELO / 1.959964 == pytest.approx(
        math.sqrt(1 / 60 + 1 / 40), rel=1e-6
    )
    assert found.elo[0] == 0 and found.connected and not found.propped


def test_three_sides_are_put_on_one_scale():
    rng = np.random.default_rng(1)
    true = np.array([0.0, 100.0, 250.0]) / ELO
    votes = []
    for a, b in ((0, 1), (0, 2), (1, 2)):
        chance = 1 / (1 + math.exp(true[a] - true[b]))
        votes += [Compared(a, b, float(x)) for x in rng.random(4000) < chance]
    found = bradley_terry(3, votes)
    assert found.elo[1:] == pytest.approx((100, 250), abs=12)
    assert all(
        low < true[k] * ELO < high
        for k, low, high in zip((1, 2), found.low[1:], found.high[1:], strict=True)
    )


def test_sides_that_never_met_have_no_common_scale():
    found = bradley_terry(4, wins(0, 1, 3) + wins(3, 2, 4))
    assert found.groups == ((0, 1), (2, 3)) and not found.connected
    assert all(math.isnan(one) for one in found.elo)


def test_a_side_without_a_win_is_finite_and_said_to_be_propped():
    found = bradley_terry(2, wins(0, 1, 10))
    assert found.propped and 200 < found.elo[1] < 800 and found.high[1] < 2000
    assert not bradley_terry(2, wins(0, 1, 10) + [Compared(0, 1, 0.5)]).propped


def test_votes_that_hang_together_widen_the_interval():
    alone = bradley_terry(2, wins(0, 1, 60) + wins(1, 0, 40))
    voters = [v for n in range(6) for v in wins(0, 1, 10, n)]
    voters += [v for n in range(4) for v in wins(1, 0, 10, n + 6)]
    together = bradley_terry(2, voters)
    assert together.elo == pytest.approx(alone.elo)
    assert together.high[1] - together.low[1] > 2.5 * (alone.high[1] - alone.low[1])

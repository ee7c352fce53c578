"""Agreement against published numbers, and what clustered votes are worth."""

import math

import numpy as np
import pytest

from studio.review import agreement, statistics

# The sample of fast-krippendorff: three coders, fifteen units, * for none.
SAMPLE = """
* * * * * 3 4 1 2 1 1 3 3 * 3
1 * 2 1 3 3 4 3 * * * * * * *
* * 2 1 3 4 4 * 2 1 1 3 3 * 4
"""


def test_krippendorff_is_the_published_one():
    rows = [line.split() for line in SAMPLE.strip().splitlines()]
    units = [[float(v) for v in unit if v != "*"] for unit in zip(*rows, strict=True)]
    assert agreement.krippendorff(units, "nominal") == pytest.approx(0.691358, abs=5e-7)
    assert agreement.krippendorff(units, "ordinal") == pytest.approx(0.806721, abs=5e-7)
    assert agreement.krippendorff(units, "interval") == pytest.approx(0.810845, abs=5e-7)


def test_agreement_at_its_ends():
    assert agreement.krippendorff([[1, 1, 1], [5, 5, 5], [3, 3]]) == pytest.approx(1)
    assert agreement.krippendorff([[1, 5], [5, 1], [1, 5]]) < 0
    assert math.isnan(agreement.krippendorff([[3, 3], [3, 3]]))
    assert math.isnan(agreement.krippendorff([[3], [4], []]))


def test_design_effect_of_the_published_example():
    assert agreement.design_effect(20, 0.2) == pytest.approx(4.8)
    rng = np.random.default_rng(3)
    # Chances of voters with a variance of .2 * .25: their votes have a likeness of .2.
    chances = rng.beta(2, 2, 3000)
    votes = [(rng.random(20) < chance).astype(float) for chance in chances]
    assert agreement.likeness(votes) == pytest.approx(0.2, abs=0.02)
    assert agreement.likeness([[1.0, 0.0]]) == 0 and agreement.likeness([]) == 0


def test_clustered_votes_mislead_a_test_of_single_votes_only():
    """10 voters of 20 votes with a likeness of .2 and no difference: 34 % against 4 %."""
    rng = np.random.default_rng(5)
    naive = grouped = 0
    signs = 2 * ((np.arange(1024)[:, None] >> np.arange(10)) & 1) - 1
    for _ in range(1500):
        wins = rng.binomial(20, rng.beta(2, 2, 10))
        naive += statistics.binomial(int(wins.sum()), int(200 - wins.sum())) <= 0.05
        flipped = np.abs(signs @ (wins - 10))
        grouped += (flipped >= abs((wins - 10).sum())).mean() <= 0.05
    assert naive / 1500 == pytest.approx(0.34, abs=0.04)
    assert grouped / 1500 == pytest.approx(0.04, abs=0.02)


def test_effective_voters():
    assert agreement.effective_voters([20] * 8) == pytest.approx(8)
    assert agreement.effective_voters([100, 1, 1]) == pytest.approx(1.04, abs=0.01)
    assert agreement.effective_voters([]) == 0


def test_a_voter_who_always_presses_the_same_key():
    assert agreement.same_key(["left"] * 20) == "left"
    assert agreement.same_key(["left"] * 19) is None
    assert agreement.same_key(["right"] * 38 + ["left", "tie"]) == "right"
    assert agreement.same_key(["left", "right"] * 20) is None
    assert agreement.same_key([]) is None

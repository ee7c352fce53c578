"""The counting against published numbers, and what it promises under peeking."""

import numpy as np
import pytest

from studio.review import statistics


def band(wins, losses):
    """Both ends of the confidence sequence after so many blocks, whatever came before."""
    low, high = statistics._bounds(np.array([wins]), np.array([losses]), statistics.ALPHA)
    return float(low[0]), float(high[0])


@pytest.mark.parametrize(
    ("wins", "losses", "e"),
    [(0, 0, 1), (7, 0, 16), (8, 0, 28.444), (15, 5, 3.2206), (60, 40, 0.91305), (70, 30, 427.307)],
)
def test_e_values(wins, losses, e):
    assert statistics.e_value(wins, losses) == pytest.approx(e, rel=1e-4)
    assert statistics.e_value(losses, wins) == pytest.approx(e, rel=1e-4)


@pytest.mark.parametrize(
    ("wins", "losses", "low", "high"), [(15, 5, 0.4217, 0.9493), (70, 30, 0.5428, 0.8306)]
)
def test_confidence_sequences(wins, losses, low, high):
    assert band(wins, losses) == pytest.approx((low, high), abs=5e-5)
    mirrored = band(losses, wins)
    assert mirrored == pytest.approx((1 - high, 1 - low), abs=5e-5)


def test_without_votes_nothing_is_known():
    assert band(0, 0) == (0.0, 1.0)
    verdict = statistics.decide([])
    assert (verdict.e, verdict.low, verdict.high, verdict.decision) == (1, 0, 1, "undecided")
    assert statistics.blocks_wanted(verdict) is None


def test_interval_and_e_are_one_rule():
    for wins in range(0, 30):
        for losses in range(0, 30):
            low, high = band(wins, losses)
            assert (statistics.e_value(wins, losses) > 20) == (low > 0.5 or high < 0.5)


def test_a_block_counts_ties_half():
    assert statistics.block_score(["b", "tie", "bad", "a"]) == 0.5
    assert statistics.block_score(["b", "b", "tie"]) == pytest.approx(5 / 6)
    assert statistics.block_score([]) == 0.5


def test_a_verdict_stays_once_it_is_reached():
    early = statistics.decide([1.0] * 8)
    assert (early.decision, early.b, early.e) == ("b", 8, pytest.approx(28.444, rel=1e-4))
    assert early.p == pytest.approx(1 / 28.444, rel=1e-4)
    later = statistics.decide([1.0] * 8 + [0.0] * 4 + [0.5])
    assert (later.decision, later.a, later.b, later.level) == ("b", 4, 8, 1)
    assert later.low > 0.5  # the interval says what the verdict says
    assert statistics.decide([0.2] * 8).decision == "a"
    assert statistics.decide([0.9] * 7).decision == "undecided"
    assert statistics.least_blocks() == 8
    assert statistics.blocks_wanted(early) == 0


def test_looking_after_every_block_rarely_misleads():
    rng = np.random.default_rng(4)
    wrong = sum(
        statistics.decide((rng.random(200) < 0.5).astype(float).tolist()).decision != "undecided"
        for _ in range(600)
    )
    assert wrong / 600 <= 0.05


def test_the_median_stop_is_the_published_one():
    rng = np.random.default_rng(5)
    stops = []
    for _ in range(1000):
        b = np.cumsum(rng.random(600) < 0.65)
        n = np.arange(1, 601)
        reached = np.nonzero(statistics._log_e(b, n - b) >= np.log(20))[0]
        stops.append(int(reached[0]) + 1 if len(reached) else 601)
    assert np.median(stops) == pytest.approx(86, abs=8)


def test_a_forecast_grows_as_the_difference_shrinks():
    clear = statistics.blocks_wanted(statistics.decide([1.0, 1.0, 0.0, 1.0, 1.0, 1.0]))
    close = statistics.blocks_wanted(statistics.decide([1.0, 0.0, 1.0, 0.0, 1.0, 1.0]))
    assert clear is not None and clear < 40
    assert close is None or close > clear


def test_even_blocks_cost_votes():
    plain = statistics.blocks_wanted(statistics.decide([1.0] * 4))
    diluted = statistics.blocks_wanted(statistics.decide([1.0, 0.5] * 4))
    assert plain is not None and diluted == 2 * plain


def test_side_bias():
    assert statistics.side_bias(130, 70) == pytest.approx(2.65e-5, rel=2e-3)
    assert statistics.side_bias(15, 5) == pytest.approx(0.041389, rel=1e-4)
    assert statistics.side_bias(14, 6) == pytest.approx(0.115318, rel=1e-4)
    assert statistics.side_bias(40, 60) == pytest.approx(0.056888, rel=1e-4)
    assert statistics.side_bias(0, 0) == 1


def test_means_have_an_interval_from_two_values_on():
    one = statistics.mean([3.0])
    assert (one.mean, one.low, one.high, one.count) == (3.0, None, None, 1)
    four = statistics.mean([2.0, 3.0, 4.0, 3.0])  # t(3) = 3.18245, s = 0.81650
    assert (four.mean, four.count) == (3.0, 4)
    assert four.low == pytest.approx(3 - 3.18245 * 0.8164966 / 2, abs=1e-4)
    with pytest.raises(ValueError, match="needs a value"):
        statistics.mean([])


@pytest.mark.parametrize(
    ("wins", "losses", "p"), [(15, 5, 0.041389), (14, 6, 0.115318), (60, 40, 0.056888)]
)
def test_a_fixed_sample(wins, losses, p):
    assert statistics.binomial(wins, losses) == pytest.approx(p, abs=5e-7)


def test_fixed_samples_of_the_published_power():
    def power(n, p):
        from scipy.stats import binom

        refused = [statistics.binomial(k, n - k) <= 0.05 for k in range(n + 1)]
        return binom.pmf(np.arange(n + 1), n, p)[refused].sum()

    for p, n in ((0.60, 199), (0.65, 90), (0.70, 49)):
        assert power(n, p) >= 0.8 > power(n - 1, p)


def test_peeking_misleads_the_fixed_test_and_not_the_e_value():
    """Looks after each of votes 10 to 200 without a difference: 27 % against 3 %."""
    rng, fixed, e = np.random.default_rng(8), 0, 0
    wins = np.cumsum(rng.random((1500, 200)) < 0.5, axis=1)
    least = {  # wins below which, or losses, the exact test rejects
        n: max((k for k in range(n // 2) if statistics.binomial(k, n - k) <= 0.05), default=-1)
        for n in range(10, 201)
    }
    for path in wins:
        fixed += any(min(path[n - 1], n - path[n - 1]) <= least[n] for n in range(10, 201))
        n = np.arange(10, 201)
        e += bool((statistics._log_e(path[9:], n - path[9:]) >= np.log(20)).any())
    assert fixed / 1500 == pytest.approx(0.27, abs=0.04)
    assert e / 1500 == pytest.approx(0.03, abs=0.015)


def test_the_ninetieth_percentile_of_the_stop_is_the_published_one():
    rng = np.random.default_rng(6)
    b = np.cumsum(rng.random((2000, 600)) < 0.65, axis=1)
    n = np.arange(1, 601)
    over = statistics._log_e(b, n - b) >= np.log(20)
    stops = np.where(over.any(axis=1), over.argmax(axis=1) + 1, 601)
    assert np.percentile(stops, 90) == pytest.approx(199, abs=14)

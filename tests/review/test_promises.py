"""What the counting promises, kept by simulated voters of known preference.

Voters come in any order, look after every vote, and are served as `serving` serves a panel: one
order for all, pairs that are settled last.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest

from studio.review import statistics, tally
from studio.review.ballots import Ballot, Pair
from studio.review.pictures import Side
from studio.review.votes import Vote

pytestmark = pytest.mark.slow
RUNS = 200


def ballot(asks, voters, share):
    sides = (Side("s", 1), Side("s", 2))
    return Ballot(
        1, "s", sides, "Which?", asks, voters, share, "p", (), 8, 99, None, "Lea", "", None, None
    )


@dataclass
class Run:
    """One ballot's life: votes cast up to the verdict, who won, forecasts (cast, wanted)."""

    took: int | None
    decision: str
    told: list[tuple[int, int]]
    low: float
    high: float


def panel(
    rng: np.random.Generator,
    chance: Callable[[int, int], float],
    voters: int = 8,
    count: int = 60,
    tie: float = 0.0,
    look: int = 0,
) -> Run:
    """A panel votes until a verdict or the end; `chance(voter, pair)` is b's. With `look` the
    page's forecast is read after every `look` votes, and the ballot ends with a verdict."""
    asked = ballot("panel", voters, count)
    pairs = {n: Pair(n, f"p{n}", 1, 0, 1, "", "") for n in range(count)}
    lead, cast = np.zeros(count, int), np.zeros(count, int)
    seen, settled = np.zeros((voters, count), bool), np.zeros(count, bool)
    found: list[Vote] = []
    told: list[tuple[int, int]] = []
    while not seen.all():
        voter = int(rng.choice(np.nonzero(~seen.all(axis=1))[0]))
        mine = ~seen[voter]
        left = np.nonzero(mine & ~settled)[0]
        pair = int(left[0] if len(left) else np.nonzero(mine)[0][0])
        seen[voter, pair] = True
        b, even = rng.random() < chance(voter, pair), rng.random() < tie
        side = int(rng.integers(2))
        answer = "tie" if even else "left" if b == bool(side) else "right"
        found.append(Vote(len(found) + 1, pair, f"v{voter}", side, answer, "", "", None))
        cast[pair] += 1
        lead[pair] += 0 if even else 1 if b else -1
        settled[pair] = abs(lead[pair]) > voters - cast[pair] or cast[pair] == voters
        if look and len(found) % look == 0:
            (one,) = tally.tally(asked, pairs, found)
            if one.verdict.decision != "undecided":
                return Run(
                    len(found), one.verdict.decision, told, one.verdict.low, one.verdict.high
                )
            if one.wanted is not None:
                told.append((len(found), one.wanted))
    (one,) = tally.tally(asked, pairs, found)
    return Run(None, one.verdict.decision, told, one.verdict.low, one.verdict.high)


def test_looking_after_every_vote_without_a_difference_misleads_at_most_1_in_20():
    rng = np.random.default_rng(1)
    wrong = sum(panel(rng, lambda v, p: 0.5, tie=0.1).decision != "undecided" for _ in range(RUNS))
    assert wrong / RUNS <= 0.05


def test_prompts_that_please_all_or_none_do_not_mislead():
    """Each pair has a taste of its own, the same for all voters; neither side is better."""
    rng = np.random.default_rng(2)
    wrong = 0
    for _ in range(RUNS):
        tastes = rng.beta(0.7, 0.7, 60)
        wrong += panel(rng, lambda v, p, tastes=tastes: tastes[p]).decision != "undecided"
    assert wrong / RUNS <= 0.05


def test_voters_with_tastes_of_their_own_do_not_mislead_when_people_are_asked_about():
    """30 voters of 20 votes with a likeness of .2: single votes would mislead 1 in 3."""
    rng, wrong, naive = np.random.default_rng(3), 0, 0
    asked = ballot("people", 30, 20)
    pairs = {n: Pair(n, f"p{n}", 1, 0, 1, "", "") for n in range(20)}
    for _ in range(RUNS):
        found = []
        for voter, taste in enumerate(rng.beta(2, 2, 30)):
            for pair in range(20):
                answer = "right" if rng.random() < taste else "left"
                found.append(Vote(len(found) + 1, pair, f"v{voter}", 0, answer, "", "", None))
        order = rng.permutation(len(found))  # all vote at once
        found = [found[n] for n in order]
        found = [
            Vote(n + 1, v.pair, v.voter, 0, v.answer, "", "", None) for n, v in enumerate(found)
        ]
        (one,) = tally.tally(asked, pairs, found)
        wrong += one.verdict.decision != "undecided"
        naive += statistics.binomial(one.b_votes, one.a_votes) <= 0.05
    assert wrong / RUNS <= 0.05 and naive / RUNS > 0.2


def test_a_true_preference_of_65_in_100_is_found_within_140_votes_and_forecast():
    """A panel of 8: median of votes cast to the verdict, all of them, those on pairs that are
    not finished too; it is right; and the forecast is within a third, in the median."""
    rng = np.random.default_rng(4)
    runs = [panel(rng, lambda v, p: 0.65, count=300, look=4) for _ in range(RUNS // 2)]
    assert sum(run.decision == "b" for run in runs) / len(runs) >= 0.95
    took = np.array([run.took for run in runs], dtype=float)
    print("median", np.median(took), "90th percentile", np.percentile(took, 90))
    assert np.median(took) <= 140
    for way in (0.25, 0.5, 0.75):
        ratios, off = [], []
        for run in runs:
            earlier = [one for one in run.told if one[0] <= way * run.took]
            if earlier:
                cast, wanted = earlier[-1]
                ratios.append(wanted / (run.took - cast))
                off.append(abs(cast + wanted - run.took) / run.took)
        print(way, "still needed", np.median(ratios), "in all", np.median(off), len(ratios))
        assert 2 / 3 <= np.median(ratios) <= 4 / 3
        if way >= 0.5:
            assert np.median(off) <= 1 / 3


def test_the_band_holds_the_true_share():
    """The share of pairs that the whole panel would give to b, held at every look."""
    rng, true, held = np.random.default_rng(5), statistics.majority(0.65, 8), 0
    for _ in range(RUNS):
        run = panel(rng, lambda v, p: 0.65)
        held += run.low <= true <= run.high
    print("held", held / RUNS)
    assert held / RUNS >= 0.95

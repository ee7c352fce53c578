"""Votes added up: which count when, and what is said about the verdict."""

from itertools import count

import numpy as np
import pytest

from studio.review import tally
from studio.review.ballots import Ballot, Pair
from studio.review.pictures import Side
from studio.review.votes import Vote


def ballot(**change):
    values = {
        "id": 1,
        "style": "sample",
        "sides": (Side("sample", 1), Side("sample", 2)),
        "question": "Which?",
        "asks": "panel",
        "voters": 3,
        "share": 40,
        "prompts": "p1",
        "strip": (),
        "size": 8,
        "length": 99,
        "due": None,
        "opened_by": "Lea",
        "opened_at": "",
        "closed_by": None,
        "closed_at": None,
        **change,
    }
    return Ballot(**values)


PAIRS = {n: Pair(n, f"p{n}", 1, 0, 1, "", "") for n in range(40)}


def cast(plan):
    """Votes from (voter, pair, b's side wins | "tie" | "bad"), b standing left on odd pairs."""
    ids = count(1)
    for voter, pair, said in plan:
        left = pair % 2
        answer = said if isinstance(said, str) else "left" if said == bool(left) else "right"
        yield Vote(next(ids), pair, voter, left, answer, "", "", None)


def test_the_side_does_not_matter():
    (only,) = tally.tally(
        ballot(voters=1), PAIRS, list(cast(("Ana", pair, True) for pair in range(8)))
    )
    assert (only.a_votes, only.b_votes, only.counted, only.voters) == (0, 8, 8, 1)
    assert (only.verdict.decision, only.wanted, only.reachable) == ("b", 0, True)


def test_only_finished_pairs_count_until_the_ballot_closes():
    plan = [("Ana", pair, True) for pair in range(10)]
    plan += [("Ben", pair, pair % 2 == 0) for pair in range(10)]
    plan += [("Cem", pair, False) for pair in range(3)]
    found = list(cast(plan))
    (early,) = tally.tally(ballot(), PAIRS, found)
    # Two of three agree on the even pairs, so the third can't change them; pair 1 has all three.
    assert (early.a_votes, early.b_votes, early.unfinished) == (4, 11, 8)
    assert (early.verdict.a, early.verdict.b, early.verdict.decision) == (1, 5, "undecided")
    assert early.wanted is not None and 0 < early.wanted < 70
    said = tally.words(early, True)
    assert said == f"Undecided: about {early.wanted} more votes if it goes on like this."
    (closed,) = tally.tally(ballot(closed_at="now", closed_by="Lea"), PAIRS, found)
    assert (closed.counted, closed.unfinished, closed.verdict.b) == (23, 0, 5)
    assert closed.verdict.level == 4 and tally.words(closed, False).startswith("No verdict")
    (clear,) = tally.tally(
        ballot(),
        PAIRS,
        list(cast((voter, pair, True) for pair in range(8) for voter in ("Ana", "Ben"))),
    )
    assert tally.words(clear, True) == "Version 2 is better than version 1."


@pytest.mark.slow
def test_when_a_pair_is_finished_does_not_depend_on_who_wins():
    rng = np.random.default_rng(2)
    for _ in range(50):
        said = rng.choice(["a", "b", "tie"], (8, 40))
        order = rng.permutation(320)
        plan = [(f"v{n % 8}", int(n // 8), str(said[n % 8, n // 8])) for n in order]
        flip = {"a": "b", "b": "a", "tie": "tie"}
        words = {"a": False, "b": True, "tie": "tie"}
        one = tally.tally(
            ballot(voters=8), PAIRS, list(cast((v, p, words[x]) for v, p, x in plan[:200]))
        )[0]
        other = tally.tally(
            ballot(voters=8), PAIRS, list(cast((v, p, words[flip[x]]) for v, p, x in plan[:200]))
        )[0]
        assert one.scores == pytest.approx([1 - score for score in other.scores])
        assert (one.a_votes, one.b_votes) == (other.b_votes, other.a_votes)


def test_voters_beyond_those_expected_change_no_finished_pair():
    plan = [(voter, 0, True) for voter in ("Ana", "Ben", "Cem")] + [("Dea", 0, False)]
    (found,) = tally.tally(ballot(), PAIRS, list(cast(plan)))
    assert (found.a_votes, found.b_votes, found.unfinished) == (0, 3, 1)


def test_voters_are_the_blocks_when_the_ballot_asks_about_people():
    people = ballot(asks="people", voters=8, share=5)
    plan = [(f"v{n}", pair, True) for n in range(7) for pair in range(5)]
    (seven,) = tally.tally(people, PAIRS, list(cast(plan)))
    assert seven.verdict.e == pytest.approx(16) and seven.verdict.decision == "undecided"
    plan += [("v7", pair, True) for pair in range(4)]
    (unfinished,) = tally.tally(people, PAIRS, list(cast(plan)))
    assert unfinished.verdict.decision == "undecided" and unfinished.unfinished == 4
    (done,) = tally.tally(people, PAIRS, list(cast([*plan, ("v7", 4, True)])))
    assert done.verdict.decision == "b" and done.voters == 8


def test_ties_and_both_bad_are_told_apart_and_level_a_block():
    plan = [("Ana", 0, "tie"), ("Ben", 0, "bad"), ("Cem", 0, "tie")]
    (found,) = tally.tally(ballot(), PAIRS, list(cast(plan)))
    assert (found.ties, found.bad, found.verdict.level, found.counted) == (2, 1, 1, 3)
    assert found.wanted is None
    assert tally.words(found, True) == "Undecided: no pair or voter is finished yet."
    assert tally.words(found, False).startswith("No verdict")


def test_whether_a_verdict_can_be_reached_is_known_before():
    assert not tally.reachable("people", voters=7, share=48)
    assert tally.reachable("people", voters=8, share=48)
    assert tally.reachable("panel", voters=1, share=8)
    assert not tally.reachable("panel", voters=5, share=7)
    # Three matches of three versions share the 5 %, so each needs more.
    assert not tally.reachable("panel", voters=5, share=24, sides=3)
    assert tally.reachable("panel", voters=5, share=33, sides=3)
    (few,) = tally.tally(ballot(asks="people", voters=5), PAIRS, [])
    assert not few.reachable and few.wanted is None
    assert "too small" in tally.words(few, True)


def test_every_match_of_three_versions_is_judged_by_itself():
    sides = tuple(Side("sample", n) for n in (0, 1, 2))
    matches = [(0, 1), (0, 2), (1, 2)]
    pairs = {n: Pair(n, f"p{n}", 1, *matches[n % 3], "", "") for n in range(36)}
    found = [
        Vote(n + 1, n, "Ana", pairs[n].a, "right" if n % 3 < 2 else "tie", "", "", None)
        for n in range(36)
    ]
    three = tally.tally(ballot(sides=sides, voters=1, share=36), pairs, found)
    assert [(t.a.name, t.b.name) for t in three] == [
        ("base", "version 1"),
        ("base", "version 2"),
        ("version 1", "version 2"),
    ]
    assert [t.verdict.decision for t in three] == ["b", "b", "undecided"]
    assert [t.ties for t in three] == [0, 0, 12]

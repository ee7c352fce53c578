"""What whoever leads a ballot is told: checks of voters, categories, alarms, strengths."""

from itertools import count

import pytest

from studio.review import (
    ballot_report,
    ballots,
    blinding,
    invitations,
    pair_order,
    statistics,
    tally,
    votes,
)
from studio.review.ballots import Pair
from studio.review.pictures import HAND, Side, names
from studio.review.votes import Vote
from tests.review.test_tally import ballot, cast


def test_what_each_voter_is_told_by():
    pairs = {
        n: Pair(
            n,
            f"a red {'gem' if n % 2 else 'lamp'}",
            n,
            0,
            1,
            "",
            "",
            category="gem" if n % 2 else "lamp",
        )
        for n in range(20)
    }
    pairs |= {n: Pair(n, "again", n, 0, 1, "", "", "repeat", n - 100) for n in range(100, 120)}
    pairs |= {n: Pair(n, "gold", n, 0, 0, "", "", "gold") for n in range(200, 204)}
    ids = count(1)

    def vote(who, pair, left, answer):
        return Vote(next(ids), pair, who, left, answer, "", "", None)

    found = [vote("Ana", n, n % 2, "left" if n % 2 else "right") for n in range(20)]  # always b
    found += [vote("Ben", n, n % 2, "left" if n % 2 else "right") for n in range(20)]
    found += [vote("Cem", n, n % 2, "left") for n in range(20)]
    # Ana sees three pairs again, the other way round, and changes her mind once.
    found += [
        vote("Ana", 100, 1, "left"),
        vote("Ana", 101, 0, "right"),
        vote("Ana", 102, 1, "right"),
    ]
    found += [vote("Cem", 200, 0, "left"), vote("Cem", 201, 1, "left"), vote("Cem", 202, 1, "tie")]
    told = ballot_report.of_votes(ballot(repeats=3, golds=3, share=20), pairs, found)
    ana, ben, cem = told.voters
    assert (ana.votes, ana.repeats, ana.golds, ana.alike) == (20, (2, 3), (0, 0), (10, 10))
    assert (ben.left, ben.right, ben.same_key) == (10, 10, None)
    assert (cem.golds, cem.same_key) == ((1, 3), "left")
    assert cem.bias == pytest.approx(statistics.side_bias(22, 0)) and cem.alike == (10, 20)
    assert [(c.name, c.a_votes, c.b_votes) for c in told.categories] == [
        ("gem", 0, 30),
        ("lamp", 10, 20),
    ]
    assert told.effective == pytest.approx(3) and told.effect > 1
    # Repeats and gold pairs decide nothing.
    (one,) = tally.tally(ballot(repeats=3, golds=3, share=20), pairs, found)
    assert one.counted + one.unfinished == 60


def test_pairs_that_several_find_bad_raise_an_alarm():
    pairs = {n: Pair(n, f"p{n}", 1, 0, 1, "", "") for n in range(40)}
    plan = [(who, 0, "bad") for who in ("Ana", "Ben", "Cem")]
    plan += [("Ana", 1, "bad"), ("Ben", 1, "bad"), ("Cem", 1, True)]
    plan += [("Ana", 2, "bad"), ("Ben", 2, True), ("Cem", 2, True)]
    told = ballot_report.of_votes(ballot(), pairs, list(cast(plan)))
    assert [(one.pair.id, one.bad, one.votes) for one in told.alarms] == [(0, 3, 3), (1, 2, 3)]


def test_three_sides_are_put_on_one_scale_or_said_to_be_apart():
    sides = (Side("props", 1), Side("items", 4), Side("by hand", HAND))
    assert names(sides) == ["props version 1", "items version 4", "by hand"]
    matches = [(0, 1), (0, 2), (1, 2)]
    pairs = {n: Pair(n, f"p{n}", 1, *matches[n % 3], "", "") for n in range(36)}
    found = [
        Vote(n + 1, n, "Ana", pairs[n].a, "left" if n % 4 == 0 else "right", "", "", None)
        for n in range(36)
    ]
    three = ballot(sides=sides, voters=1, share=36)
    strength = ballot_report.of_votes(three, pairs, found).strength
    assert strength is not None and strength.connected and not strength.propped
    assert strength.elo[2] > strength.elo[1] > 0
    apart = ballot_report.of_votes(three, pairs, [found[0]]).strength
    assert apart is not None and apart.groups == ((0, 1), (2,))
    assert ballot_report.of_votes(three, pairs, []).strength is None


def test_repeats_and_gold_pairs_are_served_and_kept_apart(engine, home, draw, clock):
    made = ballots.open_ballot(
        engine,
        home,
        drawn=[draw(1), draw(2)],
        question="Which?",
        voters=2,
        by="Lea",
        key="k",
        now=clock(),
        share=10,
        repeats=3,
        golds=2,
    )
    assert (made.share, made.asked) == (10, 15)
    pairs, order, lefts = ballots.pairs_of(engine, made.id), [], {}
    while found := pair_order.next_pairs(engine, made, "Ana", 1):
        (id,) = found
        lefts[id] = pair_order.flipped(engine, made.id, "Ana", id)
        votes.cast(engine, made.id, "Ana", id, "left", f"k{id}", clock())
        order.append(id)
    kinds = [pairs[id].kind for id in order]
    assert (kinds.count("real"), kinds.count("repeat"), kinds.count("gold")) == (10, 3, 2)
    assert len(set(order)) == 15 and "repeat" not in kinds[: len(kinds) // 2]
    for place, id in enumerate(order):
        if pairs[id].kind == "repeat":
            assert pairs[id].twin in order[:place] and lefts[id] != lefts[pairs[id].twin]
    votes.hand_in(engine, made.id, "Ana", clock())
    (ana,) = ballot_report.report(engine, made).voters
    assert ana.votes == 10 and ana.repeats == (0, 3) and ana.golds[1] == 2
    # Whoever always presses left prefers the other side the second time.


def test_a_voter_removed_in_the_middle(engine, home, draw, clock):
    made = ballots.open_ballot(
        engine,
        home,
        drawn=[draw(1), draw(2)],
        question="Which?",
        voters=9,
        by="Lea",
        key="k",
        now=clock(),
        invited=["Ana", "Ben", "Cem"],
    )
    assert made.voters == 3
    pair = pair_order.next_pairs(engine, made, "Ana", 1)[0]
    for who in ("Ana", "Ben"):
        votes.cast(engine, made.id, who, pair, "left", "k1", clock())
    invitations.remove(engine, made.id, "Ben", "Lea", clock())
    invitations.remove(engine, made.id, "Ben", "Lea", clock())
    assert ballots.get(engine, made.id).voters == 2
    assert [v.voter for v in votes.standing_votes(engine, made.id)] == ["Ana"]
    assert [b.id for b, _ in votes.waiting(engine, "Ben")] == []
    assert [b.id for b, _ in votes.waiting(engine, "Dea")] == []
    with pytest.raises(ballots.StudioError, match="no longer"):
        votes.cast(engine, made.id, "Ben", pair + 1 if pair < 16 else 1, "left", "k2", clock())
    with pytest.raises(ballots.StudioError, match="no longer"):
        votes.undo(engine, made.id, "Ben", "k1", clock())
    people = {one.voter: one for one in invitations.everyone(engine, made.id)}
    assert people["Ben"].removed_at and people["Ben"].cast == 1 and people["Cem"].cast == 0
    assert invitations.remind(engine, made.id, "Lea", clock()) == ["Ana", "Cem"]
    assert invitations.waits_for(engine, "Cem") == {made.id: "Lea"}
    invitations.invite(engine, made.id, "Ben", "Lea", clock())
    assert ballots.get(engine, made.id).voters == 3
    assert len(votes.standing_votes(engine, made.id)) == 2  # his earlier vote counts again


def test_a_clock_that_goes_back_changes_no_order(engine, ballot, clock):
    """Votes are ordered by their number, not by their moment."""
    late, early = clock(), clock()
    one, two = pair_order.next_pairs(engine, ballot, "Ana", 2)
    votes.cast(engine, ballot.id, "Ana", one, "left", "k1", early)
    votes.cast(engine, ballot.id, "Ana", two, "right", "k2", late)
    last = votes.last_vote(engine, ballot.id, "Ana")
    assert (
        last is not None
        and last.key == "k2"
        and last.at < votes.standing_votes(engine, ballot.id)[0].at
    )
    undone = votes.undo(engine, ballot.id, "Ana", "k2", late)
    assert undone is not None and pair_order.next_pairs(engine, ballot, "Ana", 1) == [two]


@pytest.mark.slow
def test_who_always_presses_the_same_key_is_named_and_tips_nothing(engine, home, draw, clock):
    """Sides are balanced for each voter, so one key gives both versions about as many votes."""
    made = ballots.open_ballot(
        engine,
        home,
        drawn=[draw(1, prompts=20), draw(2, prompts=20)],
        question="Which?",
        voters=1,
        by="Lea",
        key="k",
        now=clock(),
    )
    for place in range(40):
        (pair,) = pair_order.next_pairs(engine, made, "Cem", 1)
        votes.cast(engine, made.id, "Cem", pair, "left", f"k{place}", clock())
        if place > 8:
            (one,) = tally.tally(
                made, ballots.pairs_of(engine, made.id), votes.standing_votes(engine, made.id)
            )
            assert abs(one.a_votes - one.b_votes) <= blinding.LEAN
            assert one.verdict.decision == "undecided"
    told = ballot_report.of_votes(
        made, ballots.pairs_of(engine, made.id), votes.standing_votes(engine, made.id)
    )
    assert told.voters[0].same_key == "left" and told.voters[0].bias < 1e-9

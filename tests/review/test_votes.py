"""Ballots and votes: stored once, taken back but kept, nobody asked twice, sides balanced."""

import io
import threading
from collections import Counter

import pytest
import sqlalchemy as sa
from PIL import Image

from studio.database import ledger
from studio.errors import StudioError
from studio.review import ballots, blinding, pair_order, tables, votes

pytestmark = pytest.mark.usefixtures("either_database")


def vote_all(engine, ballot, voter, answer, clock, stop=None):
    """Votes as served, one after the other; `answer` takes the pair and the side on the left."""
    seen = []
    while found := pair_order.next_pairs(engine, ballot, voter, 1):
        left = pair_order.left_side(engine, ballot.id, voter, found[0])
        votes.cast(
            engine, ballot.id, voter, found[0], answer(found[0], left), f"k{len(seen)}", clock()
        )
        seen.append(found[0])
        if len(seen) == stop:
            break
    return seen


def stored(engine):
    with engine.connect() as connection:
        return connection.execute(sa.select(tables.votes).order_by(tables.votes.c.id)).all()


def test_a_ballot_is_opened_once_and_written_down(engine, home, draw, clock, ballot):
    assert [side.name for side in ballot.sides] == ["version 1", "version 2"]
    assert (ballot.asks, ballot.share, ballot.size, ballot.open) == ("panel", 16, 8, True)
    again = ballots.open_ballot(
        engine,
        home,
        drawn=[draw(1), draw(2)],
        question="Which one is ours?",
        voters=3,
        by="Lea",
        key="form-1",
        now=clock(),
    )
    assert again == ballot
    assert len(ballots.pairs_of(engine, ballot.id)) == 16
    (row,) = ledger.rows(engine)
    assert (row.actor, row.action) == ("Lea", "open ballot")
    assert row.reason == "Which one is ours? (version 1, version 2)"


def test_every_two_of_three_versions_make_pairs(engine, home, draw, clock):
    made = ballots.open_ballot(
        engine,
        home,
        drawn=[draw(1), draw(2), draw(3)],
        question="Which?",
        voters=20,
        by="Lea",
        key="k",
        now=clock(),
    )
    found = ballots.pairs_of(engine, made.id).values()
    assert Counter((pair.a, pair.b) for pair in found) == {(0, 1): 16, (0, 2): 16, (1, 2): 16}
    assert made.asks == "people"
    # Numbers of pairs do not run along with prompts or versions.
    assert [(p.prompt, p.seed, p.a) for p in found] != sorted(
        (p.prompt, p.seed, p.a) for p in found
    )


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"question": "  "}, "0 characters"),
        ({"question": "x" * 201}, "201 characters"),
        ({"voters": 0}, "0 voters"),
        ({"share": 17}, "1 to 16"),
        ({"numbers": (1,)}, "two or more"),
        ({"numbers": (1, 1)}, "differ"),
        ({"prompt_set": "p2"}, "different prompt sets"),
        ({"same": True}, "exactly the same pictures"),
        ({"seeds": (98, 99)}, "no prompt with the same seed"),
    ],
)
def test_ballots_that_can_not_be(engine, home, draw, clock, change, said):
    change = dict(change)  # it is used for each database
    numbers = change.pop("numbers", (1, 2))
    drawn = [draw(number) for number in numbers]
    if "prompt_set" in change or "seeds" in change:
        drawn[1] = draw(2, **change)
        change = {}
    if change.pop("same", False):
        drawn[1] = ballots.Drawn(drawn[1].side, drawn[1].prompts, drawn[0].files)
    values = {"question": "Which?", "voters": 3, "by": "Lea", "key": "k", "now": clock(), **change}
    with pytest.raises(StudioError, match=said):
        ballots.open_ballot(engine, home, drawn=drawn, **values)
    assert ballots.listing(engine) == []


def test_a_voter_sees_each_pair_once_and_each_side_about_equally_often(engine, ballot, clock):
    lefts = []
    seen = vote_all(engine, ballot, "Ana", lambda pair, left: lefts.append(left) or "left", clock)
    assert sorted(seen) == sorted(ballots.pairs_of(engine, ballot.id))
    for place in range(1, 17):  # wherever the voter stops
        assert abs(2 * sum(lefts[:place]) - place) <= blinding.LEAN
    assert [(row.pair, row.left, row.answer) for row in stored(engine)] == [
        (pair, left, "left") for pair, left in zip(seen, lefts, strict=True)
    ]
    assert pair_order.next_pairs(engine, ballot, "Ana", 3) == []


def test_a_panel_completes_pairs_and_people_spread(engine, home, draw, clock, ballot):
    first = vote_all(engine, ballot, "Ana", lambda *_: "tie", clock, stop=5)
    assert vote_all(engine, ballot, "Ben", lambda *_: "tie", clock, stop=5) == first
    vote_all(engine, ballot, "Cem", lambda *_: "tie", clock, stop=2)
    # A fourth voter is asked last about pairs that have their three votes.
    fourth = pair_order.next_pairs(engine, ballot, "Dea", 16)
    assert set(fourth[-2:]) == set(first[:2]) and len(fourth) == 16

    people = ballots.open_ballot(
        engine,
        home,
        drawn=[draw(1), draw(2)],
        question="Which?",
        voters=20,
        share=8,
        by="Lea",
        key="k2",
        now=clock(),
    )
    ana = vote_all(engine, people, "Ana", lambda *_: "tie", clock)
    ben = vote_all(engine, people, "Ben", lambda *_: "tie", clock)
    assert len(ana) == len(ben) == 8 and not set(ana) & set(ben)  # fewest votes first
    cem = vote_all(engine, people, "Cem", lambda *_: "tie", clock)
    assert set(cem) != set(ana)


def test_held_pairs_are_not_served_again(engine, ballot):
    held = pair_order.next_pairs(engine, ballot, "Ana", 4)
    more = pair_order.next_pairs(engine, ballot, "Ana", 20, without=held)
    assert len(more) == 12 and not set(held) & set(more)


def test_the_same_key_twice_is_one_vote(engine, ballot, clock):
    (pair,) = pair_order.next_pairs(engine, ballot, "Ana", 1)
    one = votes.cast(engine, ballot.id, "Ana", pair, "left", "key", clock())
    two = votes.cast(engine, ballot.id, "Ana", pair, "right", "key", clock())
    assert one == two and len(stored(engine)) == 1
    # Another window, another key: the first vote counts.
    three = votes.cast(engine, ballot.id, "Ana", pair, "right", "other", clock())
    assert three == one and len(stored(engine)) == 1
    assert votes.cast(engine, ballot.id, "Ben", pair, "right", "key", clock()) != one


def test_undo_keeps_the_vote_and_allows_another(engine, ballot, clock):
    (pair,) = pair_order.next_pairs(engine, ballot, "Ana", 1)
    votes.cast(engine, ballot.id, "Ana", pair, "left", "one", clock())
    undone = votes.undo(engine, ballot.id, "Ana", "one", clock())
    assert undone is not None and undone.undone_at is not None
    assert votes.undo(engine, ballot.id, "Ana", "one", clock()) is None  # sent twice
    assert pair_order.next_pairs(engine, ballot, "Ana", 1) == [pair]
    # The first key comes again, late: it stays undone.
    assert votes.cast(engine, ballot.id, "Ana", pair, "left", "one", clock()).undone_at
    votes.cast(engine, ballot.id, "Ana", pair, "right", "two", clock())
    assert [(row.answer, row.undone_at is None) for row in stored(engine)] == [
        ("left", False),
        ("right", True),
    ]
    assert [vote.key for vote in votes.standing_votes(engine, ballot.id)] == ["two"]
    assert votes.undo(engine, ballot.id, "Ben", "two", clock()) is None  # not his


def test_what_can_not_be_voted(engine, ballot, clock):
    (pair,) = pair_order.next_pairs(engine, ballot, "Ana", 1)
    with pytest.raises(StudioError, match="no answer"):
        votes.cast(engine, ballot.id, "Ana", pair, "both", "k", clock())
    with pytest.raises(StudioError, match="no pair 999"):
        votes.cast(engine, ballot.id, "Ana", 999, "left", "k", clock())
    with pytest.raises(StudioError, match="no ballot 77"):
        votes.cast(engine, 77, "Ana", pair, "left", "k", clock())
    ballots.close(engine, ballot.id, "Lea", clock())
    assert ballots.close(engine, ballot.id, "Max", clock()).closed_by == "Lea"
    with pytest.raises(StudioError, match="Lea closed this ballot"):
        votes.cast(engine, ballot.id, "Ana", pair, "left", "k", clock())
    assert stored(engine) == []


def test_handing_in_ends_it(engine, ballot, clock):
    assert [(b.id, n) for b, n in votes.waiting(engine, "Ana")] == [(ballot.id, 0)]
    vote_all(engine, ballot, "Ana", lambda *_: "left", clock, stop=15)
    with pytest.raises(StudioError, match="15 of your 16"):
        votes.hand_in(engine, ballot.id, "Ana", clock())
    vote_all(engine, ballot, "Ana", lambda *_: "bad", clock)
    votes.hand_in(engine, ballot.id, "Ana", clock())
    votes.hand_in(engine, ballot.id, "Ana", clock())
    assert votes.has_handed_in(engine, ballot.id, "Ana")
    assert not votes.has_handed_in(engine, ballot.id, "Ben")
    assert votes.waiting(engine, "Ana") == [] and len(votes.waiting(engine, "Ben")) == 1
    with pytest.raises(StudioError, match="handed in"):
        votes.undo(engine, ballot.id, "Ana", "k3", clock())


def test_what_stands_left_is_what_is_stored(engine, home, draw, ballot):
    drawn = {0: draw(1), 1: draw(2)}
    for pair in ballots.pairs_of(engine, ballot.id).values():
        left = pair_order.left_side(engine, ballot.id, "Ana", pair.id)
        for side, number in (("l", left), ("r", 1 - left)):
            sent = votes.picture(engine, home, "Ana", pair.id, side)
            assert sent is not None and len(sent) == ballot.length
            with Image.open(drawn[number].files[pair.prompt, pair.seed]) as original:
                with Image.open(io.BytesIO(sent)) as shown:
                    assert shown.getpixel((3, 5)) == original.getpixel((3, 5))
    assert votes.picture(engine, home, "Ana", 999, "l") is None


def test_two_voters_and_two_windows_at_once(engine, ballot, clock):
    """Four threads, two of them the same voter: every pair has one standing vote a voter."""
    failed = []

    def sit(voter, window):
        try:
            while found := pair_order.next_pairs(engine, ballot, voter, 1):
                votes.cast(
                    engine, ballot.id, voter, found[0], "left", f"{window}-{found[0]}", clock()
                )
        except Exception as error:  # noqa: BLE001  shown below
            failed.append(error)

    threads = [threading.Thread(target=sit, args=("Ana", window)) for window in (1, 2)]
    threads += [threading.Thread(target=sit, args=(voter, 3)) for voter in ("Ben", "Cem")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    counted = Counter((row.voter, row.pair) for row in stored(engine))
    assert set(counted.values()) == {1} and len(counted) == 48

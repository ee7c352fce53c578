"""A sitting: what a browser is sent, and what becomes of what it sends back."""

import json
import re

import pytest

from studio.database.availability import DatabaseAway
from studio.review import ballots, blinding, pair_order, sitting, voter_sitting, votes
from studio.review.sitting import Sitting


def act(engine, sat, clock, say, pair=None, id=None, of=None):
    """One action on the pair that is shown; returns what the browser then gets."""
    pair = sat.queue[0] if pair is None else pair
    id = id or f"{say}-{len(sat.taken)}"
    action = {"id": id, "item": pair, "say": say, "of": of}
    voter_sitting.take(engine, sat, [action], clock())
    return voter_sitting.view(engine, sat)


@pytest.fixture
def sat(engine, ballot):
    started = Sitting(ballot.id, "Ana")
    voter_sitting.view(engine, started)
    return started


def test_a_vote_shows_the_next_pair_which_was_sent_ahead(engine, sat, clock):
    first, second, *_ = sat.queue
    seen = act(engine, sat, clock, "left")
    assert seen["queue"][0]["item"] == second and len(seen["queue"]) == sitting.AHEAD
    assert (seen["done"], seen["total"]) == (1, 16)
    assert (seen["last"]["item"], seen["last"]["words"]) == (first, "left is better")
    assert seen["taken"] == ["left-0"]


def test_sent_twice_late_and_several_at_once_is_stored_once(engine, sat, clock, ballot):
    one, two = sat.queue[:2]
    actions = [{"id": "a", "item": one, "say": "left"}, {"id": "b", "item": two, "say": "tie"}]
    voter_sitting.take(engine, sat, actions, clock())
    voter_sitting.take(engine, sat, actions, clock())
    other = Sitting(ballot.id, "Ana")  # a server that forgot what this window did
    voter_sitting.take(engine, other, actions, clock())
    assert [(v.pair, v.answer) for v in votes.standing_votes(engine, ballot.id)] == [
        (one, "left"),
        (two, "tie"),
    ]
    assert other.said == ""


def test_undo_brings_the_pair_back_and_can_come_twice(engine, sat, clock, ballot):
    shown = sat.queue[0]
    act(engine, sat, clock, "bad", id="v1")
    seen = act(engine, sat, clock, "undo", id="u1", of="v1")
    assert seen["queue"][0]["item"] == shown and seen["done"] == 0 and seen["last"] is None
    act(engine, sat, clock, "right", id="v2")
    again = Sitting(ballot.id, "Ana")
    for id, say, of in (("v1", "bad", None), ("u1", "undo", "v1"), ("v2", "right", None)):
        action = {"id": id, "item": shown, "say": say, "of": of}
        voter_sitting.take(engine, again, [action], clock())
    (standing,) = votes.standing_votes(engine, ballot.id)
    assert (standing.pair, standing.answer) == (shown, "right")
    # After a reload, undo is still possible: the server says which vote was last.
    assert voter_sitting.view(engine, Sitting(ballot.id, "Ana"))["last"]["id"] == "v2"


def test_skipped_pairs_come_again_last(engine, sat, clock):
    first = sat.queue[0]
    seen = act(engine, sat, clock, "skip")
    assert first not in [one["item"] for one in seen["queue"]]
    order = []
    while sat.queue:
        order.append(sat.queue[0])
        act(engine, sat, clock, "tie")
    assert len(order) == 16 and order[-1] == first


def test_another_window_is_noticed(engine, sat, clock, ballot):
    other = Sitting(ballot.id, "Ana")
    voter_sitting.view(engine, other)
    shown = sat.queue[0]
    act(engine, other, clock, "left", id="other")
    seen = act(engine, sat, clock, "right", pair=shown, id="mine")
    assert "another window" in seen["said"]
    (standing,) = votes.standing_votes(engine, ballot.id)
    assert standing.answer == "left"
    assert voter_sitting.view(engine, sat)["queue"][0]["item"] != shown
    assert act(engine, sat, clock, "tie")["said"] == ""  # said once


def test_a_ballot_closed_meanwhile_is_named(engine, sat, clock, ballot):
    ballots.close(engine, ballot.id, "Lea", clock())
    seen = act(engine, sat, clock, "left", id="late")
    assert "Lea closed this ballot" in seen["said"]
    assert seen["taken"] == ["late"]  # so that the browser does not send it for ever
    assert votes.standing_votes(engine, ballot.id) == []


def test_nonsense_from_a_browser_changes_nothing(engine, sat, clock, ballot):
    before = list(sat.queue)
    for actions in (
        None,
        "left",
        [1, None, []],
        [{"id": 5, "item": before[0], "say": "left"}],
        [{"id": "x" * 65, "item": before[0], "say": "left"}],
        [{"id": "a", "item": [1], "say": "left"}],
        [{"id": "b", "item": before[0], "say": ["left"]}],
        [{"id": "c", "item": before[0], "say": "undo", "of": {"x": 1}}],
        [{"id": "d", "item": "1; DROP TABLE votes", "say": "skip"}],
        [{"id": "e", "item": 10**9, "say": "left"}],
    ):
        voter_sitting.take(engine, sat, actions, clock())
    assert sat.queue == before and votes.standing_votes(engine, ballot.id) == []


def test_what_is_sent_names_no_version(engine, sat, clock, ballot):
    seen = json.dumps(act(engine, sat, clock, "left"))
    assert not re.search(r"version|sides|seed|[0-9a-f]{32}|sample", seen)
    for one in voter_sitting.view(engine, sat)["queue"]:
        token = one["both"].removeprefix(sitting.ROUTE)
        opened = blinding.opened(blinding.secret(engine), sat.person, token)
        assert opened == ("b", one["item"], "l")


def test_the_end(engine, sat, clock, ballot):
    while sat.queue:
        seen = act(engine, sat, clock, "tie")
    assert seen["queue"] == [] and seen["done"] == seen["total"] == 16
    assert seen["last"] is not None


def test_a_database_that_is_away_loses_nothing(engine, sat, clock, ballot, monkeypatch):
    """Said plainly; the screen stays, the action is not confirmed, and counts once it is back."""
    before = sitting.seen(sat, lambda: voter_sitting.view(engine, sat))
    first = before["queue"][0]["item"]
    action = {"id": "a", "say": "left", "item": first}
    later = {"id": "b", "say": "tie", "item": before["queue"][1]["item"]}

    def away(*_):
        raise DatabaseAway("The database does not answer.", "Wait.")

    with monkeypatch.context() as patch:
        patch.setattr(votes, "writing", away)
        patch.setattr(pair_order, "rows", away)
        voter_sitting.take(engine, sat, [action, later], clock())
        seen = sitting.seen(sat, lambda: voter_sitting.view(engine, sat))
        assert seen["taken"] == [] and seen["queue"] == before["queue"]
        assert seen["said"].startswith("The database does not answer. Your answers are kept")
        with pytest.raises(DatabaseAway):
            sitting.seen(Sitting(ballot.id, "Ben"), lambda: voter_sitting.view(engine, sat))
    assert votes.standing_votes(engine, ballot.id) == []
    voter_sitting.take(engine, sat, [action, later], clock())  # sent again by the browser
    seen = sitting.seen(sat, lambda: voter_sitting.view(engine, sat))
    assert seen["taken"] == ["a", "b"] and seen["said"] == ""
    assert [v.key for v in votes.standing_votes(engine, ballot.id)] == ["a", "b"]


def test_what_was_answered_just_before_the_database_went_is_not_asked_again(
    engine, sat, clock, monkeypatch
):
    before = sitting.seen(sat, lambda: voter_sitting.view(engine, sat))["queue"]

    def away(*_):
        raise DatabaseAway("The database does not answer.", "Wait.")

    voter_sitting.take(
        engine, sat, [{"id": "a", "say": "left", "item": before[0]["item"]}], clock()
    )
    with monkeypatch.context() as patch:
        patch.setattr(pair_order, "rows", away)
        seen = sitting.seen(sat, lambda: voter_sitting.view(engine, sat))
    assert seen["taken"] == ["a"] and seen["queue"] == before[1:]

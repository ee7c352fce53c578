"""A voter's sitting at a ballot. What a browser is sent before a vote is made here, and only here:
pair numbers, prompts and addresses that tell no version."""

from __future__ import annotations

from datetime import datetime
from typing import Any, get_args

from sqlalchemy import Engine

from studio.review import blinding, pair_order, sitting, votes
from studio.review.ballots import Ballot, get, pairs_of
from studio.review.sitting import Action, Sitting
from studio.review.votes import Answer

WORDS = {"left": "left is better", "right": "right is better", "tie": "tie", "bad": "both bad"}


def take(engine: Engine, sat: Sitting, actions: Any, now: datetime) -> None:
    """Do what the browser asks: an answer on a pair, undo of a vote, skip."""

    def do(action: Action) -> None:
        if action.say == "undo":
            vote = votes.undo(engine, sat.at, sat.person, str(action.of), now)
            if vote is not None:
                sitting.back(sat, vote.pair)
        elif action.say in get_args(Answer) and isinstance(action.item, int):
            vote = votes.cast(engine, sat.at, sat.person, action.item, action.say, action.id, now)
            sitting.done(sat, action.item)
            if vote.key != action.id:
                sat.said = "You voted on that pair in another window; that vote counts."

    sitting.take(sat, actions, do)


def view(engine: Engine, sat: Sitting) -> dict[str, Any]:
    """All that the browser is sent while somebody votes."""
    ballot = get(engine, sat.at)
    done = pair_order.voted(engine, ballot.id, sat.person)
    held = [*sat.queue, *sat.passed]
    sitting.refill(
        sat,
        lambda pair: pair in done,
        lambda count: pair_order.next_pairs(engine, ballot, sat.person, count, held),
    )
    last = votes.last_vote(engine, ballot.id, sat.person)
    return {
        "at": ballot.id,
        "person": sat.person,
        "question": ballot.question,
        "queue": [shown(engine, ballot, sat.person, pair) for pair in sat.queue],
        "done": len(done),
        "total": ballot.asked,
        "taken": sat.taken[-20:],
        "last": last
        and {
            "id": last.key,
            "words": WORDS[last.answer],
            **shown(engine, ballot, sat.person, last.pair),
        },
        "size": ballot.size,
        "strip": sitting.strip_urls(ballot.strip),
        "said": sat.said,
    }


def shown(engine: Engine, ballot: Ballot, voter: str, pair: int) -> dict[str, Any]:
    """A pair as its voter sees it."""
    key = blinding.secret(engine)
    return {
        "item": pair,
        "prompt": pairs_of(engine, ballot.id)[pair].prompt,
        "both": sitting.ROUTE + blinding.address(key, voter, "b", pair, "l"),
    }

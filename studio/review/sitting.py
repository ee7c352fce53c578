"""A voter's sitting at a ballot: what lies before them, and what their browser sends back.

The browser holds a few pairs ahead and sends every action until it is told that it arrived, so
actions may come twice, late or several at once. What a browser is sent is made here, and only
here: pair numbers, prompts and addresses that tell no version.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, get_args

from sqlalchemy import Engine

from studio.errors import StudioError
from studio.review import blind, votes
from studio.review.ballots import Ballot, get, pairs_of
from studio.review.votes import Answer

AHEAD = 4  # pairs that a browser holds; it loads their pictures before they are shown
ROUTE = "/picture/side/"
WORDS = {"left": "left is better", "right": "right is better", "tie": "tie", "bad": "both bad"}


@dataclass
class Sitting:
    """One window of one voter. `queue`: pairs sent ahead, the first one is shown; `passed`: those
    skipped, which come again last; `taken`: ids of actions done, the newest last."""

    ballot: int
    voter: str
    queue: list[int] = field(default_factory=list)
    passed: list[int] = field(default_factory=list)
    taken: list[str] = field(default_factory=list)
    said: str = ""


def take(engine: Engine, sitting: Sitting, actions: Any, now: datetime) -> None:
    """Do what the browser asks: a list of {id, pair, say} with say an answer, skip or undo.

    An undo names in `of` the vote that it takes back. What is wrong with an action is told to the
    voter and not done; an action that was done before is passed over.
    """
    for action in actions if isinstance(actions, list) else []:
        if not isinstance(action, dict):
            continue
        id, pair, say = (action.get(name) for name in ("id", "pair", "say"))
        if not isinstance(id, str) or not 1 <= len(id) <= 64 or id in sitting.taken:
            continue
        sitting.said = ""
        try:
            _one(engine, sitting, id, pair, say, action.get("of"), now)
        except StudioError as error:
            sitting.said = f"{error.message} {error.remedy}"
        sitting.taken = [*sitting.taken, id][-100:]


def _one(
    engine: Engine, sitting: Sitting, id: str, pair: Any, say: Any, of: Any, now: datetime
) -> None:
    if say == "undo":
        vote = votes.undo(engine, sitting.ballot, sitting.voter, str(of), now)
        if vote is not None:
            sitting.queue = [vote.pair, *(one for one in sitting.queue if one != vote.pair)]
    elif say == "skip" and pair in sitting.queue:
        sitting.queue.remove(pair)
        sitting.passed.append(pair)
    elif say in get_args(Answer) and isinstance(pair, int):
        vote = votes.cast(engine, sitting.ballot, sitting.voter, pair, say, id, now)
        sitting.queue = [one for one in sitting.queue if one != pair]
        if vote.key != id:
            sitting.said = "You voted on that pair in another window; that vote counts."


def fill(engine: Engine, sitting: Sitting) -> Ballot:
    """Bring the queue up to date: without what has a vote by now, with the next pairs to come."""
    ballot = get(engine, sitting.ballot)
    done = votes.voted(engine, ballot.id, sitting.voter)
    sitting.queue = [id for id in sitting.queue if id not in done]
    sitting.passed = [id for id in sitting.passed if id not in done]
    held = [*sitting.queue, *sitting.passed]
    room = AHEAD - len(sitting.queue)
    if room > 0:
        sitting.queue += votes.next_pairs(engine, ballot, sitting.voter, room, held)
    if not sitting.queue:
        sitting.queue, sitting.passed = sitting.passed[:AHEAD], sitting.passed[AHEAD:]
    return ballot


def view(engine: Engine, sitting: Sitting) -> dict[str, Any]:
    """All that the browser is sent while somebody votes, after `fill`."""
    ballot = fill(engine, sitting)
    done = len(votes.voted(engine, ballot.id, sitting.voter))
    last = votes.last_vote(engine, ballot.id, sitting.voter)
    return {
        "ballot": ballot.id,
        "question": ballot.question,
        "queue": [shown(engine, ballot, sitting.voter, id) for id in sitting.queue],
        "done": done,
        "total": ballot.share,
        "taken": sitting.taken[-20:],
        "last": last
        and {
            "id": last.key,
            "words": WORDS[last.answer],
            **shown(engine, ballot, sitting.voter, last.pair),
        },
        "size": ballot.size,
        "strip": [f"/picture/data/{hash}?side=128" for hash in ballot.strip[:8]],
        "said": sitting.said,
        "open": ballot.open,
    }


def shown(engine: Engine, ballot: Ballot, voter: str, pair: int) -> dict[str, Any]:
    """A pair as its voter sees it."""
    key = blind.secret(engine)
    return {
        "pair": pair,
        "prompt": pairs_of(engine, ballot.id)[pair].prompt,
        "left": ROUTE + blind.address(key, voter, "p", pair, "l"),
        "right": ROUTE + blind.address(key, voter, "p", pair, "r"),
    }

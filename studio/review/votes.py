"""Votes: one row each, stored once whatever a browser sends twice, taken back but never deleted.

The database itself holds a voter to one standing vote a pair. Votes do not count as changes of
the studio (`db.bump`): nothing that is cached hangs on them, and they come by the dozen.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, get_args

import sqlalchemy as sa
from sqlalchemy import Connection, Engine, Row

from studio.accounts.rights import check
from studio.database.engine import writing
from studio.database.ledger import stamp
from studio.errors import StudioError
from studio.review import invitations, pictures
from studio.review.ballots import Ballot, as_ballot, get, pairs_of, rows
from studio.review.pair_order import counts, flipped, left_side, voted
from studio.review.tables import ballots, handed_in, pairs, voters, votes

Answer = Literal["left", "right", "tie", "bad"]


@dataclass(frozen=True)
class Vote:
    """One vote; `left` is the side that stood on the left, on a pair of a picture and its spoilt
    copy 0 for the picture and 1 for the copy. Taken back if `undone_at` is set."""

    id: int
    pair: int
    voter: str
    left: int
    answer: Answer
    at: str
    key: str
    undone_at: str | None


def waiting(engine: Engine, voter: str) -> list[tuple[Ballot, int]]:
    """Open ballots that the voter may vote on and has not handed in, soonest due first, with
    votes cast so far."""
    mine = sa.select(handed_in.c.ballot).where(handed_in.c.voter == voter)
    named = sa.select(voters.c.ballot).where(voters.c.invited_by != "")
    asked = sa.select(voters.c.ballot).where(
        voters.c.voter == voter, voters.c.invited_by != "", voters.c.removed_at.is_(None)
    )
    gone = sa.select(voters.c.ballot).where(
        voters.c.voter == voter, voters.c.removed_at.is_not(None)
    )
    query = (
        sa.select(ballots)
        .where(
            ballots.c.closed_at.is_(None),
            ballots.c.id.not_in(mine),
            ballots.c.id.not_in(gone),
            sa.or_(ballots.c.id.in_(asked), ballots.c.id.not_in(named)),
        )
        .order_by(ballots.c.due.is_(None), ballots.c.due, ballots.c.id)
    )
    return [(b, len(voted(engine, b.id, voter))) for b in map(as_ballot, rows(engine, query))]


def cast(
    engine: Engine, id: int, voter: str, pair: int, answer: Answer, key: str, now: datetime
) -> Vote:
    """Store a vote. Sent again with the same `key` it gives the stored one, standing or undone.

    Where the voter has a standing vote on the pair (from another window) that one is returned and
    counts. StudioError when the ballot is closed, handed in, or has no such pair.
    """
    check(voter, "vote")
    if answer not in get_args(Answer):
        raise StudioError(f"{answer!r} is no answer.", f"Use {', '.join(get_args(Answer))}.")
    shown = pairs_of(engine, get(engine, id).id).get(pair)
    if shown is None or shown.voter not in (None, voter):
        raise StudioError(f"Ballot {id} has no pair {pair}.", "Load the page again.")
    gold = shown.kind == "gold"
    left = int(flipped(engine, id, voter, pair)) if gold else left_side(engine, id, voter, pair)
    with writing(engine) as connection:
        of_voter = sa.select(votes).where(votes.c.ballot == id, votes.c.voter == voter)
        for condition in (
            votes.c.key == key,
            sa.and_(votes.c.pair == pair, votes.c.undone_at.is_(None)),
        ):
            if found := connection.execute(of_voter.where(condition)).first():
                return _vote(found)
        _still_open(connection, id, voter)
        made = connection.execute(
            votes.insert().values(
                ballot=id,
                pair=pair,
                voter=voter,
                left=left,
                answer=answer,
                at=stamp(now),
                key=key,
            )
        )
        assert made.inserted_primary_key is not None
        number = int(made.inserted_primary_key[0])
    return Vote(number, pair, voter, left, answer, stamp(now), key, None)


def undo(engine: Engine, id: int, voter: str, key: str, now: datetime) -> Vote | None:
    """Take the voter's vote with this key back and return it; None if it is not standing."""
    check(voter, "vote")
    with writing(engine) as connection:
        mine = (votes.c.ballot == id, votes.c.voter == voter, votes.c.key == key)
        standing = sa.select(votes).where(*mine, votes.c.undone_at.is_(None))
        found = connection.execute(standing).first()
        if found is None:
            return None
        _still_open(connection, id, voter)
        connection.execute(
            votes.update().where(votes.c.id == found.id).values(undone_at=stamp(now))
        )
        return _vote(connection.execute(sa.select(votes).where(votes.c.id == found.id)).one())


def last_vote(engine: Engine, id: int, voter: str) -> Vote | None:
    """The voter's newest standing vote, which undo takes back."""
    query = (
        sa.select(votes)
        .where(votes.c.ballot == id, votes.c.voter == voter, votes.c.undone_at.is_(None))
        .order_by(votes.c.id.desc())
        .limit(1)
    )
    found = rows(engine, query)
    return _vote(found[0]) if found else None


def standing_votes(engine: Engine, id: int) -> list[Vote]:
    """All votes of a ballot that count, oldest first: not taken back, nor of a removed voter."""
    query = sa.select(votes).where(counts(id))
    return [_vote(row) for row in rows(engine, query.order_by(votes.c.id))]


def hand_in(engine: Engine, id: int, voter: str, now: datetime) -> None:
    """The voter is done and may see the result; from here on nothing of theirs changes."""
    check(voter, "vote")
    ballot = get(engine, id)
    done = len(voted(engine, id, voter))
    if done < ballot.asked:
        raise StudioError(
            f"{done} of your {ballot.asked} pairs have a vote.", "Vote on the others first."
        )
    with writing(engine) as connection:
        if not connection.execute(_handed(id, voter)).first():
            connection.execute(handed_in.insert().values(ballot=id, voter=voter, at=stamp(now)))


def has_handed_in(engine: Engine, id: int, voter: str) -> bool:
    """Whether the voter is done with this ballot."""
    return bool(rows(engine, _handed(id, voter)))


def picture(
    engine: Engine, home: Path, voter: str, pair: int, side: Literal["l", "r"]
) -> bytes | None:
    """What stands on one side of a pair for this voter, as padded PNG; None without such a pair."""
    found = rows(engine, sa.select(pairs.c.ballot).where(pairs.c.id == pair))
    if not found:
        return None
    ballot = get(engine, found[0].ballot)
    shown = pairs_of(engine, ballot.id)[pair]
    a_is_left = not flipped(engine, ballot.id, voter, pair)
    name = shown.a_picture if a_is_left == (side == "l") else shown.b_picture
    return pictures.read(home, name, shown.length or ballot.length)


def both(engine: Engine, home: Path, voter: str, pair: int) -> bytes | None:
    """The left and the right picture of a pair, one after the other and equally long."""
    left = picture(engine, home, voter, pair, "l")
    right = picture(engine, home, voter, pair, "r")
    return left + right if left is not None and right is not None else None


def _still_open(connection: Connection, id: int, voter: str) -> None:
    ballot = get(connection, id)
    if not ballot.open:
        raise StudioError(
            f"{ballot.closed_by} closed this ballot meanwhile.",
            "Your earlier votes count; this one came too late.",
        )
    invitations.refuse(connection, id, voter)
    if connection.execute(_handed(id, voter)).first():
        raise StudioError("You have handed in this ballot.", "Its votes can't be changed any more.")


def _handed(id: int, voter: str) -> sa.Select[Any]:
    return sa.select(handed_in).where(handed_in.c.ballot == id, handed_in.c.voter == voter)


def _vote(row: Row[Any]) -> Vote:
    return Vote(**{name: value for name, value in row._mapping.items() if name != "ballot"})

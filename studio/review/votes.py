"""Votes: one row each, stored once whatever a browser sends twice, taken back but never deleted.

The database itself holds a voter to one standing vote a pair. Votes do not count as changes of
the studio (`db.bump`): nothing that is cached hangs on them, and they come by the dozen.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, get_args

import sqlalchemy as sa
from sqlalchemy import Connection, Engine, Row

from studio.db import writing
from studio.errors import StudioError
from studio.ledger import stamp
from studio.review import blind, pictures
from studio.review.ballots import Ballot, as_ballot, get, pairs_of, rows
from studio.review.tables import ballots, handed_in, pairs, votes

Answer = Literal["left", "right", "tie", "bad"]


@dataclass(frozen=True)
class Vote:
    """One vote; `left` is the side that stood on the left. Taken back if `undone_at` is set."""

    id: int
    pair: int
    voter: str
    left: int
    answer: Answer
    at: str
    key: str
    undone_at: str | None


def waiting(engine: Engine, voter: str) -> list[tuple[Ballot, int]]:
    """Open ballots that the voter has not handed in, soonest due first, with votes cast so far."""
    mine = sa.select(handed_in.c.ballot).where(handed_in.c.voter == voter)
    query = (
        sa.select(ballots)
        .where(ballots.c.closed_at.is_(None), ballots.c.id.not_in(mine))
        .order_by(ballots.c.due.is_(None), ballots.c.due, ballots.c.id)
    )
    return [(b, len(voted(engine, b.id, voter))) for b in map(as_ballot, rows(engine, query))]


def next_pairs(
    engine: Engine, ballot: Ballot, voter: str, count: int, without: Collection[int] = ()
) -> list[int]:
    """Up to `count` pairs that the voter has not voted on, where a vote helps most.

    "people": those with the fewest votes, each voter in an order of their own. "panel": all
    voters in one common order, so that pairs get their last vote early and count; pairs that have
    all their votes come last.
    """
    mine = voted(engine, ballot.id, voter)
    held = set(without) - mine
    room = ballot.share - len(mine) - len(held)
    rest = [id for id in pairs_of(engine, ballot.id) if id not in mine and id not in held]
    if room < 1 or not rest:
        return []
    key = blind.secret(engine)
    counted = _counts(engine, ballot.id)
    if ballot.asks == "panel":
        ordered = blind.order(key, f"panel {ballot.id}", rest)
        ordered.sort(key=lambda id: counted.get(id, 0) >= ballot.voters)
    else:
        ordered = blind.order(key, f"voter {ballot.id} {voter}", rest)
        ordered.sort(key=lambda id: counted.get(id, 0))
    return ordered[: min(count, room)]


def left_side(engine: Engine, ballot: int, voter: str, pair: int) -> int:
    """The side (`a` or `b` of the pair) that stands on the left for this voter."""
    found = pairs_of(engine, ballot)
    flipped = blind.swapped(blind.secret(engine), ballot, voter, tuple(found))
    return found[pair].b if pair in flipped else found[pair].a


def cast(
    engine: Engine, id: int, voter: str, pair: int, answer: Answer, key: str, now: datetime
) -> Vote:
    """Store a vote. Sent again with the same `key` it gives the stored one, standing or undone.

    Where the voter has a standing vote on the pair (from another window) that one is returned and
    counts. StudioError when the ballot is closed, handed in, or has no such pair.
    """
    if answer not in get_args(Answer):
        raise StudioError(f"{answer!r} is no answer.", f"Use {', '.join(get_args(Answer))}.")
    if pair not in pairs_of(engine, get(engine, id).id):
        raise StudioError(f"Ballot {id} has no pair {pair}.", "Load the page again.")
    left = left_side(engine, id, voter, pair)
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


def voted(engine: Engine, id: int, voter: str) -> set[int]:
    """The pairs on which the voter has a standing vote."""
    query = sa.select(votes.c.pair).where(
        votes.c.ballot == id, votes.c.voter == voter, votes.c.undone_at.is_(None)
    )
    return {row.pair for row in rows(engine, query)}


def standing_votes(engine: Engine, id: int) -> list[Vote]:
    """All votes of a ballot that were not taken back, oldest first."""
    query = sa.select(votes).where(votes.c.ballot == id, votes.c.undone_at.is_(None))
    return [_vote(row) for row in rows(engine, query.order_by(votes.c.id))]


def turnout(engine: Engine, id: int) -> dict[str, int]:
    """Who has voted on how many pairs, most first."""
    count = sa.func.count()
    query = (
        sa.select(votes.c.voter, count.label("votes"))
        .where(votes.c.ballot == id, votes.c.undone_at.is_(None))
        .group_by(votes.c.voter)
        .order_by(count.desc(), votes.c.voter)
    )
    return {row.voter: row.votes for row in rows(engine, query)}


def hand_in(engine: Engine, id: int, voter: str, now: datetime) -> None:
    """The voter is done and may see the result; from here on nothing of theirs changes."""
    ballot = get(engine, id)
    done = len(voted(engine, id, voter))
    if done < ballot.share:
        raise StudioError(
            f"{done} of your {ballot.share} pairs have a vote.", "Vote on the others first."
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
    a_is_left = left_side(engine, ballot.id, voter, pair) == shown.a
    name = shown.a_picture if a_is_left == (side == "l") else shown.b_picture
    return pictures.read(home, name, ballot.length)


def _still_open(connection: Connection, id: int, voter: str) -> None:
    ballot = get(connection, id)
    if not ballot.open:
        raise StudioError(
            f"{ballot.closed_by} closed this ballot meanwhile.",
            "Your earlier votes count; this one came too late.",
        )
    if connection.execute(_handed(id, voter)).first():
        raise StudioError("You have handed in this ballot.", "Its votes can't be changed any more.")


def _handed(id: int, voter: str) -> sa.Select[Any]:
    return sa.select(handed_in).where(handed_in.c.ballot == id, handed_in.c.voter == voter)


def _counts(engine: Engine, id: int) -> dict[int, int]:
    query = (
        sa.select(votes.c.pair, sa.func.count().label("votes"))
        .where(votes.c.ballot == id, votes.c.undone_at.is_(None))
        .group_by(votes.c.pair)
    )
    return {row.pair: row.votes for row in rows(engine, query)}


def _vote(row: Row[Any]) -> Vote:
    return Vote(**{name: value for name, value in row._mapping.items() if name != "ballot"})

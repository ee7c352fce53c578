"""Which pair a voter sees next, and which side stands on its left.

A panel votes in one common order, so that pairs are settled early; pairs that are settled come
last, as do those of sides that have a verdict. When people stand for others like them, the pairs
with the fewest votes come first. Everything else is fixed by the ballot's secret.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from itertools import combinations

import sqlalchemy as sa
from sqlalchemy import Engine

from studio.review import blinding, statistics
from studio.review.ballots import Ballot, Pair, pairs_of, rows
from studio.review.tables import voters, votes


def voted(engine: Engine, id: int, voter: str) -> set[int]:
    """The pairs on which the voter has a standing vote."""
    query = sa.select(votes.c.pair).where(
        votes.c.ballot == id, votes.c.voter == voter, votes.c.undone_at.is_(None)
    )
    return {row.pair for row in rows(engine, query)}


def counts(id: int) -> sa.ColumnElement[bool]:
    """The condition under which a row of votes counts on ballot `id`."""
    gone = sa.select(voters.c.voter).where(voters.c.ballot == id, voters.c.removed_at.is_not(None))
    return sa.and_(votes.c.ballot == id, votes.c.undone_at.is_(None), votes.c.voter.not_in(gone))


def next_pairs(
    engine: Engine, ballot: Ballot, voter: str, count: int, without: Collection[int] = ()
) -> list[int]:
    """Up to `count` pairs that the voter has not voted on, where a vote helps most.

    Pairs that check the voter stand among them: a repeat comes in the second half, after its
    twin has a vote.
    """
    found = {
        id: pair
        for id, pair in pairs_of(engine, ballot.id).items()
        if pair.voter is None and not ballot.own or pair.voter == voter
    }
    mine = voted(engine, ballot.id, voter)
    given = (set(without) | mine) & set(found)
    done = {
        kind: sum(found[id].kind == kind for id in given) for kind in ("real", "gold", "repeat")
    }
    key = blinding.secret(engine)
    checks = [id for id, pair in found.items() if pair.kind != "real" and id not in given]
    mixed = blinding.order(key, f"checks {ballot.id} {voter}", checks)
    waiting = {
        "real": _ordered(engine, ballot, voter, found, given)[: ballot.share - done["real"]],
        "gold": [i for i in mixed if found[i].kind == "gold"][: ballot.golds - done["gold"]],
        "repeat": [i for i in mixed if found[i].kind == "repeat" and found[i].twin in mine][
            : ballot.repeats - done["repeat"]
        ],
    }
    planned = _plan(key, ballot, voter)
    served: list[int] = []
    for place in range(len(given), min(ballot.asked, len(given) + count)):
        for kind in (planned.get(place, "real"), "real", "gold", "repeat"):
            if waiting[kind]:
                served.append(waiting[kind].pop(0))
                break
    return served


def left_side(engine: Engine, ballot: int, voter: str, pair: int) -> int:
    """The side (`a` or `b` of the pair) that stands on the left for this voter.

    For a pair of a picture and its spoilt copy both are the same side: see `flipped`.
    """
    shown = pairs_of(engine, ballot)[pair]
    return shown.b if flipped(engine, ballot, voter, pair) else shown.a


def flipped(engine: Engine, ballot: int, voter: str, pair: int) -> bool:
    """Whether b stands on the left for this voter; a repeat is the other way round."""
    found = pairs_of(engine, ballot)
    shown = found[pair]
    if shown.kind == "repeat" and shown.twin is not None:
        return not flipped(engine, ballot, voter, shown.twin)
    key = blinding.secret(engine)
    strata = _strata(key, ballot, shown.voter, found)
    return pair in blinding.swapped(key, ballot, voter, strata)


_KEPT: dict[tuple[int, bytes, str | None, int], tuple[tuple[int, ...], ...]] = {}


def _strata(
    key: bytes, ballot: int, own: str | None, found: dict[int, Pair]
) -> tuple[tuple[int, ...], ...]:
    """The pairs of each two sides, in the order in which a panel sees them."""
    name = (ballot, key, own, len(found))
    if name not in _KEPT:
        if len(_KEPT) > 256:
            _KEPT.clear()
        places: dict[tuple[str, int, int], list[int]] = defaultdict(list)
        for pair in found.values():
            if pair.voter == own and pair.kind != "repeat":
                places[pair.kind, pair.a, pair.b].append(pair.id)
        _KEPT[name] = tuple(
            tuple(blinding.order(key, f"panel {ballot}", ids)) for _, ids in sorted(places.items())
        )
    return _KEPT[name]


def _plan(key: bytes, ballot: Ballot, voter: str) -> dict[int, str]:
    """At which places a voter is checked, and by what."""
    late = range(ballot.asked // 2, ballot.asked)
    places = blinding.order(key, f"repeats {ballot.id} {voter}", late)[: ballot.repeats]
    planned = dict.fromkeys(places, "repeat")
    rest = [n for n in range(2, ballot.asked) if n not in planned]
    golds = blinding.order(key, f"golds {ballot.id} {voter}", rest)[: ballot.golds]
    return planned | dict.fromkeys(golds, "gold")


def _ordered(
    engine: Engine, ballot: Ballot, voter: str, found: dict[int, Pair], given: set[int]
) -> list[int]:
    """The real pairs that are left to the voter, those first where a vote helps most."""
    rest = [id for id, pair in found.items() if pair.kind == "real" and id not in given]
    if not rest:
        return []
    key = blinding.secret(engine)
    if ballot.asks == "people":
        ordered = blinding.order(key, f"voter {ballot.id} {voter}", rest)
        number = sa.func.count().label("votes")
        query = sa.select(votes.c.pair, number).where(counts(ballot.id)).group_by(votes.c.pair)
        cast = {row.pair: row.votes for row in rows(engine, query)}
        return sorted(ordered, key=lambda id: cast.get(id, 0))
    settled, decided = _settled(engine, ballot, pairs_of(engine, ballot.id))
    # Matches take turns: the n-th pair of each comes before the next of any.
    turn: dict[int, int] = {}
    seen: dict[tuple[int, int], int] = defaultdict(int)
    everything = [id for id, pair in found.items() if pair.kind == "real"]
    common = blinding.order(key, f"panel {ballot.id}", everything)
    for id in common:
        match = found[id].a, found[id].b
        turn[id] = seen[match]
        seen[match] += 1
    return sorted(
        (id for id in common if id not in given),
        key=lambda id: (id in settled, (found[id].a, found[id].b) in decided, turn[id]),
    )


def _settled(
    engine: Engine, ballot: Ballot, found: dict[int, Pair]
) -> tuple[set[int], set[tuple[int, int]]]:
    """Pairs that need no further vote, and matches of three or more sides that have a verdict."""
    number = sa.func.count().label("votes")
    query = (
        sa.select(votes.c.pair, votes.c.left, votes.c.answer, number)
        .where(counts(ballot.id))
        .group_by(votes.c.pair, votes.c.left, votes.c.answer)
    )
    lead: dict[int, int] = defaultdict(int)
    cast: dict[int, int] = defaultdict(int)
    for row in rows(engine, query):
        pair = found[row.pair]
        if pair.kind != "real":
            continue
        cast[pair.id] += row.votes
        if row.answer in ("left", "right"):
            for_b = (row.left == pair.b) == (row.answer == "left")
            lead[pair.id] += row.votes if for_b else -row.votes
    settled = {
        id
        for id, count in cast.items()
        if abs(lead[id]) > needed(ballot, found[id]) - count or count >= needed(ballot, found[id])
    }
    matches = list(combinations(range(len(ballot.sides)), 2))
    decided = set()
    if len(matches) > 1:
        for match in matches:
            signs = [lead[id] for id in settled if (found[id].a, found[id].b) == match]
            b, a = sum(sign > 0 for sign in signs), sum(sign < 0 for sign in signs)
            if statistics.e_value(b, a) >= len(matches) / statistics.ALPHA:
                decided.add(match)
    return settled, decided


def needed(ballot: Ballot, pair: Pair) -> int:
    """How many votes a pair is to have in all."""
    return 1 if pair.voter is not None else ballot.voters

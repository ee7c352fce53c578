"""What a ballot's votes add up to: for every two sides the verdict, ties, both-bad, votes wanted.

Only finished blocks count while a ballot is open, so that looking early can't mislead; closing
counts the others with the votes that they have. A pair that a panel sees is finished as soon as
the votes that are still to come can't change who wins it: swap the sides and it is finished with
the same vote, so that this favours neither.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

from sqlalchemy import Engine

from studio.review import statistics
from studio.review.ballots import Asks, Ballot, Pair, pairs_of
from studio.review.pair_order import needed
from studio.review.pictures import Side
from studio.review.statistics import Verdict
from studio.review.votes import Vote, standing_votes

PRIOR = 8.0  # blocks that the expectation from single votes is worth
Choice = Literal["a", "b", "tie", "bad"]


@dataclass(frozen=True)
class Tally:
    """Side a against side b. Counts are of votes in finished blocks, `unfinished` of the rest;
    `scores` are those blocks, b's share of each, in the order in which they were finished.

    `wanted`: about how many more votes until a verdict; None where nobody can say or where the
    ballot ends before. `reachable`: whether its voters and pairs can give a verdict at all.
    """

    a: Side
    b: Side
    a_votes: int
    b_votes: int
    ties: int
    bad: int
    voters: int
    unfinished: int
    a_name: str
    b_name: str
    scores: tuple[float, ...]
    verdict: Verdict
    wanted: int | None
    reachable: bool

    @property
    def counted(self) -> int:
        return self.a_votes + self.b_votes + self.ties + self.bad


def tallies(engine: Engine, ballot: Ballot) -> list[Tally]:
    """The standing of every two sides of a ballot, in the order of its sides."""
    return tally(ballot, pairs_of(engine, ballot.id), standing_votes(engine, ballot.id))


def tally(ballot: Ballot, pairs: dict[int, Pair], votes: Sequence[Vote]) -> list[Tally]:
    """As `tallies`, of votes in the order in which they came."""
    votes = [vote for vote in votes if pairs[vote.pair].kind == "real"]
    done: dict[str, int] = defaultdict(int)  # votes of each voter on the whole ballot
    for vote in votes:
        done[vote.voter] += 1
    matches = list(combinations(range(len(ballot.sides)), 2))
    alpha = statistics.ALPHA / len(matches)  # each match may err, all together only so much
    return [
        _match(
            ballot,
            a,
            b,
            pairs,
            [vote for vote in votes if (pairs[vote.pair].a, pairs[vote.pair].b) == (a, b)],
            done,
            alpha,
        )
        for a, b in matches
    ]


def reachable(asks: Asks, voters: int, share: int, sides: int = 2, own: bool = False) -> bool:
    """Whether a ballot could ever reach a verdict, if all agreed. `own`: on prompts of their own,
    so that each voter brings pairs that nobody else sees."""
    matches = math.comb(sides, 2)
    blocks = voters if asks == "people" else share * (voters if own else 1) // matches
    return blocks >= statistics.least_blocks(statistics.ALPHA / matches)


def words(found: Tally, still_open: bool) -> str:
    """The verdict in one sentence, and what it takes to reach one."""
    if found.verdict.decision != "undecided":
        names = (found.a_name, found.b_name)
        better, other = names if found.verdict.decision == "a" else names[::-1]
        return f"{better[:1].upper()}{better[1:]} is better than {other}."
    if not still_open:
        return "No verdict: as far as these votes tell, neither is better."
    if not found.reachable:
        return "Undecided, and this ballot is too small for a verdict even if all agree."
    if found.wanted is not None:
        return f"Undecided: about {found.wanted} more votes if it goes on like this."
    if found.verdict.a + found.verdict.b == 0:
        return "Undecided: no pair or voter is finished yet."
    return "Undecided, and at this rate the ballot ends without a verdict."


def choice(vote: Vote, a: int) -> Choice:
    """What a vote says about side a and the other one, whichever stood on the left."""
    if vote.answer == "tie" or vote.answer == "bad":
        return vote.answer
    return "a" if (vote.left == a) == (vote.answer == "left") else "b"


def _match(
    ballot: Ballot,
    a: int,
    b: int,
    pairs: dict[int, Pair],
    votes: Sequence[Vote],
    done: dict[str, int],
    alpha: float,
) -> Tally:
    panel = ballot.asks == "panel"
    blocks: dict[int | str, list[Vote]] = defaultdict(list)
    for vote in votes:
        block = blocks[vote.pair if panel else vote.voter]
        # More than were expected add nothing.
        if not panel or len(block) < needed(ballot, pairs[vote.pair]):
            block.append(vote)
    ended: list[tuple[int, list[Vote]]] = []
    for block in blocks.values():
        last: int | None = None
        if panel:
            last = _settled_by(block, needed(ballot, pairs[block[0].pair]), a)
        elif done[block[0].voter] >= ballot.share:
            last = block[-1].id
        if last is not None or not ballot.open:
            ended.append((last or block[-1].id, block))
    ended.sort(key=lambda one: one[0])
    choices = [[choice(vote, a) for vote in block] for _, block in ended]
    scores = tuple(statistics.block_score(block) for block in choices)
    verdict = statistics.decide(scores, alpha)
    flat = [one for block in choices for one in block]
    matches = math.comb(len(ballot.sides), 2)
    shared = sum((p.a, p.b) == (a, b) and p.kind == "real" for p in pairs.values())
    most = ballot.voters if not panel else min(shared, ballot.share // matches)
    if ballot.own and panel:
        most = ballot.voters * ballot.share // matches
    unfinished = len(votes) - len(flat)
    size = len(flat) / len(ended) if ended else 1.0
    names = ballot.names
    return Tally(
        a=ballot.sides[a],
        b=ballot.sides[b],
        a_votes=flat.count("a"),
        b_votes=flat.count("b"),
        ties=flat.count("tie"),
        bad=flat.count("bad"),
        voters=len({vote.voter for _, block in ended for vote in block}),
        unfinished=unfinished,
        a_name=names[a],
        b_name=names[b],
        scores=scores,
        verdict=verdict,
        wanted=_wanted(
            verdict, alpha, size, most - len(ended) if ballot.open else 0, _prior(ballot, votes, a)
        ),
        reachable=most >= statistics.least_blocks(alpha),
    )


def _settled_by(block: Sequence[Vote], need: int, a: int) -> int | None:
    """The id of the vote after which the rest of `need` votes can't change who wins; or None."""
    lead = 0
    for count, vote in enumerate(block, 1):
        lead += {"a": -1, "b": 1}.get(choice(vote, a), 0)
        if abs(lead) > need - count or count == need:
            return vote.id
    return None


def _wanted(
    verdict: Verdict, alpha: float, size: float, left: int, prior: tuple[float, float]
) -> int | None:
    """About how many more votes, of `size` a block, with at most `left` more blocks."""
    blocks = statistics.blocks_wanted(verdict, alpha, prior=prior)
    if blocks == 0:
        return 0
    if blocks is None or blocks > left:
        return None
    # Votes on unfinished blocks are not taken off: about as many will lie there at the verdict.
    return max(1, math.ceil(blocks * size))


def _prior(ballot: Ballot, votes: Sequence[Vote], a: int) -> tuple[float, float]:
    """What the single votes let one expect of blocks: they are many before blocks are."""
    choices = [choice(vote, a) for vote in votes]
    for_a, for_b = choices.count("a"), choices.count("b")
    share = (for_b + 1) / (for_a + for_b + 2)  # Laplace's rule of succession
    panel = ballot.asks == "panel"
    size = ballot.voters if panel and not ballot.own else 1 if panel else ballot.share
    # Voters differ more than their votes let one think; so a prior on them weighs less.
    return statistics.majority(share, size), PRIOR if panel else 2.0

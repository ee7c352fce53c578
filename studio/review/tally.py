"""What a ballot's votes add up to: for every two sides the verdict, ties, both-bad, votes wanted.

Only finished blocks count while a ballot is open, so that looking early can't mislead; closing
counts the others with the votes that they have.
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
from studio.review.pictures import Side
from studio.review.statistics import Verdict
from studio.review.votes import Vote, standing_votes

Choice = Literal["a", "b", "tie", "bad"]


@dataclass(frozen=True)
class Tally:
    """Side a against side b. Counts are of votes in finished blocks, `unfinished` of the rest.

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
            sum((pair.a, pair.b) == (a, b) for pair in pairs.values()),
            [vote for vote in votes if (pairs[vote.pair].a, pairs[vote.pair].b) == (a, b)],
            done,
            alpha,
        )
        for a, b in matches
    ]


def reachable(asks: Asks, voters: int, share: int, sides: int = 2) -> bool:
    """Whether a ballot could ever reach a verdict, if all agreed."""
    matches = math.comb(sides, 2)
    blocks = voters if asks == "people" else share // matches
    return blocks >= statistics.least_blocks(statistics.ALPHA / matches)


def words(found: Tally, still_open: bool) -> str:
    """The verdict in one sentence, and what it takes to reach one."""
    if found.verdict.decision != "undecided":
        better, other = (found.a, found.b) if found.verdict.decision == "a" else (found.b, found.a)
        return f"{better.name.capitalize()} is better than {other.name}."
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


def left_and_right(votes: Sequence[Vote]) -> tuple[int, int]:
    """How often left and right were preferred, whoever stood there."""
    answers = [vote.answer for vote in votes]
    return answers.count("left"), answers.count("right")


def _match(
    ballot: Ballot,
    a: int,
    b: int,
    pair_count: int,
    votes: Sequence[Vote],
    done: dict[str, int],
    alpha: float,
) -> Tally:
    panel = ballot.asks == "panel"
    blocks: dict[int | str, list[Vote]] = defaultdict(list)
    for vote in votes:
        block = blocks[vote.pair if panel else vote.voter]
        if not panel or len(block) < ballot.voters:  # more than were expected add nothing
            block.append(vote)

    def finished(key: int | str, block: list[Vote]) -> bool:
        if not ballot.open:
            return True
        return len(block) >= ballot.voters if panel else done[str(key)] >= ballot.share

    ended = sorted(
        (block for key, block in blocks.items() if finished(key, block)), key=lambda b: b[-1].id
    )
    choices = [[choice(vote, a) for vote in block] for block in ended]
    verdict = statistics.decide([statistics.block_score(block) for block in choices], alpha)
    flat = [one for block in choices for one in block]
    matches = math.comb(len(ballot.sides), 2)
    size = float(ballot.voters) if panel else ballot.share / matches
    most = min(pair_count, ballot.share // matches) if panel else ballot.voters
    blocks_to_come = statistics.blocks_wanted(verdict, alpha)
    unfinished = len(votes) - len(flat)
    wanted: int | None = None
    if blocks_to_come == 0:
        wanted = 0
    elif blocks_to_come is not None and ballot.open and len(ended) + blocks_to_come <= most:
        wanted = max(1, math.ceil(blocks_to_come * size) - unfinished)
    return Tally(
        a=ballot.sides[a],
        b=ballot.sides[b],
        a_votes=flat.count("a"),
        b_votes=flat.count("b"),
        ties=flat.count("tie"),
        bad=flat.count("bad"),
        voters=len({vote.voter for block in ended for vote in block}),
        unfinished=unfinished,
        verdict=verdict,
        wanted=wanted,
        reachable=most >= statistics.least_blocks(alpha),
    )

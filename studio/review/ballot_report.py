"""What a ballot tells whoever leads it, beside the verdict: voters, categories, alarms, strengths.

Nothing here decides anything; it says how far the votes can be trusted, and where to look.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Engine

from studio.review import agreement, statistics
from studio.review.ballots import Ballot, Pair, pairs_of
from studio.review.bradley_terry import Compared, Strength, bradley_terry
from studio.review.tally import choice
from studio.review.votes import Vote, standing_votes

ALARM = 2  # people who find both bad, and at least a third of those who voted on the pair


@dataclass(frozen=True)
class Voter:
    """One voter. (same, all) of the pairs they saw twice; (right, all) of those with a spoilt
    copy; (like most others, all) of the pairs on which the others have a majority. `bias`: the
    p-value of left and right being chosen alike; `same_key`: the answer they always give."""

    name: str
    votes: int
    left: int
    right: int
    repeats: tuple[int, int]
    golds: tuple[int, int]
    alike: tuple[int, int]
    bias: float
    same_key: str | None


@dataclass(frozen=True)
class Category:
    """Votes on the prompts of one kind, for sides `a` and `b` (places in the ballot's sides)."""

    name: str
    a: int
    b: int
    a_votes: int
    b_votes: int
    ties: int
    bad: int


@dataclass(frozen=True)
class Alarm:
    """A pair of which `bad` of `votes` voters said that both are bad."""

    pair: Pair
    bad: int
    votes: int


@dataclass(frozen=True)
class Report:
    """All of it. `effective`: how many voters of equally many votes these are worth; `effect`: by
    how much votes of one voter count less than independent ones; `bias`: of all votes together;
    `strength` only for three or more sides."""

    voters: list[Voter]
    categories: list[Category]
    alarms: list[Alarm]
    effective: float
    effect: float
    bias: float
    strength: Strength | None


def report(engine: Engine, ballot: Ballot) -> Report:
    """The report on a ballot's votes so far."""
    return of_votes(ballot, pairs_of(engine, ballot.id), standing_votes(engine, ballot.id))


def of_votes(ballot: Ballot, pairs: dict[int, Pair], votes: Sequence[Vote]) -> Report:
    """As `report`, of votes in the order in which they came."""
    real = [vote for vote in votes if pairs[vote.pair].kind == "real"]
    by_voter: dict[str, list[Vote]] = defaultdict(list)
    by_pair: dict[int, list[Vote]] = defaultdict(list)
    everything: dict[str, list[Vote]] = defaultdict(list)
    for vote in votes:
        everything[vote.voter].append(vote)
    for vote in real:
        by_voter[vote.voter].append(vote)
        by_pair[vote.pair].append(vote)
    shares = [
        [_share(vote, pairs) for vote in mine if vote.answer in ("left", "right")]
        for mine in by_voter.values()
    ]
    counts = [len(mine) for mine in by_voter.values()]
    mean = sum(counts) / len(counts) if counts else 1.0
    answers = [vote.answer for vote in real]
    several = len(ballot.sides) > 2
    leads = {id: sum(_share(vote, pairs) - 0.5 for vote in some) for id, some in by_pair.items()}
    return Report(
        voters=[_voter(name, everything[name], pairs, leads) for name in sorted(by_voter)],
        categories=_categories(pairs, real),
        alarms=_alarms(pairs, by_pair),
        effective=agreement.effective_voters(counts),
        effect=agreement.design_effect(mean, agreement.likeness(shares)),
        bias=statistics.side_bias(answers.count("left"), answers.count("right")),
        strength=_strength(ballot, pairs, real) if several and real else None,
    )


def _share(vote: Vote, pairs: dict[int, Pair]) -> float:
    return {"a": 0.0, "b": 1.0}.get(choice(vote, pairs[vote.pair].a), 0.5)


def _voter(
    name: str, votes: Sequence[Vote], pairs: dict[int, Pair], leads: dict[int, float]
) -> Voter:
    mine = {vote.pair: vote for vote in votes}
    real = [vote for vote in mine.values() if pairs[vote.pair].kind == "real"]
    answers = [vote.answer for vote in mine.values()]
    twice, golds, alike = [], [], []
    for vote in mine.values():
        pair = pairs[vote.pair]
        if pair.kind == "repeat" and pair.twin in mine:
            twice.append(choice(mine[pair.twin], pair.a) == choice(vote, pair.a))
        if pair.kind == "gold":
            golds.append(
                (vote.left == 0) == (vote.answer == "left") and vote.answer in ("left", "right")
            )
    for vote in real:
        lead = leads[vote.pair] - (_share(vote, pairs) - 0.5)  # of the others
        if lead and vote.answer in ("left", "right"):
            alike.append((_share(vote, pairs) > 0.5) == (lead > 0))
    left, right = answers.count("left"), answers.count("right")
    return Voter(
        name=name,
        votes=len(real),
        left=left,
        right=right,
        repeats=(sum(twice), len(twice)),
        golds=(sum(golds), len(golds)),
        alike=(sum(alike), len(alike)),
        bias=statistics.side_bias(left, right),
        same_key=agreement.same_key(answers),
    )


def _categories(pairs: dict[int, Pair], real: Sequence[Vote]) -> list[Category]:
    """By what the prompts ask for, most votes first; of every two sides."""
    found: dict[tuple[str, int, int], Counter[str]] = defaultdict(Counter)
    for vote in real:
        pair = pairs[vote.pair]
        found[pair.category or "", pair.a, pair.b][choice(vote, pair.a)] += 1
    return [
        Category(name or "other", a, b, n["a"], n["b"], n["tie"], n["bad"])
        for (name, a, b), n in sorted(found.items(), key=lambda one: (-one[1].total(), one[0]))
    ]


def _alarms(pairs: dict[int, Pair], by_pair: dict[int, list[Vote]]) -> list[Alarm]:
    """Pairs that several found bad on both sides, worst first."""
    found = []
    for id, votes in by_pair.items():
        bad = sum(vote.answer == "bad" for vote in votes)
        if bad >= min(ALARM, len(votes)) and 3 * bad >= len(votes):
            found.append(Alarm(pairs[id], bad, len(votes)))
    return sorted(found, key=lambda one: (-one.bad / one.votes, -one.bad, one.pair.id))


def _strength(ballot: Ballot, pairs: dict[int, Pair], real: Sequence[Vote]) -> Strength:
    panel = ballot.asks == "panel"
    return bradley_terry(
        len(ballot.sides),
        [
            Compared(
                pairs[vote.pair].a,
                pairs[vote.pair].b,
                _share(vote, pairs),
                # Pairs of one prompt and seed hang together for a panel, votes of a voter else.
                (pairs[vote.pair].prompt, pairs[vote.pair].seed) if panel else vote.voter,
            )
            for vote in real
        ],
    )

"""What people said blind: ballots and ratings, as the report counts them. They belong to the month
in which they were opened, by UTC."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from sqlalchemy import Engine

from studio.context import Studio
from studio.errors import StudioError
from studio.review import ballots, rating_rounds, ratings, rubrics, tally, votes
from studio.review.pictures import HAND, Side
from studio.review.success_figures import Bout, Rated
from studio.review.tally import Tally

# What sides of pictures by hand, and criteria of rubrics, are called that the report counts.
EDITED, FROM_SCRATCH = "edited", ("from scratch", "by hand")
SILHOUETTE, CHARACTER = "silhouette named", "same character"


def specialist(engine: Engine, style: str, month: str = "") -> list[Bout]:
    """The style's own versions against bases without a LoRA and against other styles' versions."""

    def own(side: Side) -> bool:
        return side.number > 0 and side.style == style

    def general(side: Side) -> bool:
        return side.number == 0 or (side.number > 0 and side.style != style)

    return [
        bout
        for one, names in _tallies(engine, style, month)
        if (bout := _bout(one, names, own(one.a) and general(one.b), own(one.b) and general(one.a)))
    ]


def edited(engine: Engine, style: str, month: str = "") -> list[Bout]:
    """Pictures by hand that are called edited against those that are called from scratch."""

    def called(side: Side, *names: str) -> bool:
        return side.number == HAND and side.style.casefold() in names

    return [
        bout
        for one, names in _tallies(engine, style, month)
        if (
            bout := _bout(
                one,
                names,
                called(one.a, EDITED) and called(one.b, *FROM_SCRATCH),
                called(one.b, EDITED) and called(one.a, *FROM_SCRATCH),
            )
        )
    ]


def rated(studio: Studio, style: str, criterion: str, month: str = "") -> list[Rated]:
    """The pictures of the style's versions that were rated by a criterion of this name; a rubric
    that is gone is passed over."""
    found = []
    for round in rating_rounds.listing(studio.engine):
        own = {n for n, side in enumerate(round.sides) if side.style == style and side.number > 0}
        if not own or not round.opened_at.startswith(month):
            continue
        try:
            known = rubrics.named(studio.home, round.rubric).criteria
        except StudioError:
            continue
        scale = next((one for one in known if one.name.casefold() == criterion), None)
        if scale is None:
            continue
        shown = rating_rounds.pictures_of(studio.engine, round.id)
        scores: dict[int, list[float]] = defaultdict(list)
        raters: dict[int, set[str]] = defaultdict(set)
        for one in ratings.standing(studio.engine, round.id):
            if shown[one.picture].side in own:
                given = (one.scores[scale.name] - scale.low) / (scale.high - scale.low)
                scores[one.picture].append(given)
                raters[one.picture].add(one.rater)
        found += [
            Rated(sum(some) / len(some), frozenset(raters[id])) for id, some in scores.items()
        ]
    return found


def _tallies(engine: Engine, style: str, month: str) -> Iterator[tuple[Tally, tuple[str, ...]]]:
    """Every two sides of the ballots that a version of the style stands in, the oldest first, and
    of each vote on them whose it is."""
    for ballot in reversed(ballots.listing(engine)):
        has = any(side.style == style and side.number >= 0 for side in ballot.sides)
        if not has or not ballot.opened_at.startswith(month):
            continue
        pairs = ballots.pairs_of(engine, ballot.id)
        cast = votes.standing_votes(engine, ballot.id)
        voters: dict[tuple[Side, Side], list[str]] = defaultdict(list)
        for vote in cast:
            pair = pairs[vote.pair]
            if pair.kind == "real":
                voters[ballot.sides[pair.a], ballot.sides[pair.b]].append(vote.voter)
        for one in tally.tally(ballot, pairs, cast):
            yield one, tuple(voters[one.a, one.b])


def _bout(one: Tally, names: tuple[str, ...], first: bool, second: bool) -> Bout | None:
    """The tally as the first side's, or the second's; None where it is neither's. Scores are b's
    share of each block."""
    if not (first or second):
        return None
    scores = tuple(1 - score for score in one.scores) if first else one.scores
    return Bout(scores, one.counted, names)

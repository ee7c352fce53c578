"""A version at a glance: its best pictures, each beside another version's of the same prompt and
seed."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from statistics import fmean

from studio.context import Studio
from studio.evaluation import contact_sheet
from studio.review import ballots, rating_rounds, ratings, rubrics, tally, votes
from studio.review.pictures import Side

MOST = 6
UNJUDGED = 0.5  # between what people liked and what they did not


@dataclass(frozen=True)
class Pair:
    """A version's picture on its test sheet and the other version's, by file name; "" where that
    was not drawn with this prompt and seed."""

    prompt: str
    seed: int
    picture: str
    beside: str


def best(studio: Studio, style: str, number: int, other: int | None) -> list[Pair]:
    """Up to `MOST` pictures of a version: those that the other version drew as well come first,
    then those that people liked, one of each prompt before any second. Empty without a sheet."""
    sheet = contact_sheet.read_sheet(contact_sheet.folder_of(studio.home, style, number))
    if sheet is None:
        return []
    theirs: dict[tuple[str, int], str] = {}
    if other is not None:
        held = contact_sheet.read_sheet(contact_sheet.folder_of(studio.home, style, other))
        theirs = {(cell.prompt, cell.seed): cell.version for cell in held.cells} if held else {}
    share = liked(studio, style, number)

    def rank(cell: contact_sheet.Cell) -> tuple[bool, float]:
        key = cell.prompt, cell.seed
        return key not in theirs, -share.get(key, UNJUDGED)

    ranked = sorted(sheet.cells, key=rank)
    first: dict[str, contact_sheet.Cell] = {}
    for cell in ranked:
        first.setdefault(cell.prompt, cell)
    chosen = [*first.values(), *(cell for cell in ranked if cell is not first[cell.prompt])]
    return [
        Pair(cell.prompt, cell.seed, cell.version, theirs.get((cell.prompt, cell.seed), ""))
        for cell in chosen[:MOST]
    ]


def liked(studio: Studio, style: str, number: int) -> dict[tuple[str, int], float]:
    """How people liked the version's picture of a prompt and seed, 0 to 1: the mean of its closed
    votes (won 1, tie 1/2) and closed ratings (best score 1). Open ones would tell who still judges
    what the others said."""
    mine, said = Side(style, number), defaultdict[tuple[str, int], list[float]](list)
    for ballot in ballots.listing(studio.engine, style):
        if ballot.open or mine not in ballot.sides:
            continue
        place, pairs = ballot.sides.index(mine), ballots.pairs_of(studio.engine, ballot.id)
        for vote in votes.standing_votes(studio.engine, ballot.id):
            pair = pairs[vote.pair]
            if pair.kind == "real" and place in (pair.a, pair.b):
                won = {"a": 1.0, "tie": 0.5}.get(tally.choice(vote, place), 0.0)
                said[pair.prompt, pair.seed].append(won)
    for round in rating_rounds.listing(studio.engine, style):
        if round.open or mine not in round.sides:
            continue
        place, shown = round.sides.index(mine), rating_rounds.pictures_of(studio.engine, round.id)
        rubric = rubrics.named(studio.home, round.rubric)
        for rating in ratings.standing(studio.engine, round.id):
            rated = shown[rating.picture]
            if rated.side == place:
                share = (rating.score - rubric.low) / (rubric.high - rubric.low)
                said[rated.prompt, rated.seed].append(share)
    return {key: fmean(shares) for key, shares in said.items()}

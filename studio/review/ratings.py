"""Ratings of a round: given, taken back, counted, and what they come to for each side."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Engine, Row

from studio.accounts.rights import check
from studio.database.engine import writing
from studio.database.ledger import stamp
from studio.errors import StudioError
from studio.review import rubrics, statistics
from studio.review.ballots import rows
from studio.review.pictures import Side
from studio.review.rating_rounds import Rated, counts, get, is_removed, pictures_of
from studio.review.statistics import Mean
from studio.review.tables import ratings


@dataclass(frozen=True)
class Rating:
    """One person's scores of one picture, and their weighted sum. Taken back if `undone_at`."""

    id: int
    picture: int
    rater: str
    scores: dict[str, int]
    score: float
    at: str
    key: str
    undone_at: str | None


@dataclass(frozen=True)
class Score:
    """What a round says of one side. Means are over pictures, each the mean of its raters, so
    the interval is about other pictures of this version, rated by these people."""

    side: Side
    ratings: int
    raters: int
    weighted: Mean
    criteria: dict[str, Mean]


@dataclass(frozen=True)
class Scored:
    """A picture with the mean of its raters' weighted scores."""

    picture: Rated
    score: float
    raters: int


def rate(
    engine: Engine,
    home: Path,
    id: int,
    rater: str,
    picture: int,
    scores: Mapping[str, int],
    key: str,
    now: datetime,
) -> Rating:
    """Store a rating. Sent again with the same `key`, or for a picture that the rater has rated
    in another window, it gives the stored one. StudioError when the round is closed or has no
    such picture, or unless each criterion has a number of the scale."""
    check(rater, "rate")
    round = get(engine, id)
    if picture not in pictures_of(engine, id):
        raise StudioError(f"These ratings have no picture {picture}.", "Load the page again.")
    score = rubrics.weighted(rubrics.named(home, round.rubric), scores)
    with writing(engine) as connection:
        mine = sa.select(ratings).where(ratings.c.round == id, ratings.c.rater == rater)
        for condition in (
            ratings.c.key == key,
            sa.and_(ratings.c.picture == picture, ratings.c.undone_at.is_(None)),
        ):
            if found := rows(connection, mine.where(condition)):
                return _rating(found[0])
        _still_open(connection, id)
        if is_removed(connection, id, rater):
            raise StudioError(
                "You are no longer among those who rate here.",
                f"Ask {round.opened_by}, who opened these ratings. Nothing was stored.",
            )
        connection.execute(
            ratings.insert().values(
                round=id,
                picture=picture,
                rater=rater,
                scores=dict(scores),
                score=score,
                at=stamp(now),
                key=key,
            )
        )
        return _rating(rows(connection, mine.where(ratings.c.key == key))[0])


def undo(engine: Engine, id: int, rater: str, key: str, now: datetime) -> Rating | None:
    """Take the rater's rating with this key back and return it; None if it is not standing."""
    check(rater, "rate")
    with writing(engine) as connection:
        query = sa.select(ratings).where(
            ratings.c.round == id,
            ratings.c.rater == rater,
            ratings.c.key == key,
            ratings.c.undone_at.is_(None),
        )
        found = rows(connection, query)
        if not found:
            return None
        _still_open(connection, id)
        this = ratings.c.id == found[0].id
        connection.execute(ratings.update().where(this).values(undone_at=stamp(now)))
        return _rating(rows(connection, sa.select(ratings).where(this))[0])


def standing(engine: Engine, id: int, rater: str | None = None) -> list[Rating]:
    """All ratings of a round, or one person's, that count, oldest first: not taken back, nor of a
    rater who was removed."""
    query = sa.select(ratings).where(counts(id))
    if rater is not None:
        query = query.where(ratings.c.rater == rater)
    return [_rating(row) for row in rows(engine, query.order_by(ratings.c.id))]


def results(engine: Engine, id: int) -> list[Score]:
    """The scores of each side that has a rating, in the order of the round's sides."""
    round, shown, given = get(engine, id), pictures_of(engine, id), standing(engine, id)
    found = []
    for place, side in enumerate(round.sides):
        mine = [one for one in given if shown[one.picture].side == place]
        if not mine:
            continue
        names = list(mine[0].scores)
        found.append(
            Score(
                side=side,
                ratings=len(mine),
                raters=len({one.rater for one in mine}),
                weighted=_over_pictures(mine, [one.score for one in mine]),
                criteria={
                    name: _over_pictures(mine, [one.scores[name] for one in mine]) for name in names
                },
            )
        )
    return found


def scored(engine: Engine, id: int) -> list[Scored]:
    """The pictures that were rated, the best first."""
    shown, of = pictures_of(engine, id), defaultdict[int, list[float]](list)
    for one in standing(engine, id):
        of[one.picture].append(one.score)
    found = [Scored(shown[n], sum(some) / len(some), len(some)) for n, some in of.items()]
    return sorted(found, key=lambda one: (-one.score, one.picture.id))


def _over_pictures(given: Sequence[Rating], values: Sequence[float]) -> Mean:
    by_picture: dict[int, list[float]] = defaultdict(list)
    for one, value in zip(given, values, strict=True):
        by_picture[one.picture].append(value)
    return statistics.mean([sum(some) / len(some) for some in by_picture.values()])


def _still_open(connection: Connection, id: int) -> None:
    round = get(connection, id)
    if not round.open:
        raise StudioError(
            f"{round.closed_by} ended these ratings meanwhile.",
            "Your earlier ratings count; this one came too late.",
        )


def _rating(row: Row[Any]) -> Rating:
    return Rating(**{name: value for name, value in row._mapping.items() if name != "round"})

"""Rating rounds: pictures of one or more versions, one at a time, by the criteria of a rubric.

A round keeps its pictures and its rubric's version from the moment it opens; a rubric that is
changed later changes no rating. Ratings, like votes, do not count as changes of the studio.
"""

from __future__ import annotations

import functools
import hashlib
import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Engine, Row

from studio.accounts.rights import check
from studio.database import ledger
from studio.database.engine import writing
from studio.database.ledger import stamp
from studio.errors import StudioError
from studio.review import blinding, pictures
from studio.review.ballots import STRIP, rows
from studio.review.pictures import Drawn, Side
from studio.review.rubrics import Rubric
from studio.review.tables import rated, ratings, removed_raters, rounds


@dataclass(frozen=True)
class Round:
    """Pictures of `sides` to be rated by `rubric` (name@version). `strip`, `size`, `length` and
    `due` as a ballot has them; `wanted` ratings a picture, 0: everybody rates all."""

    id: int
    style: str
    sides: tuple[Side, ...]
    rubric: str
    strip: tuple[str, ...]
    size: int
    length: int
    opened_by: str
    opened_at: str
    closed_by: str | None
    closed_at: str | None
    wanted: int = 0
    due: str | None = None

    @property
    def open(self) -> bool:
        return self.closed_at is None


@dataclass(frozen=True)
class Rated:
    """One picture of a round; `side` is a place in the round's sides."""

    id: int
    side: int
    prompt: str
    seed: int
    picture: str


def open_round(
    engine: Engine,
    home: Path,
    *,
    drawn: Sequence[Drawn],
    rubric: Rubric,
    by: str,
    now: datetime,
    strip: Sequence[str] = (),
    wanted: int = 0,
    due: date | None = None,
) -> Round:
    """Open a round on all that the sides drew; the open round of the same pictures and rubric,
    where there is one, is given instead. Each picture gets `wanted` ratings, 0: everybody's."""
    check(by, "open ballots")
    if not drawn or len({one.side for one in drawn}) < len(drawn):
        raise StudioError("There is nothing to rate.", "Choose one or more versions, each once.")
    if not 0 <= wanted <= 100:
        raise StudioError(f"{wanted} ratings a picture are wanted.", "Give 0 to 100.")
    kept = pictures.keep(home, pictures.shown(drawn))
    shown = [
        {"side": side, "prompt": prompt, "seed": seed, "picture": kept.names[file]}
        for side, one in enumerate(drawn)
        for (prompt, seed), file in one.files.items()
    ]
    sides = [(one.side.style, one.side.number) for one in drawn]
    told = json.dumps([sides, rubric.reference, shown])
    content = hashlib.sha256(told.encode()).hexdigest()
    random.SystemRandom().shuffle(shown)  # so that numbers of pictures say nothing
    with writing(engine) as connection:
        same = sa.select(rounds).where(rounds.c.content == content, rounds.c.closed_at.is_(None))
        if found := rows(connection, same):
            return _round(found[0])
        made = connection.execute(
            rounds.insert().values(
                style=drawn[0].side.style,
                sides=sides,
                rubric=rubric.reference,
                strip=list(strip)[:STRIP],
                size=kept.size,
                length=kept.length,
                opened_by=by,
                opened_at=stamp(now),
                content=content,
                wanted=wanted,
                due=due.isoformat() if due else None,
            )
        )
        assert made.inserted_primary_key is not None
        number = int(made.inserted_primary_key[0])
        connection.execute(rated.insert(), [{"round": number, **row} for row in shown])
        _write_down(connection, get(connection, number), "open ratings", by, now)
        return get(connection, number)


def get(source: Engine | Connection, id: int) -> Round:
    """Round `id`, or StudioError."""
    known = id < 2**63  # more does not fit a database's numbers
    found = rows(source, sa.select(rounds).where(rounds.c.id == id)) if known else []
    if not found:
        raise StudioError(f"There are no ratings {id}.", "Choose one of those on Rate.")
    return _round(found[0])


def listing(engine: Engine, style: str | None = None) -> list[Round]:
    """All rounds, newest first."""
    query = sa.select(rounds).order_by(rounds.c.id.desc())
    if style is not None:
        query = query.where(rounds.c.style == style)
    return [_round(row) for row in rows(engine, query)]


def waiting(engine: Engine, rater: str) -> list[tuple[Round, int, int]]:
    """Open rounds in which the rater has pictures left, soonest due first, then the oldest: done
    and all pictures."""
    found = []
    for round in reversed(listing(engine)):
        if round.open:
            count, left = len(pictures_of(engine, round.id)), len(unrated(engine, round.id, rater))
            if left:
                found.append((round, count - left, count))
    return sorted(found, key=lambda one: one[0].due or "9999")


def close(engine: Engine, id: int, by: str, now: datetime) -> Round:
    """End the rating; closing twice changes nothing."""
    check(by, "open ballots")
    with writing(engine) as connection:
        round = get(connection, id)
        if round.open:
            ended = {"closed_by": by, "closed_at": stamp(now)}
            connection.execute(rounds.update().where(rounds.c.id == id).values(**ended))
            _write_down(connection, round, "close ratings", by, now)
        return get(connection, id)


@functools.lru_cache(maxsize=64)
def pictures_of(engine: Engine, id: int) -> dict[int, Rated]:
    """The pictures of a round by id; they never change."""
    query = sa.select(rated).where(rated.c.round == id).order_by(rated.c.id)
    found = [dict(row._mapping) for row in rows(engine, query)]
    return {
        row["id"]: Rated(**{name: value for name, value in row.items() if name != "round"})
        for row in found
    }


def unrated(engine: Engine, id: int, rater: str) -> list[int]:
    """The pictures that the rater has not rated, in an order of their own; where a number of
    ratings is wanted those with the fewest first, and none that has them all."""
    query = sa.select(ratings.c.picture).where(
        ratings.c.round == id, ratings.c.rater == rater, ratings.c.undone_at.is_(None)
    )
    done = {row.picture for row in rows(engine, query)}
    left = [one for one in pictures_of(engine, id) if one not in done]
    left = blinding.order(blinding.secret(engine), f"rater {id} {rater}", left)
    wanted = get(engine, id).wanted
    if wanted:
        number = sa.func.count().label("ratings")
        counted = sa.select(ratings.c.picture, number).where(counts(id)).group_by(ratings.c.picture)
        have = {row.picture: row.ratings for row in rows(engine, counted)}
        left = sorted(
            (one for one in left if have.get(one, 0) < wanted), key=lambda o: have.get(o, 0)
        )
    return [] if is_removed(engine, id, rater) else left


def counts(id: int) -> sa.ColumnElement[bool]:
    """The condition under which a row of ratings counts in round `id`."""
    gone = sa.select(removed_raters.c.rater).where(removed_raters.c.round == id)
    standing = ratings.c.undone_at.is_(None)
    return sa.and_(ratings.c.round == id, standing, ratings.c.rater.not_in(gone))


def is_removed(source: Engine | Connection, id: int, rater: str) -> bool:
    """Whether the rater was taken out of the round."""
    this = (removed_raters.c.round == id, removed_raters.c.rater == rater)
    return bool(rows(source, sa.select(removed_raters).where(*this)))


def remove(engine: Engine, id: int, rater: str, by: str, now: datetime) -> None:
    """Take a rater out: their ratings stay stored and count no more. Twice changes nothing."""
    check(by, "open ballots")
    with writing(engine) as connection:
        round = get(connection, id)
        if is_removed(connection, id, rater):
            return
        row = {"round": id, "rater": rater, "removed_at": stamp(now), "removed_by": by}
        connection.execute(removed_raters.insert().values(**row))
        _write_down(connection, round, f"remove rater {rater}", by, now)


def picture(engine: Engine, home: Path, id: int) -> bytes | None:
    """A picture of a round as padded PNG; None where there is none with this id."""
    found = rows(engine, sa.select(rated.c.round, rated.c.picture).where(rated.c.id == id))
    if not found:
        return None
    return pictures.read(home, found[0].picture, get(engine, found[0].round).length)


def _write_down(connection: Connection, round: Round, action: str, by: str, now: datetime) -> None:
    named = ", ".join(side.name for side in round.sides)
    ledger.record(
        connection,
        at=now,
        actor=by,
        action=action,
        style=round.style,
        reason=f"{named} by {round.rubric}",
    )


def _round(row: Row[Any]) -> Round:
    found = dict(row._mapping)
    del found["content"]
    found["sides"] = tuple(Side(style, number) for style, number in found["sides"])
    found["strip"] = tuple(found["strip"])
    return Round(**found)

"""Ballots: which of two versions answers one question better, voted blind on the same prompts and
seeds.

A ballot keeps its pictures and pairs from the moment it opens.
"""

from __future__ import annotations

import functools
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import combinations
from pathlib import Path
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy import Connection, Engine, Row

from studio import ledger
from studio.db import writing
from studio.errors import StudioError
from studio.ledger import stamp
from studio.review import pictures
from studio.review.pictures import Drawn, Side
from studio.review.tables import ballots, pairs

Asks = Literal["panel", "people"]
QUESTION = "Which one looks more like our style?"
PANEL = 15  # from so many voters on, a ballot may ask about people like them
STRIP = 24


@dataclass(frozen=True)
class Ballot:
    """One question about sides; pairs name a side by its place in `sides`.

    `asks`: "panel", what these voters prefer, blocks are pairs that all `voters` have seen; or
    "people", what people like them prefer, blocks are voters. Each voter is asked for `share`
    pairs. `strip` are hashes of real pictures of the style; `size` pixels a side, `length` bytes.
    """

    id: int
    style: str
    sides: tuple[Side, ...]
    question: str
    asks: Asks
    voters: int
    share: int
    prompts: str
    strip: tuple[str, ...]
    size: int
    length: int
    due: str | None
    opened_by: str
    opened_at: str
    closed_by: str | None
    closed_at: str | None

    @property
    def open(self) -> bool:
        return self.closed_at is None


@dataclass(frozen=True)
class Pair:
    """Two pictures of one prompt and seed; `a` and `b` are places in the ballot's sides."""

    id: int
    prompt: str
    seed: int
    a: int
    b: int
    a_picture: str
    b_picture: str


def open_ballot(
    engine: Engine,
    home: Path,
    *,
    drawn: Sequence[Drawn],
    question: str,
    voters: int,
    by: str,
    key: str,
    now: datetime,
    asks: Asks | None = None,
    share: int | None = None,
    due: date | None = None,
    strip: Sequence[str] = (),
) -> Ballot:
    """Open a ballot on what the sides drew; every two sides make a pair of each prompt and seed.

    `asks` is "panel" below 15 voters unless given; `share` all pairs unless given. Pairs of equal
    pictures are left out. The same person's second send with one `key` gives the first ballot.
    StudioError where the sides can't be compared, or for values that make no ballot.
    """
    sent = _sent_before(engine, by, key)
    if sent is not None:
        return sent
    asked = " ".join(question.split())
    if not 1 <= len(asked) <= 200:
        raise StudioError(
            f"The question has {len(asked)} characters.", "Ask one thing in 1 to 200 characters."
        )
    if not 1 <= voters <= 500:
        raise StudioError(f"{voters} voters are expected.", "Give a number from 1 to 500.")
    cells = common(drawn)
    kept = pictures.keep(home, [one.files[cell] for one in drawn for cell in cells])
    drawn_pairs = [
        {
            "prompt": prompt,
            "seed": seed,
            "a": a,
            "b": b,
            "a_picture": kept.names[drawn[a].files[prompt, seed]],
            "b_picture": kept.names[drawn[b].files[prompt, seed]],
        }
        for prompt, seed in cells
        for a, b in combinations(range(len(drawn)), 2)
    ]
    drawn_pairs = [row for row in drawn_pairs if row["a_picture"] != row["b_picture"]]
    if not drawn_pairs:
        raise StudioError(
            "These versions drew exactly the same pictures.", "Choose versions that differ."
        )
    if share is not None and not 1 <= share <= len(drawn_pairs):
        raise StudioError(
            f"Each voter is asked for {share} pairs.",
            f"Give a number from 1 to {len(drawn_pairs)}.",
        )
    random.SystemRandom().shuffle(drawn_pairs)  # so that numbers of pairs say nothing
    sides = [(one.side.style, one.side.number) for one in drawn]
    with writing(engine) as connection:
        sent = _sent_before(connection, by, key)  # by a second tab, meanwhile
        if sent is not None:
            return sent
        made = connection.execute(
            ballots.insert().values(
                style=drawn[0].side.style,
                sides=sides,
                question=asked,
                asks=asks or ("panel" if voters < PANEL else "people"),
                voters=voters,
                share=share or len(drawn_pairs),
                prompts=drawn[0].prompts,
                strip=list(strip)[:STRIP],
                size=kept.size,
                length=kept.length,
                due=due.isoformat() if due else None,
                opened_by=by,
                opened_at=stamp(now),
                key=key,
            )
        )
        assert made.inserted_primary_key is not None
        number = int(made.inserted_primary_key[0])
        connection.execute(pairs.insert(), [{"ballot": number, **row} for row in drawn_pairs])
        names = ", ".join(one.side.name for one in drawn)
        ledger.record(
            connection,
            at=now,
            actor=by,
            action="open ballot",
            style=drawn[0].side.style,
            reason=f"{asked} ({names})",
        )
        return get(connection, number)


def common(drawn: Sequence[Drawn]) -> list[tuple[str, int]]:
    """Prompts and seeds that all sides drew, or StudioError."""
    if len({one.side for one in drawn}) < 2 or len({one.side for one in drawn}) < len(drawn):
        raise StudioError("A ballot compares versions that differ.", "Choose two or more.")
    if len({one.prompts for one in drawn}) > 1:
        listed = ", ".join(f"{one.side.name} by {one.prompts}" for one in drawn)
        raise StudioError(
            f"The sheets were drawn from different prompt sets: {listed}.",
            "Evaluate the versions again, then open the ballot.",
        )
    cells = [cell for cell in drawn[0].files if all(cell in one.files for one in drawn)]
    if not cells:
        raise StudioError(
            "The sheets have no prompt with the same seed.", "Evaluate the versions again."
        )
    return cells


def get(source: Engine | Connection, id: int) -> Ballot:
    """Ballot `id`, or StudioError."""
    known = id < 2**63  # more does not fit a database's numbers
    found = rows(source, sa.select(ballots).where(ballots.c.id == id)) if known else []
    if not found:
        raise StudioError(f"There is no ballot {id}.", "Choose one of the ballots on Vote.")
    return as_ballot(found[0])


def listing(engine: Engine, style: str | None = None) -> list[Ballot]:
    """All ballots, newest first."""
    query = sa.select(ballots).order_by(ballots.c.id.desc())
    if style is not None:
        query = query.where(ballots.c.style == style)
    return [as_ballot(row) for row in rows(engine, query)]


def close(engine: Engine, id: int, by: str, now: datetime) -> Ballot:
    """End the voting; closing twice changes nothing."""
    with writing(engine) as connection:
        ballot = get(connection, id)
        if not ballot.open:
            return ballot
        connection.execute(
            ballots.update().where(ballots.c.id == id).values(closed_by=by, closed_at=stamp(now))
        )
        ledger.record(
            connection,
            at=now,
            actor=by,
            action="close ballot",
            style=ballot.style,
            reason=ballot.question,
        )
        return get(connection, id)


@functools.lru_cache(maxsize=64)
def pairs_of(engine: Engine, ballot: int) -> dict[int, Pair]:
    """The pairs of a ballot by id; they never change."""
    query = sa.select(pairs).where(pairs.c.ballot == ballot).order_by(pairs.c.id)
    found = [dict(row._mapping) for row in rows(engine, query)]
    return {
        row["id"]: Pair(**{name: value for name, value in row.items() if name != "ballot"})
        for row in found
    }


def as_ballot(row: Row[Any]) -> Ballot:
    """A row of the table as a record."""
    found = dict(row._mapping)
    del found["key"]
    found["sides"] = tuple(Side(style, number) for style, number in found["sides"])
    found["strip"] = tuple(found["strip"])
    return Ballot(**found)


def rows(source: Engine | Connection, query: sa.Select[Any]) -> Sequence[Row[Any]]:
    """All that a query finds, in the caller's transaction if there is one."""
    if isinstance(source, Engine):
        with source.connect() as connection:
            return connection.execute(query).all()
    return source.execute(query).all()


def _sent_before(source: Engine | Connection, by: str, key: str) -> Ballot | None:
    query = sa.select(ballots).where(ballots.c.opened_by == by, ballots.c.key == key)
    found = rows(source, query)
    return as_ballot(found[0]) if found else None

"""Ballots: which of two versions answers one question better, voted blind on the same prompts and
seeds.

A ballot keeps its pictures and pairs from the moment it opens.
"""

from __future__ import annotations

import functools
import random
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy import Connection, Engine, Row

from studio.accounts.rights import check
from studio.database import ledger
from studio.database.engine import bump, writing
from studio.database.ledger import stamp
from studio.errors import StudioError
from studio.review import pairing, pictures
from studio.review.pictures import Drawn, Side
from studio.review.tables import ballots, pairs
from studio.review.tables import voters as voters_table

Asks = Literal["panel", "people"]
QUESTION = "Which one looks more like our style?"
PANEL = 15  # from so many voters on, a ballot may ask about people like them
STRIP = 24
CHECKS = 50  # of each kind, at most


@dataclass(frozen=True)
class Ballot:
    """One question about sides; pairs name a side by its place in `sides`.

    `asks`: "panel", what these voters prefer, blocks are pairs that all `voters` have seen; or
    "people", what people like them prefer, blocks are voters. Each voter is asked for `share`
    pairs, and shown `repeats` and `golds` pairs that check them. `own`: how many prompts each
    voter writes, 0: all vote on the same. `strip` are hashes of real pictures of the style; `size`
    pixels a side, `length` bytes.
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
    repeats: int = 0
    golds: int = 0
    own: int = 0

    @property
    def open(self) -> bool:
        return self.closed_at is None

    @property
    def asked(self) -> int:
        """How many pairs each voter is shown, those that check them included."""
        return self.share + self.repeats + self.golds

    @property
    def names(self) -> list[str]:
        """What its sides are called."""
        return pictures.names(self.sides)


@dataclass(frozen=True)
class Pair:
    """Two pictures of one prompt and seed; `a` and `b` are places in the ballot's sides.

    `kind` "repeat": the pair `twin` once more; "gold": `b_picture` is the spoilt copy of
    `a_picture`. `voter`: who alone sees it; `length`: at which its pictures are sent, if not the
    ballot's.
    """

    id: int
    prompt: str
    seed: int
    a: int
    b: int
    a_picture: str
    b_picture: str
    kind: Literal["real", "repeat", "gold"] = "real"
    twin: int | None = None
    voter: str | None = None
    length: int | None = None
    category: str | None = None


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
    invited: Sequence[str] = (),
    repeats: int = 0,
    golds: int = 0,
    categories: Mapping[str, str] | None = None,
    within: Callable[[], AbstractContextManager[None]] = nullcontext,
) -> Ballot:
    """Open a ballot on what the sides drew; every two sides make a pair of each prompt and seed.

    `asks` is "panel" below 15 voters unless given; `share` all pairs unless given. With `invited`
    only they vote and are the voters that are expected. Each voter is shown `repeats` of their
    pairs once more and `golds` pairs of a picture and its spoilt copy. `categories` by prompt.
    The same person's second send with one `key` gives the first ballot. Its pictures are kept
    first, then it is stored `within` a transaction of the caller's. StudioError where the sides
    can't be compared, or for values that make no ballot.
    """
    check(by, "open ballots")
    sent = sent_before(engine, by, key)
    if sent is not None:
        return sent
    people = list(dict.fromkeys(invited))
    voters = len(people) or voters
    asked = checked(question, voters, repeats, golds)
    cells = pairing.common(drawn)
    files = pictures.shown(drawn, set(cells))
    kept = pictures.keep(home, files, pairing.to_spoil(drawn, cells, golds))
    real = pairing.real(drawn, cells, kept, categories or {})
    if not real:
        raise StudioError(
            "These versions drew exactly the same pictures.", "Choose versions that differ."
        )
    if share is not None and not 1 <= share <= len(real):
        raise StudioError(
            f"Each voter is asked for {share} pairs.", f"Give a number from 1 to {len(real)}."
        )
    rows_of_pairs = real + pairing.gold(drawn, cells, kept, golds)
    values = {
        "style": drawn[0].side.style,
        "sides": [(one.side.style, one.side.number) for one in drawn],
        "question": asked,
        "asks": asks or ("panel" if voters < PANEL else "people"),
        "voters": voters,
        "share": share or len(real),
        "prompts": next((one.prompts for one in drawn if one.prompts), ""),
        "strip": list(strip)[:STRIP],
        "size": kept.size,
        "length": kept.length,
        "due": due.isoformat() if due else None,
        "repeats": min(repeats, share or len(real)),
        "golds": golds,
        "own": 0,
    }
    with within():
        return store(engine, values, rows_of_pairs, people, by, key, now)


def checked(question: str, voters: int, repeats: int, golds: int) -> str:
    """The question without needless space; StudioError for values that make no ballot."""
    asked = " ".join(question.split())
    if not 1 <= len(asked) <= 200:
        raise StudioError(
            f"The question has {len(asked)} characters.", "Ask one thing in 1 to 200 characters."
        )
    if not 1 <= voters <= 500:
        raise StudioError(f"{voters} voters are expected.", "Give a number from 1 to 500.")
    for name, value in (("repeats", repeats), ("attention pairs", golds)):
        if not 0 <= value <= CHECKS:
            raise StudioError(f"{value} {name} are asked for.", f"Give 0 to {CHECKS}.")
    return asked


def store(
    engine: Engine,
    values: Mapping[str, Any],
    made: list[dict[str, Any]],
    invited: Sequence[str],
    by: str,
    key: str,
    now: datetime,
) -> Ballot:
    """One transaction: the ballot, its pairs in an order that says nothing, who is invited."""
    real = [row for row in made if row["kind"] == "real"]
    # With repeats any pair may be shown once more; by whom and which is drawn as they vote.
    shown = made + [{**row, "kind": "repeat"} for row in real if values["repeats"]]
    random.SystemRandom().shuffle(shown)  # so that numbers of pairs say nothing
    with writing(engine) as connection:
        sent = sent_before(connection, by, key)  # by a second tab, meanwhile
        if sent is not None:
            return sent
        row = ballots.insert().values(**values, opened_by=by, opened_at=stamp(now), key=key)
        inserted = connection.execute(row).inserted_primary_key
        assert inserted is not None
        number = int(inserted[0])
        if shown:
            connection.execute(pairs.insert(), [{"ballot": number, **row} for row in shown])
        if values["repeats"]:
            _join_twins(connection, number)
        invited_rows = [
            {"ballot": number, "voter": name, "invited_at": stamp(now), "invited_by": by}
            for name in invited
        ]
        if invited_rows:
            connection.execute(voters_table.insert(), invited_rows)
        ballot = get(connection, number)
        ledger.record(
            connection,
            at=now,
            actor=by,
            action="open ballot",
            style=ballot.style,
            reason=f"{ballot.question} ({', '.join(ballot.names)})",
        )
        bump(connection)
        return ballot


def _join_twins(connection: Connection, number: int) -> None:
    found = connection.execute(sa.select(pairs).where(pairs.c.ballot == number)).all()
    ids = {(r.prompt, r.seed, r.a, r.b): r.id for r in found if r.kind == "real"}
    joined = [
        {"this": r.id, "of": ids[r.prompt, r.seed, r.a, r.b]} for r in found if r.kind == "repeat"
    ]
    this = pairs.c.id == sa.bindparam("this")
    connection.execute(pairs.update().where(this).values(twin=sa.bindparam("of")), joined)


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
    check(by, "open ballots")
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


def pairs_of(engine: Engine, ballot: int) -> dict[int, Pair]:
    """The pairs of a ballot by id; they never change."""
    found, grows = _pairs_of(engine, ballot)
    return _read_pairs(engine, ballot) if grows else found


@functools.lru_cache(maxsize=64)
def _pairs_of(engine: Engine, ballot: int) -> tuple[dict[int, Pair], bool]:
    """The pairs, and whether more come: those of voters' own prompts come one by one."""
    found = _read_pairs(engine, ballot)
    return found, not found or any(pair.voter is not None for pair in found.values())


def _read_pairs(engine: Engine, ballot: int) -> dict[int, Pair]:
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


def sent_before(source: Engine | Connection, by: str, key: str) -> Ballot | None:
    query = sa.select(ballots).where(ballots.c.opened_by == by, ballots.c.key == key)
    found = rows(source, query)
    return as_ballot(found[0]) if found else None

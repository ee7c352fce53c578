"""A call that is sent twice is done once: its key, what was asked, and what was answered.

The row stands from the beginning of a call, so that a second one at the same time is told to wait.
A call whose process was killed is let go after HELD. Whatever an attempt after it does again, it
does under the same `mark`, by which a job is known that was asked for already.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy import Engine

from studio.api.problems import Told
from studio.database.availability import DatabaseAway
from studio.database.engine import metadata, writing
from studio.database.ledger import stamp
from studio.errors import StudioError

KEPT = timedelta(hours=24)
HELD = timedelta(minutes=2)  # longer than any call runs
WRITTEN = re.compile(r"[\x21-\x7e]{1,200}")

idempotency_keys = sa.Table(
    "idempotency_keys",
    metadata,
    sa.Column("person", sa.String, primary_key=True),
    sa.Column("route", sa.String, primary_key=True),
    sa.Column("key", sa.String, primary_key=True),
    sa.Column("asked", sa.String, nullable=False),
    sa.Column("first_at", sa.String, nullable=False),
    # When the attempt that runs now began; None: none does.
    sa.Column("held_at", sa.String),
    sa.Column("answer", sa.JSON(none_as_null=True)),
)

_c = idempotency_keys.c
_MINE = (
    (_c.person == sa.bindparam("of_person"))
    & (_c.route == sa.bindparam("of_route"))
    & (_c.key == sa.bindparam("of_key"))
)
_OURS = _MINE & (_c.held_at == sa.bindparam("since"))
_LOOK = sa.select(_c.key).where(_MINE, _c.first_at >= sa.bindparam("oldest"))
_FORGET = idempotency_keys.delete().where(_c.first_at < sa.bindparam("oldest"))
_READ = sa.select(idempotency_keys).where(_MINE)
_BEGIN = idempotency_keys.insert()
_GO_ON = idempotency_keys.update().where(_MINE).values(held_at=sa.bindparam("at"))
_LET_GO = idempotency_keys.update().where(_OURS).values(held_at=None)
_FREE = idempotency_keys.delete().where(_OURS)
_END = (
    idempotency_keys.update()
    .where(_OURS)
    .values(held_at=None, answer=sa.bindparam("told", type_=_c.answer.type))
)


@dataclass(frozen=True)
class Place:
    """Whose key it is, and of which route ("POST /generate")."""

    person: str
    route: str
    key: str


@dataclass(frozen=True)
class Sent:
    """A call with a key, and a hash of all that it asks for."""

    place: Place
    asked: str


@dataclass(frozen=True)
class Answer:
    """What was answered: the status, and the body as text."""

    status: int
    body: str


@dataclass(frozen=True)
class Begun:
    """A call that may go on (`answer` None), or the answer that it had before. `mark` is the same
    for all attempts of one call; `held_at` is this attempt's."""

    mark: str
    held_at: str
    answer: Answer | None = None


def checked(key: str) -> str:
    """The key, or StudioError."""
    if not WRITTEN.fullmatch(key):
        raise StudioError(
            "The Idempotency-Key can't be used.", "Send 1 to 200 visible ASCII characters."
        )
    return key


def begin(engine: Engine, place: Place, asked: str, now: datetime) -> Begun:
    """Begin a call, or give what it was answered before. `asked` is a hash of all that it asks for.

    Told: `key-reused` where the key was sent for something else, `still-running` while the first
    call has not ended.
    """
    at, mine = stamp(now), _of(place)
    with writing(engine) as connection:
        connection.execute(_FORGET, {"oldest": stamp(now - KEPT)})
        row = connection.execute(_READ, mine).first()
        if row is None:
            first = {**vars(place), "asked": asked, "first_at": at, "held_at": at}
            connection.execute(_BEGIN, first)
            return Begun(_mark(place, at), at)
        if row.asked != asked:
            raise Told(
                "key-reused",
                422,
                "This Idempotency-Key was sent before, and asked for something else.",
                "Send another key with each call that asks for something new.",
            )
        if row.answer is not None:
            return Begun(_mark(place, row.first_at), row.first_at, Answer(**row.answer))
        if row.held_at is not None and row.held_at > stamp(now - HELD):
            raise Told(
                "still-running",
                409,
                "The first call with this Idempotency-Key has not ended.",
                "Wait a moment, then send the same again for its answer.",
            )
        connection.execute(_GO_ON, {**mine, "at": at})
        return Begun(_mark(place, row.first_at), at)


def resumed(engine: Engine, sent: Sent, now: datetime) -> Begun | None:
    """As `begin` for a key that was sent before; None, and nothing is written, for a new one."""
    with engine.connect() as connection:
        told = {**_of(sent.place), "oldest": stamp(now - KEPT)}
        known = connection.execute(_LOOK, told).first()
    return None if known is None else begin(engine, sent.place, sent.asked, now)


def end(engine: Engine, place: Place, begun: Begun, answer: Answer) -> None:
    """Keep what was answered; an attempt that was given up meanwhile keeps nothing."""
    with writing(engine) as connection:
        connection.execute(_END, {**_of(place, begun), "told": vars(answer)})


def give_up(engine: Engine, place: Place, begun: Begun, done: bool) -> None:
    """The call failed: the next with its key tries again. What may have been `done` is then known
    by its mark; where nothing was, the key is free for anything."""
    ended: sa.UpdateBase = _LET_GO if done else _FREE
    with writing(engine) as connection:
        connection.execute(ended, _of(place, begun))


def refused(error: BaseException) -> bool:
    """Whether the error says that nothing was done; after any other something may have been."""
    return isinstance(error, StudioError) and not isinstance(error, DatabaseAway)


def asked_for(path: str, query: bytes, body: bytes) -> str:
    """A hash of all that a call asks for."""
    said = json.dumps([path, query.decode("latin-1")]).encode()
    return hashlib.sha256(hashlib.sha256(said).digest() + body).hexdigest()


def _of(place: Place, begun: Begun | None = None) -> dict[str, str]:
    """What _MINE asks for, and with an attempt _OURS."""
    named = {"of_person": place.person, "of_route": place.route, "of_key": place.key}
    return {**named, "since": begun.held_at} if begun else named


def _mark(place: Place, first_at: str) -> str:
    told = json.dumps([place.person, place.route, place.key, first_at])
    return f"api {hashlib.sha256(told.encode()).hexdigest()[:40]}"

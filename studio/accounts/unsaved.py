"""What people typed into a page's fields and did not save yet: kept for each person and subject
until they save or discard it, so that neither Back nor a reload takes it away."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Engine

from studio.accounts.rights import check
from studio.database.engine import metadata, writing
from studio.database.ledger import stamp
from studio.errors import StudioError

MOST = 200  # drafts of one person; the oldest go
LENGTH = 100_000  # characters of one as JSON

unsaved = sa.Table(
    "unsaved",
    metadata,
    sa.Column("person", sa.String, primary_key=True),
    sa.Column("subject", sa.String, primary_key=True),
    sa.Column("fields", sa.JSON, nullable=False),
    sa.Column("at", sa.String, nullable=False),
)


@dataclass(frozen=True)
class Unsaved:
    """The fields that differ from what is saved, by name; `at` is when the last was typed, ISO
    UTC."""

    fields: dict[str, Any]
    at: str


def find(engine: Engine, person: str, subject: str) -> Unsaved | None:
    """What the person typed about the subject ("picture/ID"), None where all is saved."""
    with engine.connect() as connection:
        return _found(connection, person, subject)


def keep(
    engine: Engine, person: str, subject: str, fields: Mapping[str, Any], *, now: datetime
) -> None:
    """Keep these fields, JSON values by name, in place of what was kept before; none: all is
    saved. Nobody else sees them, so the revision stays. StudioError where they are too long."""
    check(person, "look")
    with writing(engine) as connection:
        _put(connection, person, subject, fields, now)


def change(
    engine: Engine, person: str, subject: str, changes: Mapping[str, Any], *, now: datetime
) -> None:
    """Keep these fields beside those that are kept of the subject already; None takes one away.
    What stands there is not written again. StudioError where all are too long."""

    def made(found: Unsaved | None) -> dict[str, Any]:
        held = {**(found.fields if found else {}), **changes}
        return {name: value for name, value in held.items() if value is not None}

    revise(engine, person, subject, made, now=now)


def revise(
    engine: Engine,
    person: str,
    subject: str,
    made: Callable[[Unsaved | None], Mapping[str, Any]],
    *,
    now: datetime,
) -> None:
    """Keep what is made of what is kept, while nobody else writes; no field: nothing. What stands
    there is not written again. StudioError where it is too long."""
    check(person, "look")
    found = find(engine, person, subject)
    if made(found) == (found.fields if found else {}):
        return
    with writing(engine) as connection:
        _put(connection, person, subject, made(_found(connection, person, subject)), now)


def discard(engine: Engine, person: str, subject: str) -> None:
    """Keep nothing of the subject any more: it was saved, or is not wanted."""
    if find(engine, person, subject) is not None:
        keep_nothing = unsaved.delete().where(
            unsaved.c.person == str(person), unsaved.c.subject == subject
        )
        with writing(engine) as connection:
            connection.execute(keep_nothing)


def _found(connection: Connection, person: str, subject: str) -> Unsaved | None:
    c = unsaved.c
    mine = (c.person == str(person)) & (c.subject == subject)
    row = connection.execute(sa.select(c.fields, c.at).where(mine)).first()
    return Unsaved(row.fields, row.at) if row else None


def _put(
    connection: Connection, person: str, subject: str, fields: Mapping[str, Any], now: datetime
) -> None:
    if len(json.dumps(dict(fields))) > LENGTH:
        raise StudioError(
            f"What you typed has over {LENGTH:,} characters and is not kept as a draft.",
            "Save it, or write less.",
        )
    c = unsaved.c
    mine = c.person == str(person)
    connection.execute(unsaved.delete().where(mine, c.subject == subject))
    if not fields:
        return
    row = {"person": str(person), "subject": subject, "fields": dict(fields), "at": stamp(now)}
    connection.execute(unsaved.insert(), row)
    newest = sa.select(c.subject).where(mine).order_by(c.at.desc(), c.subject).limit(MOST)
    connection.execute(unsaved.delete().where(mine, c.subject.not_in(newest)))

"""Tokens for commands and scripts: hashed here, with an end, a role, and a way to withdraw them."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy import Engine

from studio.accounts.people import as_of_now, named_in
from studio.accounts.rights import (
    SCOPES,
    Actor,
    NotAllowed,
    check,
    check_own,
    check_role,
    check_scope,
    lesser,
)
from studio.accounts.sessions import TOUCH, hashed
from studio.accounts.tables import people, tokens
from studio.database import ledger
from studio.database.engine import bump, writing
from studio.database.ledger import stamp
from studio.errors import StudioError

BEGINS = "hs_"
LONGEST_DAYS = 366
MOST = 50  # that one person can have at a time
_HOLDING = (
    sa.select(tokens, people.c.name, people.c.role.label("owners"))
    .join(people, people.c.id == tokens.c.person)
    .where(
        tokens.c.hash == sa.bindparam("hash"),
        tokens.c.withdrawn_at.is_(None),
        tokens.c.until > sa.bindparam("now"),
        people.c.shut_at.is_(None),
    )
)


@dataclass(frozen=True)
class Token:
    """One row as people see it; the token itself is shown once, when it is made. `scope` is what it
    was made for alone, "" for all that its role may do."""

    id: int
    name: str
    role: str
    label: str
    made_at: str
    until: str
    used_at: str | None
    scope: str = ""


def make(
    engine: Engine,
    name: str,
    role: str,
    *,
    label: str,
    days: int,
    by: str,
    now: datetime,
    scope: str = "",
) -> tuple[Token, str]:
    """A token that acts as `name` with `role`, and its secret, which is told here only.

    `role` is at most the person's, and the maker's. StudioError otherwise, for a number of days or
    a label that will not do, or a `scope` whose rights the role has not.
    """
    check_role(role)
    check_scope(scope)
    label = " ".join(label.split())
    if not 1 <= len(label) <= 60:
        raise StudioError("The token has no name.", "Say in 1 to 60 characters what it is for.")
    if not 1 <= days <= LONGEST_DAYS:
        raise StudioError(f"The token holds {days} days.", f"Give 1 to {LONGEST_DAYS}.")
    secret = BEGINS + secrets.token_urlsafe(32)
    with writing(engine) as connection:
        by = as_of_now(connection, by)
        check_own(by, name, "manage people")
        check(by, "make tokens")
        owner = named_in(connection, name)
        most = lesser(owner.role, by.role if isinstance(by, Actor) else owner.role)
        if lesser(role, most) != role:
            raise NotAllowed(f"A token of {owner.name} can't be {role}.", f"It can be {most}.")
        for right in SCOPES.get(scope, ()):
            check(Actor(owner.name, role), right)
        if owner.shut:
            raise StudioError(f"{owner.name} is deactivated.", "Reactivate them first.")
        live = (tokens.c.person == owner.id, tokens.c.withdrawn_at.is_(None))
        count = sa.select(sa.func.count()).where(*live, tokens.c.until > stamp(now))
        if connection.execute(count).scalar_one() >= MOST:
            raise StudioError(f"{owner.name} has {MOST} tokens.", "Withdraw some first.")
        made = connection.execute(
            tokens.insert().values(
                hash=hashed(secret),
                person=owner.id,
                role=role,
                label=label,
                made_at=stamp(now),
                until=stamp(now + timedelta(days=days)),
                scope=scope,
            )
        ).inserted_primary_key
        assert made is not None
        reason = f"{owner.name}: {label} ({role}{f', {scope} only' if scope else ''})"
        ledger.record(connection, at=now, actor=by, action="make token", reason=reason)
        bump(connection)
    until = stamp(now + timedelta(days=days))
    token = Token(int(made[0]), owner.name, role, label, stamp(now), until, None, scope)
    return token, secret


def find(engine: Engine, secret: str, now: datetime) -> Actor | None:
    """Whom the token acts as: its role or its owner's, whichever is less. None where it is
    withdrawn, over, forged, or of somebody who is kept out."""
    if not secret.startswith(BEGINS) or len(secret) > 100:
        return None
    told = {"hash": hashed(secret), "now": stamp(now)}
    with engine.connect() as connection:
        row = connection.execute(_HOLDING, told).first()
    if row is None:
        return None
    if row.used_at is None or row.used_at < stamp(now - TOUCH):
        with writing(engine) as connection:
            this = tokens.c.id == row.id
            connection.execute(tokens.update().where(this).values(used_at=stamp(now)))
    return Actor(row.name, lesser(row.role, row.owners), scope=row.scope, token=row.id)


def withdraw(engine: Engine, id: int, *, by: str, now: datetime) -> None:
    """The token is good for nothing from now on; twice changes nothing. StudioError for no such
    token, NotAllowed for another's without the right to manage people."""
    with writing(engine) as connection:
        query = sa.select(tokens, people.c.name).join(people, people.c.id == tokens.c.person)
        row = connection.execute(query.where(tokens.c.id == id)).first()
        by = as_of_now(connection, by)
        check_own(by, row.name if row else "", "manage people")
        if row is None:
            raise StudioError(f"There is no token {id}.", "Look at the list of tokens.")
        if row.withdrawn_at is not None:
            return
        this = tokens.c.id == id
        connection.execute(tokens.update().where(this).values(withdrawn_at=stamp(now)))
        reason = f"{row.name}: {row.label}"
        ledger.record(connection, at=now, actor=by, action="withdraw token", reason=reason)
        bump(connection)


def listing(engine: Engine, now: datetime, name: str | None = None) -> list[Token]:
    """The tokens that hold, newest first; of everybody unless a name is given."""
    query = (
        sa.select(tokens, people.c.name)
        .join(people, people.c.id == tokens.c.person)
        .where(tokens.c.withdrawn_at.is_(None), tokens.c.until > stamp(now))
        .order_by(tokens.c.id.desc())
    )
    if name is not None:
        query = query.where(people.c.name == str(name))
    with engine.connect() as connection:
        return [
            Token(r.id, r.name, r.role, r.label, r.made_at, r.until, r.used_at, r.scope)
            for r in connection.execute(query)
        ]

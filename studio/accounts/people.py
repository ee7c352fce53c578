"""The people of a studio: their names, which stand in every record, and their roles."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Engine

from studio.accounts import passwords
from studio.accounts.name_rules import LONGEST, check_name, fold
from studio.accounts.rights import Actor, NotAllowed, check, check_role, lesser
from studio.accounts.tables import people, sessions, tokens
from studio.database import ledger
from studio.database.engine import bump, writing
from studio.database.ledger import stamp
from studio.errors import StudioError

MANAGE = "manage people"


@dataclass(frozen=True)
class Person:
    """Somebody with a name that nobody else has. `local`: signs in here, with a password;
    `provided`: comes from the identity provider, which also says the role; `shut`: kept out."""

    id: int
    name: str
    role: str
    local: bool
    provided: bool
    created_at: str
    shut: bool

    @property
    def actor(self) -> Actor:
        """The person as functions that change something want to be told."""
        return Actor(self.name, self.role)


def add(
    engine: Engine,
    name: str,
    role: str,
    *,
    by: str,
    now: datetime,
    password: str = "",
    subject: str | None = None,
) -> Person:
    """A new person, with a password or with the `subject` that the provider knows them by.

    StudioError where the name is taken, or for a name, role or password that will not do.
    """
    with engine.connect() as connection:
        check(as_of_now(connection, by), MANAGE)
    return _add(engine, name, role, by=by, now=now, password=password, subject=subject)


def _add(
    engine: Engine,
    name: str,
    role: str,
    *,
    by: str,
    now: datetime,
    password: str,
    subject: str | None,
) -> Person:
    name, role = check_name(name), check_role(role)
    hashed = passwords.hashed(passwords.check(password, name)) if subject is None else None
    with writing(engine) as connection:
        if subject and (known := _row(connection, people.c.subject == subject)) is not None:
            return _person(known)  # the same first sign-in, in another window
        if _row(connection, people.c.folded == fold(name)) is not None:
            raise StudioError(f"There is a person named {name} already.", "Choose another name.")
        connection.execute(
            people.insert().values(
                name=name,
                folded=fold(name),
                role=role,
                subject=subject,
                password=hashed,
                created_at=stamp(now),
            )
        )
        _write_down(connection, "add person", f"{name}: {role}", by, now)
        return named_in(connection, name)


def provided(engine: Engine, subject: str, names: list[str], role: str, now: datetime) -> Person:
    """Who the identity provider knows as `subject`, with the role that it gives them now.

    At the first sign-in the person is made, under the first of `names` that will do and is free.
    StudioError for somebody who is kept out here.
    """
    check_role(role)
    with engine.connect() as connection:
        row = _row(connection, people.c.subject == subject)
    if row is None:
        for name in [*names, *(f"{names[0][: LONGEST - 4]} {k}" for k in range(2, 100))]:
            try:
                return _add(engine, name, role, by=name, now=now, password="", subject=subject)
            except StudioError:
                continue  # taken, or no name
        raise StudioError("No name of this account can be used.", "Ask an admin of the studio.")
    found = _person(row)
    if found.shut:
        raise StudioError("You may not come in any more.", "Ask an admin of the studio.")
    if found.role == role:
        return found
    with writing(engine) as connection:
        _set(connection, found.id, role=role)
        _write_down(connection, "change role", f"{found.name}: {role}", "sign-in", now)
        return named_in(connection, found.name)


def set_role(
    engine: Engine, name: str, role: str, *, before: str, by: str, now: datetime
) -> Person:
    """Give a person another role, from their next click on; `before` is the one that `by` believes
    them to have. StudioError where somebody changed it meanwhile, for the last admin's, and for
    somebody whose role comes from the identity provider."""
    check_role(role)
    with writing(engine) as connection:
        check(as_of_now(connection, by), MANAGE)
        found = named_in(connection, name)
        if found.role == role:
            return found
        if found.provided:
            raise StudioError(
                f"{found.name}'s role comes from the identity provider.",
                "Change the groups there; it holds from the next sign-in.",
            )
        if found.role != before:
            raise StudioError(
                f"{found.name} is {found.role} by now, not {before}: somebody changed it "
                "meanwhile.",
                "Look at the list of people, then decide again.",
            )
        _keep_an_admin(connection, found)
        _set(connection, found.id, role=role)
        _write_down(connection, "change role", f"{found.name}: {found.role} -> {role}", by, now)
        return named_in(connection, name)


def shut(engine: Engine, name: str, *, by: str, now: datetime) -> Person:
    """Keep a person out: their sessions end, their tokens stop. What they did stays theirs."""
    with writing(engine) as connection:
        check(as_of_now(connection, by), MANAGE)
        found = named_in(connection, name)
        if found.shut:
            return found
        _keep_an_admin(connection, found)
        _set(connection, found.id, shut_at=stamp(now))
        for table, column in ((sessions, "ended_at"), (tokens, "withdrawn_at")):
            mine = (table.c.person == found.id, table.c[column].is_(None))
            connection.execute(table.update().where(*mine).values({column: stamp(now)}))
        _write_down(connection, "shut out", found.name, by, now)
        return named_in(connection, name)


def let_in(engine: Engine, name: str, *, by: str, now: datetime) -> Person:
    """Let somebody who was kept out sign in again."""
    with writing(engine) as connection:
        check(as_of_now(connection, by), MANAGE)
        found = named_in(connection, name)
        if found.shut:
            _set(connection, found.id, shut_at=None)
            _write_down(connection, "let in again", found.name, by, now)
        return named_in(connection, name)


def set_password(engine: Engine, name: str, password: str, *, by: str, now: datetime) -> Person:
    """Give a local person another password; all of their sessions and tokens end."""
    with engine.connect() as connection:
        check(as_of_now(connection, by), MANAGE)
    return _set_password(engine, name, password, by=by, now=now)


def change_password(
    engine: Engine, name: str, old: str, new: str, *, now: datetime, keep: int = 0
) -> Person:
    """A person's own change, who must know the old one; all their sessions but `keep` end, and
    their tokens: whoever had the old password may have made one.

    StudioError where the old one is wrong. Whoever calls counts the tries.
    """
    if not passwords.fits(password_hash(engine, name), old):
        raise StudioError("The old password is not right.", "Type it again, or ask an admin.")
    return _set_password(engine, name, new, by=name, now=now, keep=keep)


def _set_password(
    engine: Engine, name: str, password: str, *, by: str, now: datetime, keep: int = 0
) -> Person:
    with engine.connect() as connection:
        found = named_in(connection, name)
    if found.provided:
        raise StudioError(
            f"{found.name} signs in with the identity provider.", "The password is kept there."
        )
    hashed = passwords.hashed(passwords.check(password, found.name))
    with writing(engine) as connection:
        _set(connection, found.id, password=hashed)
        others = (sessions.c.person == found.id, sessions.c.id != keep)
        still = (*others, sessions.c.ended_at.is_(None))
        connection.execute(sessions.update().where(*still).values(ended_at=stamp(now)))
        live = (tokens.c.person == found.id, tokens.c.withdrawn_at.is_(None))
        connection.execute(tokens.update().where(*live).values(withdrawn_at=stamp(now)))
        _write_down(connection, "change password", found.name, by, now)
    return found


def as_of_now(connection: Connection, by: str) -> str:
    """Who acts, with no more than the role that they have by now: what they were told to be when a
    page was drawn may be long ago. NotAllowed for somebody who is kept out meanwhile."""
    row = _row(connection, people.c.folded == fold(by)) if isinstance(by, Actor) else None
    if row is None or not isinstance(by, Actor):
        return by
    if row.shut_at is not None:
        raise NotAllowed(f"{by} is deactivated.", "Ask an admin of the studio.")
    return Actor(by, lesser(by.role, row.role), scope=by.scope, token=by.token)


def password_hash(engine: Engine, name: str) -> str | None:
    """The hash of a local person who may come in; None for everybody else."""
    with engine.connect() as connection:
        row = _row(connection, people.c.folded == fold(name))
    return None if row is None or row.shut_at is not None else row.password


def named(engine: Engine, name: str) -> Person:
    """The person, or StudioError."""
    with engine.connect() as connection:
        return named_in(connection, name)


def known_as(engine: Engine, typed: str) -> str:
    """The name of the person whom somebody named; empty where there is none."""
    with engine.connect() as connection:
        row = _row(connection, people.c.folded == fold(typed))
    return "" if row is None else str(row.name)


def listing(engine: Engine) -> list[Person]:
    """Everybody, by name."""
    with engine.connect() as connection:
        return [
            _person(row) for row in connection.execute(sa.select(people).order_by(people.c.folded))
        ]


def _row(connection: Connection, where: sa.ColumnElement[bool]) -> sa.Row[Any] | None:
    return connection.execute(sa.select(people).where(where)).first()


def named_in(connection: Connection, name: str) -> Person:
    row = _row(connection, people.c.folded == fold(name))
    if row is None:
        raise StudioError(f"There is nobody named {name!r}.", "Look at the list of people.")
    return _person(row)


def _person(row: sa.Row[Any]) -> Person:
    return Person(
        id=row.id,
        name=row.name,
        role=row.role,
        local=row.password is not None,
        provided=row.subject is not None,
        created_at=row.created_at,
        shut=row.shut_at is not None,
    )


def _set(connection: Connection, id: int, **values: str | None) -> None:
    connection.execute(people.update().where(people.c.id == id).values(**values))


def _keep_an_admin(connection: Connection, found: Person) -> None:
    others = sa.select(people.c.id).where(
        people.c.role == "admin", people.c.shut_at.is_(None), people.c.id != found.id
    )
    if found.role == "admin" and not found.shut and connection.execute(others).first() is None:
        raise StudioError(f"{found.name} is the last admin.", "Make somebody else an admin first.")


def _write_down(connection: Connection, action: str, what: str, by: str, now: datetime) -> None:
    ledger.record(connection, at=now, actor=by, action=action, reason=what)
    bump(connection)

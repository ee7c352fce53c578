"""Sessions of browsers: a random secret in a cookie, its hash here, so that each can be ended."""

from __future__ import annotations

import hashlib
import secrets
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy import Engine

from studio.accounts.rights import Actor, check_own
from studio.accounts.tables import people, sessions
from studio.database import ledger
from studio.database.availability import DatabaseAway
from studio.database.engine import writing
from studio.database.ledger import stamp

UNUSED = timedelta(days=7)  # a session ends when nobody used it for so long
LONGEST = timedelta(days=30)
TOUCH = timedelta(hours=1)  # how finely its last use is kept

_touching = threading.Lock()


@dataclass(frozen=True)
class Held:
    """A session that stands: its number and who holds it, with the role they have now."""

    id: int
    person: int
    actor: Actor


@dataclass(frozen=True)
class Session:
    """One row as people see it."""

    id: int
    name: str
    began_at: str
    seen_at: str
    browser: str


def begin(engine: Engine, person: int, *, browser: str, now: datetime) -> str:
    """A session of this person; the secret is told here and nowhere kept."""
    secret = secrets.token_urlsafe(32)
    with writing(engine) as connection:
        old = stamp(now - LONGEST - UNUSED)
        connection.execute(sessions.delete().where(sessions.c.began_at < old))
        connection.execute(
            sessions.insert().values(
                hash=hashed(secret),
                person=person,
                began_at=stamp(now),
                seen_at=stamp(now),
                browser=browser[:200],
            )
        )
    return secret


def find(engine: Engine, secret: str, now: datetime, *, used: bool = True) -> Held | None:
    """Whose session this is; None for one that is ended, too old, forged, or of somebody shut.
    That it was `used` is kept where something can be written, and waited for by one at a time."""
    if not 20 <= len(secret) <= 100:
        return None
    query = (
        sa.select(sessions, people.c.name, people.c.role)
        .join(people, people.c.id == sessions.c.person)
        .where(
            sessions.c.hash == hashed(secret),
            sessions.c.ended_at.is_(None),
            people.c.shut_at.is_(None),
            sessions.c.began_at > stamp(now - LONGEST),
            sessions.c.seen_at > stamp(now - UNUSED),
        )
    )
    with engine.connect() as connection:
        row = connection.execute(query).first()
    if row is None:
        return None
    if used and row.seen_at < stamp(now - TOUCH) and _touching.acquire(blocking=False):
        try:
            with writing(engine) as connection:
                this = sessions.c.id == row.id
                connection.execute(sessions.update().where(this).values(seen_at=stamp(now)))
        except DatabaseAway:
            pass  # the next use tries again; who is there stays there
        finally:
            _touching.release()
    return Held(row.id, row.person, Actor(row.name, row.role))


def was_of(engine: Engine, hash: str, folded: str) -> bool:
    """Whether the session of this hash is or was the person's with this folded name."""
    query = sa.select(sessions.c.id).join(people, people.c.id == sessions.c.person)
    with engine.connect() as connection:
        mine = query.where(sessions.c.hash == hash, people.c.folded == folded)
        return connection.execute(mine).first() is not None


def end(engine: Engine, secret: str, now: datetime) -> None:
    """Sign out; twice changes nothing."""
    with writing(engine) as connection:
        this = (sessions.c.hash == hashed(secret), sessions.c.ended_at.is_(None))
        connection.execute(sessions.update().where(*this).values(ended_at=stamp(now)))


def end_of(engine: Engine, name: str, *, by: str, now: datetime, but: int = 0) -> int:
    """End all of a person's sessions except number `but`: one's own, or as who manages people.
    How many."""
    check_own(by, name, "manage people")
    mine = sa.select(people.c.id).where(people.c.name == str(name)).scalar_subquery()
    standing = (sessions.c.person == mine, sessions.c.ended_at.is_(None), sessions.c.id != but)
    with writing(engine) as connection:
        ended = sessions.update().where(*standing).values(ended_at=stamp(now))
        count = int(connection.execute(ended).rowcount)
        if count:
            reason = f"{name}: {count}"
            ledger.record(connection, at=now, actor=by, action="end sessions", reason=reason)
        return count


def listing(engine: Engine, now: datetime, name: str | None = None) -> list[Session]:
    """The sessions that stand, the last used first; of everybody unless a name is given."""
    query = (
        sa.select(sessions, people.c.name)
        .join(people, people.c.id == sessions.c.person)
        .where(sessions.c.ended_at.is_(None), sessions.c.seen_at > stamp(now - UNUSED))
        .where(sessions.c.began_at > stamp(now - LONGEST))
        .order_by(sessions.c.seen_at.desc())
    )
    if name is not None:
        query = query.where(people.c.name == str(name))
    with engine.connect() as connection:
        return [
            Session(row.id, row.name, row.began_at, row.seen_at, row.browser)
            for row in connection.execute(query)
        ]


def hashed(secret: str) -> str:
    """The secret is random and long, so that a plain hash hides it."""
    return hashlib.sha256(secret.encode()).hexdigest()


def told(browser: str) -> str:
    """A browser's word for itself as people say it: Firefox on Windows. Else its first words."""
    # Each claims to be those before it, too: the order tells who it is.
    names = {
        "Edg": "Edge",
        "OPR": "Opera",
        "Firefox": "Firefox",
        "Chrome": "Chrome",
        "Safari": "Safari",
    }
    systems = {
        "Android": "Android",
        "iPhone": "iPhone",
        "iPad": "iPad",
        "Windows": "Windows",
        "Mac OS": "macOS",
        "Linux": "Linux",
    }
    name = next((said for mark, said in names.items() if mark in browser), browser[:40])
    system = next((said for mark, said in systems.items() if mark in browser), "")
    return f"{name} on {system}" if system else name

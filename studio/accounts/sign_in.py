"""Signing in with a name and a password, such that nobody learns which names there are.

A name that does not exist is treated as one that does: the same steps, the same answer, the same
lock. Tries are counted before the password is looked at, so that many at once gain nothing.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy import Engine

from studio.accounts import passwords, people, refusal_log, rights, sessions
from studio.accounts.name_rules import fold
from studio.accounts.tables import sign_in_tries as tries
from studio.database import ledger
from studio.database.engine import writing
from studio.database.ledger import stamp

FREE = 5  # wrong passwords in a row before a name is locked
LOCK = timedelta(minutes=1)  # the first time; twice as long after each further one
LONGEST = timedelta(hours=1)
FORGOTTEN = timedelta(days=1)

NO = (
    "This name and this password do not go together, or there were too many tries. "
    "After five wrong ones a name rests for a minute, and longer each time."
)


def sign_in(engine: Engine, name: str, password: str, *, browser: str, now: datetime) -> str | None:
    """A new session's secret; None where the two do not go together or the name is locked."""
    locked = begin_try(engine, name, now)
    fits = passwords.fits(people.password_hash(engine, name), password)
    if locked or not fits:
        why = "locked" if locked else "wrong name or password"
        who = people.known_as(engine, name) or refusal_log.UNKNOWN
        refusal_log.note(who, refusal_log.SIGN_IN, stranger=True, why=why)
        return None
    forget_tries(engine, name)
    return sessions.begin(engine, people.named(engine, name).id, browser=browser, now=now)


def begin_try(engine: Engine, name: str, now: datetime) -> bool:
    """Count one try on a name before it is known to fail; True where the name is locked."""
    key = _key(name)
    with writing(engine) as connection:
        connection.execute(tries.delete().where(tries.c.last_at < stamp(now - FORGOTTEN)))
        row = connection.execute(sa.select(tries).where(tries.c.name == key)).first()
        failed = row.failed if row else 0
        # A clock that goes back must not lengthen the lock.
        last = min(datetime.fromisoformat(row.last_at), now) if row else now
        if failed >= FREE and now < last + _lock(failed):
            return True
        values = {"failed": failed + 1, "last_at": stamp(now)}
        if row:
            connection.execute(tries.update().where(tries.c.name == key).values(**values))
        else:
            connection.execute(tries.insert().values(name=key, **values))
    return False


def unlock(engine: Engine, name: str, *, by: str, now: datetime) -> None:
    """Let a name try again at once. StudioError where there is nobody of that name."""
    with writing(engine) as connection:
        rights.check(people.as_of_now(connection, by), people.MANAGE)
        found = people.named_in(connection, name)
        forget_tries(engine, found.name)
        ledger.record(connection, at=now, actor=by, action="unlock", reason=found.name)


def forget_tries(engine: Engine, name: str) -> None:
    """After a sign-in that went well, or because the name is unlocked."""
    with writing(engine) as connection:
        connection.execute(tries.delete().where(tries.c.name == _key(name)))


def _lock(failed: int) -> timedelta:
    return min(LOCK * 2 ** min(failed - FREE, 10), LONGEST)


def _key(name: str) -> str:
    """Hashed, since people type their password into the wrong field."""
    return hashlib.sha256(fold(name[:200]).encode()).hexdigest()

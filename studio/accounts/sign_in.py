"""Signing in with a name and a password, such that nobody learns which names there are.

A name that does not exist is treated as one that does: the same steps, the same answer, the same
lock. Tries are counted before the password is looked at, so that many at once gain nothing. They
are counted by name and sender, so that somebody else's wrong ones keep nobody out.
"""

from __future__ import annotations

import hashlib
import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy import Engine

from studio.accounts import passwords, people, refusal_log, rights, sessions
from studio.accounts.name_rules import fold
from studio.accounts.tables import sign_in_tries as tries
from studio.database import ledger
from studio.database.engine import writing
from studio.database.ledger import stamp

FREE = 5  # wrong passwords in a row before a name is locked for their sender
EVERY = 1000  # from all senders together, before it is locked for those who never signed in
LOCK = timedelta(minutes=1)  # the first time; twice as long after each further one
LONGEST = timedelta(hours=1)
FORGOTTEN = timedelta(days=1)

NO = (
    "This name and this password do not go together, or there were too many tries. "
    "After five wrong ones a name rests for a minute, and longer each time."
)


@dataclass(frozen=True)
class Sender:
    """Where a try comes from: an address, or a browser that this person signed in with before."""

    name: str = ""
    known: bool = False


NOWHERE = Sender()


def sender_of(engine: Engine, name: str, address: str, session: str) -> Sender:
    """The sender by a connection's address and the hash of an earlier `session`, which may be over;
    "" for none."""
    if session and sessions.was_of(engine, session, fold(name)):
        return Sender(session, known=True)
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return Sender(address)
    if found.version == 6:  # a line has as many of these as it likes
        return Sender(str(ipaddress.ip_network((found, 64), strict=False)))
    return Sender(address)


def sign_in(
    engine: Engine,
    name: str,
    password: str,
    *,
    browser: str,
    now: datetime,
    sender: Sender = NOWHERE,
) -> str | None:
    """A new session's secret; None where the two do not go together or the name is locked."""
    locked = begin_try(engine, name, now, sender)
    if locked or not passwords.fits(people.password_hash(engine, name), password):
        why = "locked" if locked else "wrong name or password"
        who = people.known_as(engine, name) or refusal_log.UNKNOWN
        refusal_log.note(who, refusal_log.SIGN_IN, stranger=True, why=why)
        return None
    _forgive(engine, name, sender)
    return sessions.begin(engine, people.named(engine, name).id, browser=browser, now=now)


def begin_try(engine: Engine, name: str, now: datetime, sender: Sender = NOWHERE) -> bool:
    """Count one try on a name before it is known to fail; True where the name is locked."""
    limits = {_key(name, sender): FREE} | ({} if sender.known else {_key(name): EVERY})
    with writing(engine) as connection:
        connection.execute(tries.delete().where(tries.c.last_at < stamp(now - FORGOTTEN)))
        found = connection.execute(sa.select(tries).where(tries.c.name.in_(limits)))
        rows = {row.name: row for row in found}
        for key, row in rows.items():
            # A clock that goes back must not lengthen the lock.
            last = min(datetime.fromisoformat(row.last_at), now)
            over = row.failed - limits[key]
            if over >= 0 and now < last + _lock(over):
                return True
        for key in limits:
            if key in rows:
                values = {"failed": rows[key].failed + 1, "last_at": stamp(now)}
                connection.execute(tries.update().where(tries.c.name == key).values(**values))
            else:
                connection.execute(tries.insert().values(name=key, failed=1, last_at=stamp(now)))
    return False


def unlock(engine: Engine, name: str, *, by: str, now: datetime) -> None:
    """Let a name try again at once. StudioError where there is nobody of that name."""
    with writing(engine) as connection:
        rights.check(people.as_of_now(connection, by), people.MANAGE)
        found = people.named_in(connection, name)
        forget_tries(engine, found.name)
        ledger.record(connection, at=now, actor=by, action="unlock", reason=found.name)


def forget_tries(engine: Engine, name: str) -> None:
    """After an admin unlocked the name: all tries on it, whoever sent them."""
    with writing(engine) as connection:
        connection.execute(tries.delete().where(tries.c.name.startswith(_key(name))))


def _forgive(engine: Engine, name: str, sender: Sender) -> None:
    """After a sign-in that went well: it was no wrong one, and its sender's are forgotten."""
    with writing(engine) as connection:
        connection.execute(tries.delete().where(tries.c.name == _key(name, sender)))
        if not sender.known:
            one_less = {"failed": tries.c.failed - 1}
            connection.execute(tries.update().where(tries.c.name == _key(name)).values(**one_less))


def _lock(over: int) -> timedelta:
    return min(LOCK * 2 ** min(over, 10), LONGEST)


def _key(name: str, sender: Sender | None = None) -> str:
    """Hashed, since people type their password into the wrong field. A name's key is the beginning
    of those with a sender."""
    told = hashlib.sha256(fold(name[:200]).encode()).hexdigest()
    return f"{told}:{hashlib.sha256(sender.name.encode()).hexdigest()}" if sender else told

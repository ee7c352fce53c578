"""Leases by name: of all processes that could do something, the one that holds its lease does it.

The holder renews it every few seconds, and stops at once where it is told that it lost it. One that
died lets it run out, and another takes it. A `holder` names one process for ever: a number that a
later process may have again is not enough. Leases of jobs are another thing
(`studio.jobs.leases`). Taking and releasing count as changes of the database, renewing does not.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy import Connection, Engine

from studio.database.engine import bump, metadata, writing
from studio.database.ledger import stamp

LONGEST = timedelta(minutes=5)

leases = sa.Table(
    "leases",
    metadata,
    sa.Column("name", sa.String, primary_key=True),
    sa.Column("holder", sa.String, nullable=False),
    sa.Column("until_at", sa.String, nullable=False),
    sa.Column("taken_at", sa.String, nullable=False),
)


@dataclass
class Silence:
    """How long a lease was not renewed, by a clock that nobody sets: the one that leases are
    written by may be put forward by a day, and all of them would seem to have run out. For one
    lease and one process that waits for it."""

    renewal: tuple[str, str] | None = None
    since: float = 0.0

    def of(self, holder: str, until_at: str) -> float:
        """Seconds since this renewal was first seen; it is seen by asking."""
        if self.renewal != (holder, until_at):
            self.renewal, self.since = (holder, until_at), time.monotonic()
        return time.monotonic() - self.since


def take(
    engine: Engine,
    name: str,
    holder: str,
    now: datetime,
    length: timedelta,
    silence: Silence | None = None,
) -> bool:
    """Hold the lease for `length`, at most LONGEST; False: another process holds it.

    True also for who holds it already. Another's is taken once it ran out. Who asks again and
    again gives a `silence` of its own: then it is taken after half of `length` without a renewal
    where it ran out by the clock, and after one and a half whatever the clock says.
    """
    if length > LONGEST:
        raise ValueError(f"a lease of {length} is longer than {LONGEST}")
    with engine.connect() as connection:  # who waits asks often, and needs no write lock for it
        if not _free(connection, name, holder, now, length, silence):
            return False
    with writing(engine) as connection:
        if not _free(connection, name, holder, now, length, silence):
            return False
        if _renew(connection, name, holder, now, length):
            return True
        connection.execute(leases.delete().where(leases.c.name == name))
        values = {"holder": holder, "until_at": stamp(now + length), "taken_at": stamp(now)}
        connection.execute(leases.insert().values(name=name, **values))
        bump(connection)
        return True


def renew(engine: Engine, name: str, holder: str, now: datetime, length: timedelta) -> bool:
    """Hold it for another `length`. False: it was lost, so stop what it is needed for."""
    with writing(engine) as connection:
        return _renew(connection, name, holder, now, length)


def release(engine: Engine, name: str, holder: str) -> None:
    """Let another take it at once; nothing where it was lost."""
    mine = (leases.c.name == name) & (leases.c.holder == holder)
    with writing(engine) as connection:
        if connection.execute(leases.delete().where(mine)).rowcount:
            bump(connection)


def held_by(engine: Engine, name: str, now: datetime) -> str | None:
    """Who holds the lease; None: nobody, or one who has not renewed it in time."""
    with engine.connect() as connection:
        row = connection.execute(sa.select(leases).where(leases.c.name == name)).first()
    return None if row is None or _ran_out(row.until_at, now) else str(row.holder)


def _free(
    connection: Connection,
    name: str,
    holder: str,
    now: datetime,
    length: timedelta,
    silence: Silence | None,
) -> bool:
    """Whether `holder` may have the lease."""
    row = connection.execute(sa.select(leases).where(leases.c.name == name)).first()
    if row is None or row.holder == holder:
        return True
    ran_out = _ran_out(row.until_at, now)
    if silence is None:
        return ran_out
    return silence.of(row.holder, row.until_at) > length.total_seconds() * (0.5 if ran_out else 1.5)


def _ran_out(until_at: str, now: datetime) -> bool:
    """Also where it was written before the clock was put back: none is twice as long as the
    longest, even for one whose `now` is from before it waited for the database."""
    return not stamp(now) <= until_at <= stamp(now + 2 * LONGEST)


def _renew(
    connection: Connection, name: str, holder: str, now: datetime, length: timedelta
) -> bool:
    mine = (leases.c.name == name) & (leases.c.holder == holder)
    values = {"until_at": stamp(now + length)}
    return connection.execute(leases.update().where(mine).values(**values)).rowcount == 1

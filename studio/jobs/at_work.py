"""Who works in a studio by what its database says: a worker, a watcher, a command with its job."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Engine

from studio.database.ledger import stamp
from studio.jobs import named_leases, workers
from studio.jobs.table import jobs

KILLED = "one that was killed is forgotten after half a minute."


def found(engine: Engine, now: datetime) -> tuple[str, str] | None:
    """What is at work, and its name; None: nothing. A database of before may lack any table."""
    with engine.connect() as connection:
        known = sa.inspect(connection).get_table_names()
    if "workers" in known and (alive := workers.alive(engine, now)):
        return "worker", alive[0].name
    if "leases" in known and (holder := named_leases.held_by(engine, named_leases.WATCHER, now)):
        return "watcher", holder
    if "leases" not in known:  # jobs were written otherwise
        return None
    held = (jobs.c.state == "running") & (jobs.c.lease_until > stamp(now))
    with engine.connect() as connection:
        row = connection.execute(sa.select(jobs.c.id, jobs.c.worker).where(held)).first()
    return None if row is None else (f"job ({row.id})", str(row.worker))

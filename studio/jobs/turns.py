"""Whose turn it is: people who wait in one lane are served in turn, one job each.

A job gets the number of its turn when it is asked for, and jobs are taken by it: a person's next
one comes a turn after the one before, and whoever comes anew joins the turn that is at work (start
times of fair queueing: Goyal, Vin and Cheng, 1996). So taking a job needs nothing more than an
order, and nobody waits for all of another's hundreds.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement, Connection

from studio.database.ledger import stamp
from studio.jobs.table import Lane, jobs


def next_of(
    connection: Connection, lane: Lane, person: str, now: datetime, begin: datetime | None
) -> int:
    """The turn of a job of `person` that is asked for now, to be taken at `begin` or at once.

    What waits for a later time than its own holds nothing up: it counts for nobody's turn.
    """
    taken = jobs.c.attempt > 0
    by_then = sa.or_(jobs.c.not_before.is_(None), jobs.c.not_before <= stamp(begin or now))
    waits = sa.and_(jobs.c.state == "queued", by_then)
    at_work = _last(connection, jobs.c.lane == lane, taken)
    own = _last(connection, jobs.c.lane == lane, jobs.c.asked_by == person, sa.or_(taken, waits))
    return max(0 if at_work is None else at_work, 0 if own is None else own + 1)


def _last(connection: Connection, *among: ColumnElement[Any]) -> int | None:
    """The highest turn of such jobs: by an index, without a look at all that ever were."""
    query = sa.select(jobs.c.turn).where(*among).order_by(jobs.c.turn.desc()).limit(1)
    return connection.execute(query).scalar()

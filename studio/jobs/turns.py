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


def _highest(*among: ColumnElement[Any]) -> sa.Select[Any]:
    """The highest turn of such jobs: by an index, without a look at all that ever were."""
    mine = (jobs.c.lane == sa.bindparam("lane"), *among)
    return sa.select(jobs.c.turn).where(*mine).order_by(jobs.c.turn.desc()).limit(1)


_TAKEN = jobs.c.attempt > 0
_BY_THEN = sa.or_(jobs.c.not_before.is_(None), jobs.c.not_before <= sa.bindparam("begin"))
_WAITS = sa.and_(jobs.c.state == "queued", _BY_THEN)
_AT_WORK = _highest(_TAKEN)
_OWN = _highest(jobs.c.asked_by == sa.bindparam("person"), sa.or_(_TAKEN, _WAITS))


def next_of(
    connection: Connection, lane: Lane, person: str, now: datetime, begin: datetime | None
) -> int:
    """The turn of a job of `person` that is asked for now, to be taken at `begin` or at once.

    What waits for a later time than its own holds nothing up: it counts for nobody's turn.
    """
    at_work = connection.execute(_AT_WORK, {"lane": lane}).scalar()
    told = {"lane": lane, "person": person, "begin": stamp(begin or now)}
    own = connection.execute(_OWN, told).scalar()
    return max(0 if at_work is None else at_work, 0 if own is None else own + 1)

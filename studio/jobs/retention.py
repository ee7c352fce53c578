"""Old jobs leave the disk after a season; the table says for ever who asked for what."""

from __future__ import annotations

import shutil
from datetime import datetime, timedelta
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy import Engine

from studio.database.ledger import stamp
from studio.jobs.table import ENDED, jobs
from studio.numbers import counted

KEPT_DAYS = 90
AT_ONCE = 500  # folders looked up in one query


def prune(engine: Engine, home: Path, now: datetime) -> int:
    """Remove the folders, with logs and all, of jobs that ended KEPT_DAYS ago; how many."""
    named = (counted(f.name) for f in (home / "jobs").glob("[0-9]*"))
    found = sorted(number for number in named if number is not None)
    before, gone = stamp(now - timedelta(days=KEPT_DAYS)), 0
    for start in range(0, len(found), AT_ONCE):
        old = sa.select(jobs.c.id).where(
            jobs.c.id.in_(found[start : start + AT_ONCE]),
            jobs.c.state.in_(ENDED),
            jobs.c.ended_at < before,
        )
        with engine.connect() as connection:
            for id in connection.execute(old).scalars():
                shutil.rmtree(home / "jobs" / str(id), ignore_errors=True)
                gone += 1
    return gone

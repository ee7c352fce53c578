"""What own machines' hours cost: run times of jobs' attempts, by the price that the team set.

Each attempt is counted once it has ended, by the prices that held at that moment, whatever became
of the job. An attempt on a machine that had no price costs nothing, also where one is set later.
Two jobs that ran on one machine at once are counted both: the price is that of an hour of work.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Engine, Row

from studio.charges import by_hand, prices
from studio.charges.by_hand import Hours
from studio.charges.prices import PriceList
from studio.database.engine import writing
from studio.jobs.run_times import runs
from studio.jobs.table import jobs
from studio.jobs.workers import machine_of

AT_ONCE = 500
MILLISECOND = timedelta(milliseconds=1)


def count(engine: Engine) -> int:
    """Count what has ended since the last time, at most AT_ONCE attempts; how many. The watcher
    calls it; without prices of own machines there is nothing to count."""
    lists = prices.versions(engine, prices.OWN)
    if not lists:
        return 0
    first = lists[-1].since
    ended = sa.select(runs.c.job).where(runs.c.counted.is_(False), runs.c.ended_at >= first)
    with engine.connect() as connection:  # most looks find nothing; they need no write lock
        if connection.execute(ended.limit(1)).first() is None:
            return 0
    with writing(engine) as connection:
        found = connection.execute(_ended(first)).all()
        for row in found:
            _count(connection, row, lists)
        return len(found)


def style_of(payload: Mapping[str, Any]) -> str:
    """The style that a job is for: the one that it names, or all sides of its ballot; "" for none
    and for several."""
    sides = payload.get("sides")
    told = [payload, *(sides if isinstance(sides, list) else [])]
    styles = [one.get("style") for one in told if isinstance(one, Mapping)]
    found = {style for style in styles if isinstance(style, str) and style}
    return found.pop() if len(found) == 1 else ""


def _ended(first: str) -> sa.Select[Any]:
    return (
        sa.select(runs, jobs.c.kind, jobs.c.payload, jobs.c.asked_by)
        .join(jobs, jobs.c.id == runs.c.job)
        .where(runs.c.counted.is_(False), runs.c.ended_at >= first)
        .order_by(runs.c.ended_at)
        .limit(AT_ONCE)
    )


def _count(connection: Connection, run: Row[Any], lists: Sequence[PriceList]) -> None:
    """Keep what one attempt cost; `lists` has the newest version first."""
    machine = machine_of(run.worker)
    began, ended = (datetime.fromisoformat(at) for at in (run.began_at, run.ended_at))
    held = next(one for one in lists if one.since <= run.ended_at)
    if held.price(machine) is not None:
        took = max(0, (ended - began) // MILLISECOND)  # a clock may be set back meanwhile
        hours = Hours(
            key=f"run {run.job}/{run.attempt}",
            quote=held.quote(machine, took),
            kind=run.kind,
            what=f"job {run.job}, attempt {run.attempt}",
            style=style_of(run.payload),
            person=run.asked_by,
            machine=machine,
            job=run.job,
            at=ended.astimezone(UTC),
        )
        by_hand.count_hours(connection, hours)
    this = (runs.c.job == run.job) & (runs.c.attempt == run.attempt)
    connection.execute(runs.update().where(this).values(counted=True))

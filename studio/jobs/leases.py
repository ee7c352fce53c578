"""What workers do with jobs: take one, hold it by beats, and write how it goes and ends.

Every write names the attempt that it belongs to and is refused (False) once the job has ended or
another attempt has it. Changes of state count as changes of the database (`db.revision`); beats
and progress do not, since they come every second and would empty every cache: who shows them
reads the one row anew.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Engine

from studio.database.engine import bump, writing
from studio.database.ledger import stamp
from studio.jobs import run_times
from studio.jobs.emit import Answer
from studio.jobs.processes import Group
from studio.jobs.queue import cancelled_values
from studio.jobs.table import ENDED, ORDER, Job, Lane, as_job, events, jobs

ATTEMPTS = 3  # times that a job's process may end without a word


@dataclass
class Silence:
    """Which running jobs have not been heard of, by a clock that nobody sets: the one that leases
    are written by may be put forward by a day, and all of them would seem to have run out."""

    heard: dict[int, tuple[tuple[int, str | None], float]] = field(default_factory=dict)

    def of(self, engine: Engine, lane: Lane, now: datetime, lease: timedelta) -> dict[int, int]:
        """Those of `lane`, each with its attempt, without a beat for half a lease where theirs ran
        out; where it seems not to have, the clock having been put back, for one and a half. Beats
        are heard by asking: ask once a second."""
        beats = sa.select(jobs.c.id, jobs.c.attempt, jobs.c.heartbeat_at, jobs.c.lease_until)
        with engine.connect() as connection:
            running = beats.where(jobs.c.lane == lane, jobs.c.state == "running")
            found = connection.execute(running).all()
        moment, silent = time.monotonic(), dict[int, int]()
        heard: dict[int, tuple[tuple[int, str | None], float]] = {}
        for id, attempt, beat, lease_until in found:
            before = self.heard.get(id)
            known = before is not None and before[0] == (attempt, beat)
            heard[id] = before if before and known else ((attempt, beat), moment)
            ran_out = lease_until is not None and lease_until < stamp(now)
            if moment - heard[id][1] > lease.total_seconds() * (0.5 if ran_out else 1.5):
                silent[id] = attempt
        self.heard = heard
        return silent


def take(
    engine: Engine,
    worker: str,
    lane: Lane,
    now: datetime,
    lease: timedelta,
    silent: Mapping[int, int] | None = None,
    *,
    knows: Mapping[str, int] | None = None,
    id: int | None = None,
    fits: sa.ColumnElement[bool] | None = None,
) -> Job | None:
    """The first job of `lane` that waits, its time being come, or whose worker fell silent, now
    `worker`'s; or None. `silent` names such jobs and their attempts; None: those whose lease ran
    out by the clock. `knows` are the kinds that the worker can do, each with the newest schema of
    its payload that it can read; what it does not know it leaves alone. None: all. With `id` that
    job and no other.

    The row still names the process group of the attempt before, if it had one: end that first,
    then look whether the job was lost too often or cancelled, then `begin`.
    """
    free = sa.or_(
        sa.and_(
            jobs.c.state == "queued",
            sa.or_(jobs.c.not_before.is_(None), jobs.c.not_before <= stamp(now)),
        ),
        sa.and_(
            jobs.c.state == "running",
            jobs.c.lease_until < stamp(now)
            if silent is None
            else sa.tuple_(jobs.c.id, jobs.c.attempt).in_(list(silent.items())),
        ),
    )
    readable = [
        (jobs.c.kind == kind) & (jobs.c.schema <= schema) for kind, schema in (knows or {}).items()
    ]
    able = sa.true() if knows is None else sa.or_(sa.false(), *readable)
    wanted = (jobs.c.lane == lane, free, able, sa.true() if fits is None else fits)
    first = sa.select(jobs).where(*wanted).order_by(*ORDER).limit(1)
    if id is not None:
        first = first.where(jobs.c.id == id)
    with engine.connect() as connection:  # most looks find nothing; they need no write lock
        if connection.execute(first).first() is None:
            return None
    with writing(engine) as connection:
        row = connection.execute(first).first()
        if row is None:
            return None
        found = as_job(row)
        values = {
            "state": "running",
            "attempt": found.attempt + 1,
            "lost": found.lost + (found.state == "running"),
            "worker": worker,
            "lease_until": stamp(now + lease),
            "heartbeat_at": stamp(now),
        }
        if found.attempt:
            run_times.end(connection, found.id, found.attempt, found.heartbeat_at)
        connection.execute(jobs.update().where(jobs.c.id == found.id).values(**values))
        bump(connection)
        if lane != "elsewhere":  # its machine counts its time itself
            run_times.begin(connection, found.id, found.attempt + 1, worker, stamp(now))
        return as_job(connection.execute(sa.select(jobs).where(jobs.c.id == found.id)).one())


def begin(engine: Engine, job: Job, group: Group, now: datetime) -> bool:
    """Note the process group that does this attempt."""
    values = {
        "group_id": group.id,
        "group_born": group.born,
        "group_mark": group.mark,
        "started_at": stamp(now),
    }
    return _write(engine, job.id, job.attempt, values)


def beat(engine: Engine, id: int, attempt: int, now: datetime, lease: timedelta) -> bool:
    """Hold the job for another `lease`. False: it is no longer this attempt's, so stop it."""
    values = {"heartbeat_at": stamp(now), "lease_until": stamp(now + lease)}
    return _write(engine, id, attempt, values, counts=False)


def progress(
    engine: Engine,
    id: int,
    attempt: int,
    says: str,
    done: int,
    total: int,
    unit: str = "",
    phase: str = "",
) -> bool:
    """Note how far it is; `total` 0: not known. At most once a second, please."""
    values = {"says": says, "done": done, "total": total, "unit": unit, "phase": phase}
    return _write(engine, id, attempt, values, counts=False)


def ours(connection: Connection, id: int, attempt: int) -> bool:
    """Whether this attempt still has the job, held until the transaction's end."""
    mine = (jobs.c.id == id) & (jobs.c.attempt == attempt) & (jobs.c.state == "running")
    return connection.execute(sa.select(jobs.c.id).where(mine)).first() is not None


def applied(engine: Engine, id: int) -> dict[int, Answer]:
    """The numbers of the job's events that were applied, each with what was answered."""
    with engine.connect() as connection:
        query = sa.select(events.c.number, events.c.answer).where(events.c.job == id)
        return {row.number: row.answer for row in connection.execute(query)}


def apply(engine: Engine, id: int, attempt: int, number: int, answer: Answer) -> bool:
    """Note that an event of the job is applied. False: another attempt has the job."""
    with writing(engine) as connection:
        if not ours(connection, id, attempt):
            return False
        there = (events.c.job == id) & (events.c.number == number)
        if connection.execute(sa.select(events).where(there)).first() is None:
            connection.execute(events.insert().values(job=id, number=number, answer=answer))
        return True


def keep(engine: Engine, id: int, attempt: int, kept: Mapping[str, Any]) -> bool:
    """Note what a later attempt needs to go on, in place of what was noted before."""
    return _write(engine, id, attempt, {"kept": dict(kept)})


def finish(engine: Engine, id: int, attempt: int, result: Mapping[str, Any], now: datetime) -> bool:
    """The job is done."""
    values = {"state": "done", "result": dict(result), "ended_at": stamp(now)}
    return _write(engine, id, attempt, values)


def fail(engine: Engine, id: int, attempt: int, message: str, remedy: str, now: datetime) -> bool:
    """The job failed for a reason that another attempt would meet again."""
    values = {"state": "failed", "error": message, "remedy": remedy, "ended_at": stamp(now)}
    return _write(engine, id, attempt, values)


def drop(engine: Engine, id: int, attempt: int, now: datetime) -> bool:
    """The job was ended because somebody cancelled it."""

    def values(job: Job) -> dict[str, Any]:
        return cancelled_values(job, job.cancel_by or "", now)

    return _change(engine, id, attempt, values)


def release(engine: Engine, id: int, attempt: int) -> bool:
    """Put it back into the queue: its worker stops, which is no fault of the job's."""
    return _write(engine, id, attempt, _WAITING)


def put_off(engine: Engine, id: int, attempt: int, says: str, until: datetime) -> bool:
    """Put it back into the queue, to be taken again at `until`: it waits for something else."""
    values = {**_WAITING, "not_before": stamp(until), "says": says}
    return _write(engine, id, attempt, values)


def lose(engine: Engine, id: int, attempt: int, reason: str, now: datetime) -> bool:
    """Its process ended without a word: back into the queue, or failed after three times."""

    def values(job: Job) -> dict[str, Any]:
        if job.lost + 1 < ATTEMPTS:
            return {**_WAITING, "lost": job.lost + 1, "says": f"Waits to go on: {reason}"}
        return {"lost": job.lost + 1, **given_up(reason, now)}

    return _change(engine, id, attempt, values)


def give_up(engine: Engine, id: int, attempt: int, reason: str, now: datetime) -> bool:
    """Fail a job that was lost too often; `reason` is the last time's."""
    return _write(engine, id, attempt, given_up(reason, now))


def given_up(reason: str, now: datetime) -> dict[str, Any]:
    """What the row of a job says that was lost too often."""
    return {
        "state": "failed",
        "error": f"Tried {ATTEMPTS} times, and each time it was cut off. The last time: {reason}",
        "remedy": "Its log shows how far it came. If memory ran out, ask for less at once: a "
        "smaller batch, rank or size.",
        "ended_at": stamp(now),
    }


_WAITING: dict[str, Any] = {
    "state": "queued",
    "worker": None,
    "lease_until": None,
    "group_id": None,
    "group_born": None,
    "group_mark": None,
}


def _write(
    engine: Engine, id: int, attempt: int, values: Mapping[str, Any], counts: bool = True
) -> bool:
    with writing(engine) as connection:
        return _update(connection, id, attempt, counts, values)


def _change(engine: Engine, id: int, attempt: int, values: Callable[[Job], dict[str, Any]]) -> bool:
    with writing(engine) as connection:
        row = connection.execute(sa.select(jobs).where(jobs.c.id == id)).first()
        return row is not None and _update(connection, id, attempt, True, values(as_job(row)))


def _update(
    connection: Connection, id: int, attempt: int, counts: bool, values: Mapping[str, Any]
) -> bool:
    mine = (jobs.c.id == id) & (jobs.c.attempt == attempt) & (jobs.c.state == "running")
    written = connection.execute(jobs.update().where(mine).values(**values)).rowcount == 1
    if written and values.get("state") in ENDED:  # nobody asks for its events any more
        connection.execute(events.delete().where(events.c.job == id))
    if written and "state" in values:
        run_times.end(connection, id, attempt, values.get("ended_at"))
    if written and counts:
        bump(connection)
    return written

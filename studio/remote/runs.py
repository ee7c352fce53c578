"""What was sent to machines: written before it is sent, and open until nothing of it is left there.

A run goes *meant* (its id is made), *sent* (the machine may have it from now on), *taken* (it said
so), and *ended* once how it ended is known. It is closed when its job has ended and the machine was
told to forget it; of one that is not, the machine is asked by its id before anything is sent again.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy import Engine, Row

from studio.database.engine import bump, writing
from studio.database.ledger import stamp
from studio.jobs.table import ENDED as JOB_ENDED
from studio.jobs.table import jobs
from studio.masking import masked
from studio.remote.tables import machine_runs

RunState = Literal["meant", "sent", "taken", "ended"]
NOTE = 300  # characters
AT_ONCE = 50
LOST = timedelta(days=1)  # without a word from its machine, after which it is given up


@dataclass(frozen=True)
class Run:
    """One row. `charge` is what it costs, None where its machine costs nothing; milliseconds are as
    the machine said them last. `due` is when one is looked at whose job has ended."""

    id: str
    job: int
    machine: str
    state: RunState
    charge: int | None
    waited_ms: int
    computed_ms: int
    note: str
    made_at: str
    sent_at: str | None
    ended_at: str | None
    closed_at: str | None
    due: str | None


def of_job(engine: Engine, job: int) -> Run | None:
    """The run of a job that is open."""
    c = machine_runs.c
    query = sa.select(machine_runs).where(c.job == job, c.closed_at.is_(None))
    with engine.connect() as connection:
        row = connection.execute(query.order_by(c.made_at.desc()).limit(1)).first()
        return _run(row) if row else None


def of_id(engine: Engine, id: str) -> Run:
    """The run of that id, as it is now."""
    with engine.connect() as connection:
        query = sa.select(machine_runs).where(machine_runs.c.id == id)
        return _run(connection.execute(query).one())


def mean(engine: Engine, job: int, machine: str, now: datetime) -> Run:
    """A run of a job that is to be sent to a machine; the one that is open where there is one."""
    c = machine_runs.c
    with writing(engine) as connection:
        open_ = sa.select(machine_runs).where(c.job == job, c.closed_at.is_(None))
        row = connection.execute(open_).first()
        if row is not None:
            return _run(row)
        values: dict[str, Any] = {
            "id": secrets.token_hex(16),
            "job": job,
            "machine": machine,
            "state": "meant",
            "charge": None,
            "waited_ms": 0,
            "computed_ms": 0,
            "note": "",
            "made_at": stamp(now),
        }
        connection.execute(machine_runs.insert().values(**values))
        return _run(connection.execute(sa.select(machine_runs).where(c.id == values["id"])).one())


def charged(engine: Engine, id: str, charge: int) -> None:
    """Which charge the run is."""
    _set(engine, id, charge=charge)


def sending(engine: Engine, id: str, now: datetime) -> None:
    """From now on the machine may have it."""
    c = machine_runs.c
    meant = machine_runs.update().where(c.id == id, c.state == "meant")
    with writing(engine) as connection:
        connection.execute(meant.values(state="sent", sent_at=stamp(now)))


def heard(
    engine: Engine, id: str, state: RunState, waited_ms: int, computed_ms: int, now: datetime
) -> None:
    """What the machine said of it: that it has it, or that it ended."""
    values: dict[str, Any] = {"waited_ms": waited_ms, "computed_ms": computed_ms, "note": ""}
    more = {"ended_at": stamp(now)} if state == "ended" else {}
    _set(engine, id, state=state, **values, **more)


def close(engine: Engine, id: str, now: datetime, note: str = "") -> None:
    """Nothing of it is left there, as far as can be known."""
    with writing(engine) as connection:
        this = machine_runs.update().where(machine_runs.c.id == id)
        kept = {"closed_at": stamp(now), "note": masked(note)[:NOTE], "due": None}
        connection.execute(this.values(**kept))
        bump(connection)


def put_off(engine: Engine, id: str, note: str, until: datetime) -> None:
    """Its machine does not answer: it is asked again then."""
    _set(engine, id, note=masked(note)[:NOTE], due=stamp(until))


def left(engine: Engine, now: datetime) -> list[Run]:
    """The open runs whose job has ended, and whose time to be looked at has come."""
    c = machine_runs.c
    query = (
        sa.select(machine_runs)
        .join(jobs, jobs.c.id == c.job)
        .where(c.closed_at.is_(None), jobs.c.state.in_(JOB_ENDED))
        .where(sa.or_(c.due.is_(None), c.due <= stamp(now)))
        .order_by(c.made_at)
        .limit(AT_ONCE)
    )
    with engine.connect() as connection:
        return [_run(row) for row in connection.execute(query)]


def at_work(engine: Engine) -> dict[str, int]:
    """How many jobs each machine has now, by its name."""
    c = machine_runs.c
    name = sa.func.coalesce(c.machine, jobs.c.where)  # taken, and its run not meant yet
    its = sa.and_(c.job == jobs.c.id, c.closed_at.is_(None))
    query = (
        sa.select(name, sa.func.count())
        .select_from(sa.outerjoin(jobs, machine_runs, its))
        .where(jobs.c.lane == "elsewhere", jobs.c.state == "running")
        .group_by(name)
    )
    with engine.connect() as connection:
        return {str(name): int(count) for name, count in connection.execute(query)}


def newest(engine: Engine, machine: str, most: int) -> list[Run]:
    """A machine's runs, the newest first."""
    c = machine_runs.c
    query = sa.select(machine_runs).where(c.machine == machine)
    with engine.connect() as connection:
        found = connection.execute(query.order_by(c.made_at.desc()).limit(most))
        return [_run(row) for row in found]


def totals(engine: Engine, machines: Collection[str]) -> dict[str, tuple[int, int]]:
    """How many runs each machine had, and what they computed in milliseconds."""
    c = machine_runs.c
    query = sa.select(c.machine, sa.func.count(), sa.func.sum(c.computed_ms))
    with engine.connect() as connection:
        found = connection.execute(query.where(c.machine.in_(machines)).group_by(c.machine))
        return {str(name): (int(count), int(ms or 0)) for name, count, ms in found}


def _set(engine: Engine, id: str, **values: Any) -> None:
    with writing(engine) as connection:
        this = machine_runs.update().where(machine_runs.c.id == id)
        connection.execute(this.values(**values))


def _run(row: Row[Any]) -> Run:
    found = row._mapping
    return Run(**{field.name: found[field.name] for field in fields(Run)})

"""Jobs that wait: their order, and the moment before which none of them begins.

One that fails holds nothing up: the next is taken.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy import Connection, Engine

from studio.accounts.rights import check_own
from studio.database.engine import bump, writing
from studio.database.ledger import stamp
from studio.errors import StudioError
from studio.jobs.table import ORDER, Job, as_job, jobs

OTHERS = "cancel others' jobs"
HELD = datetime(9000, 1, 1, tzinfo=UTC)  # until then at least one waits that is paused
ASIDE = 7000  # years by which a paused one's own time is put off, to be found again


def waiting(engine: Engine, kinds: Collection[str]) -> list[Job]:
    """The jobs of these kinds that wait, in the order in which they are taken."""
    with engine.connect() as connection:
        return _waiting(connection, kinds)


def held(job: Job) -> bool:
    """Whether the job waits until somebody lets it go on."""
    return job.not_before is not None and datetime.fromisoformat(job.not_before) >= HELD


def own_time(job: Job) -> datetime | None:
    """The moment that the job was given, also where it is paused; None: at its turn."""
    if job.not_before is None:
        return None
    moment = datetime.fromisoformat(job.not_before)
    if moment < HELD:
        return moment
    return None if moment == HELD else moment.replace(year=moment.year - ASIDE)


def put_before(engine: Engine, id: int, other: int, by: str) -> None:
    """Have job `id` taken just before job `other`, those between one place later, where both are
    one person's theirs alone; where it has a later time, it takes the other's.

    Both must wait, and be of one lane; StudioError else, for one that has begun meanwhile say.
    Another's job is moved by who may cancel it.
    """
    _put(engine, id, other, by, 0)


def put_after(engine: Engine, id: int, other: int, by: str) -> None:
    """Have job `id` taken just after job `other`; where that one's time is later, it takes it.
    Errors as `put_before`."""
    _put(engine, id, other, by, 1)


def pause(engine: Engine, ids: Collection[int], by: str) -> int:
    """Have these jobs wait until somebody lets them go on, their times kept; how many waited."""
    return _timed(engine, ids, by, lambda job: _aside(job.not_before))


def go_on(engine: Engine, ids: Collection[int], by: str) -> int:
    """Have these paused jobs wait for their own times again, or for nothing where those are past;
    how many still waited."""
    return _timed(engine, ids, by, _back)


def begin_at(engine: Engine, ids: Collection[int], moment: datetime | None, by: str) -> int:
    """Have these jobs wait until `moment`, None: no longer; how many of them still waited."""
    value = None if moment is None else stamp(moment)
    return _timed(engine, ids, by, lambda job: value)


def _put(engine: Engine, id: int, other: int, by: str, behind: int) -> None:
    with writing(engine) as connection:
        moved, beside = _one(connection, id), _one(connection, other)
        check_own(by, moved.asked_by, OTHERS)
        if moved.lane != beside.lane:
            raise StudioError(
                f"Jobs {id} and {other} do not wait for the same worker.", "Load the page again."
            )
        if id == other:
            return
        row = [job for job in _waiting(connection, None) if job.lane == moved.lane]
        if moved.asked_by == beside.asked_by:
            row = [job for job in row if job.asked_by == moved.asked_by]
        places = [(job.turn, job.place or job.id) for job in row]
        order = [job.id for job in row if job.id != id]
        order.insert(order.index(other) + behind, id)
        for (turn, place), each in zip(places, order, strict=True):
            told = {"turn": turn, "place": place}
            connection.execute(jobs.update().where(jobs.c.id == each).values(**told))
        # A place alone would change nothing for one that waits for a time of its own.
        times = [moved.not_before, beside.not_before]
        if not (held(moved) or held(beside)):
            wanted = max(times, key=_early) if behind else min(times, key=_early)
            connection.execute(jobs.update().where(jobs.c.id == id).values(not_before=wanted))
        bump(connection)


def _early(moment: str | None) -> str:
    return moment or ""


def _timed(
    engine: Engine, ids: Collection[int], by: str, wanted: Callable[[Job], str | None]
) -> int:
    with writing(engine) as connection:
        found = [job for job in _waiting(connection, None) if job.id in ids]
        for job in found:
            check_own(by, job.asked_by, OTHERS)
        for job in found:
            chosen = jobs.update().where(jobs.c.id == job.id)
            connection.execute(chosen.values(not_before=wanted(job)))
        bump(connection)
        return len(found)


def _aside(moment: str | None) -> str:
    if moment is None:
        return stamp(HELD)
    found = datetime.fromisoformat(moment)
    return moment if found >= HELD else stamp(found.replace(year=found.year + ASIDE))


def _back(job: Job) -> str | None:
    moment = own_time(job)
    return None if moment is None else stamp(moment)


def _waiting(connection: Connection, kinds: Collection[str] | None) -> list[Job]:
    query = sa.select(jobs).where(jobs.c.state == "queued").order_by(*ORDER)
    if kinds is not None:
        query = query.where(jobs.c.kind.in_(kinds))
    return [as_job(row) for row in connection.execute(query)]


def _one(connection: Connection, id: int) -> Job:
    row = connection.execute(sa.select(jobs).where(jobs.c.id == id)).first()
    if row is None or row.state != "queued":
        raise StudioError(f"Job {id} does not wait any more.", "Load the page again.")
    return as_job(row)

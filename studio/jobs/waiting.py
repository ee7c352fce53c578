"""Jobs that wait: their order, and the moment before which none of them begins.

One that fails holds nothing up: the next is taken.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy import Connection, Engine

from studio.accounts.rights import check_own
from studio.db import bump, writing
from studio.errors import StudioError
from studio.jobs.table import ORDER, Job, as_job, jobs
from studio.ledger import stamp

OTHERS = "cancel others' jobs"
HELD = datetime(9000, 1, 1, tzinfo=UTC)  # until when one waits that is paused


def waiting(engine: Engine, kinds: Collection[str]) -> list[Job]:
    """The jobs of these kinds that wait, in the order in which they are taken."""
    with engine.connect() as connection:
        return _waiting(connection, kinds)


def held(job: Job) -> bool:
    """Whether the job waits until somebody lets it go on."""
    return job.not_before is not None and datetime.fromisoformat(job.not_before) >= HELD


def put_before(engine: Engine, id: int, other: int, by: str) -> None:
    """Have job `id` taken just before job `other`, those between one place later.

    Both must wait, and be of one lane; StudioError else, for one that has begun meanwhile say.
    Another's job is moved by who may cancel it.
    """
    with writing(engine) as connection:
        moved, ahead = _one(connection, id), _one(connection, other)
        check_own(by, moved.asked_by, OTHERS)
        if moved.lane != ahead.lane:
            raise StudioError(
                f"Jobs {id} and {other} do not wait for the same worker.", "Load the page again."
            )
        if id == other:
            return
        row = [job for job in _waiting(connection, None) if job.lane == moved.lane]
        places = sorted(job.place or job.id for job in row)
        order = [job.id for job in row if job.id != id]
        order.insert(order.index(other), id)
        for place, each in zip(places, order, strict=True):
            connection.execute(jobs.update().where(jobs.c.id == each).values(place=place))
        bump(connection)


def begin_at(engine: Engine, ids: Collection[int], moment: datetime | None, by: str) -> int:
    """Have these jobs wait until `moment`, None: no longer; how many of them still waited."""
    value = None if moment is None else stamp(moment)
    with writing(engine) as connection:
        found = [job for job in _waiting(connection, None) if job.id in ids]
        for job in found:
            check_own(by, job.asked_by, OTHERS)
        chosen = jobs.c.id.in_([job.id for job in found])
        connection.execute(jobs.update().where(chosen).values(not_before=value))
        bump(connection)
        return len(found)


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

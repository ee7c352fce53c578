"""Which workers there are: each writes its row when it comes, every few seconds, and is gone when
it leaves or falls silent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy import Engine

from studio.database.engine import bump, writing
from studio.database.ledger import stamp
from studio.jobs.table import workers

SILENT = timedelta(seconds=30)
LARGEST = 10_000.0  # GB: a GPU whose memory nobody knows


@dataclass(frozen=True)
class Worker:
    """A worker that answers. `name` is HOST:PROCESS; `lanes` are parted by commas, `gpu_gb` is the
    memory of its GPU in GB."""

    name: str
    lanes: str
    device: str
    started_at: str
    seen_at: str
    gpu_gb: float = 0.0


def machine_of(worker: str) -> str:
    """The machine that a worker, HOST:PROCESS, is on."""
    return worker.rpartition(":")[0] or worker


def arrive(
    engine: Engine, name: str, lanes: str, device: str, now: datetime, gpu_gb: float = 0.0
) -> None:
    """Note a new worker, and forget those that have been silent for a day. `gpu_gb` is the memory
    of its GPU, 0 without one.

    In a container each worker has the name of the one before; the new one takes its row.
    """
    at, day = stamp(now), stamp(now - timedelta(days=1))
    with writing(engine) as connection:
        connection.execute(
            workers.delete().where((workers.c.seen_at < day) | (workers.c.name == name))
        )
        connection.execute(
            workers.insert().values(
                name=name,
                lanes=lanes,
                device=device,
                started_at=at,
                seen_at=at,
                gpu_gb=min(gpu_gb, LARGEST),
            )
        )
        bump(connection)


def seen(engine: Engine, name: str, now: datetime) -> bool:
    """The worker still answers. False: it was forgotten. Counts as no change of the database."""
    still = workers.update().where(workers.c.name == name).values(seen_at=stamp(now))
    with writing(engine) as connection:
        return bool(connection.execute(still).rowcount)


def leave(engine: Engine, name: str) -> None:
    """The worker has stopped by itself."""
    with writing(engine) as connection:
        connection.execute(workers.delete().where(workers.c.name == name))
        bump(connection)


def alive(engine: Engine, now: datetime, silent: timedelta = SILENT) -> list[Worker]:
    """The workers that answered within the last `silent`; none that did so in the future, as it
    seems after the clock was put back: who lives will answer again within seconds."""
    lately = workers.c.seen_at.between(stamp(now - silent), stamp(now + silent))
    query = sa.select(workers).where(lately)
    with engine.connect() as connection:
        found = connection.execute(query.order_by(workers.c.started_at))
        return [Worker(**row._mapping) for row in found]

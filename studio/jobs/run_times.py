"""When each attempt at a job ran, and on which worker: from its taking to its end. What was cut off
without a word ended with its last heartbeat."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from studio.database.engine import metadata
from studio.jobs.table import jobs

runs = sa.Table(
    "job_runs",
    metadata,
    sa.Column("job", sa.Integer, sa.ForeignKey("jobs.id"), primary_key=True),
    sa.Column("attempt", sa.Integer, primary_key=True),
    sa.Column("worker", sa.String, nullable=False),
    sa.Column("began_at", sa.String, nullable=False),
    sa.Column("ended_at", sa.String),
    sa.Column("counted", sa.Boolean, nullable=False),  # its cost, where it has one, is known
)


def begin(connection: Connection, job: int, attempt: int, worker: str, at: str) -> None:
    """An attempt was taken by a worker, HOST:PROCESS."""
    row = {"job": job, "attempt": attempt, "worker": worker, "began_at": at, "counted": False}
    connection.execute(runs.insert().values(row))


def end(connection: Connection, job: int, attempt: int, at: str | None = None) -> None:
    """An attempt has ended, `at` a moment or with the job's last heartbeat; the first end holds."""
    beat: Any = sa.select(jobs.c.heartbeat_at).where(jobs.c.id == job).scalar_subquery()
    this = (runs.c.job == job) & (runs.c.attempt == attempt) & runs.c.ended_at.is_(None)
    connection.execute(runs.update().where(this).values(ended_at=at or beat))

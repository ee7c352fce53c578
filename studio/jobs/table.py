"""The table of jobs and the table of workers, and one row of each as a record."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy import Row

from studio.database.engine import metadata
from studio.jobs.processes import Group

State = Literal["queued", "running", "done", "failed", "cancelled"]
Lane = Literal["interactive", "short", "work", "elsewhere"]
ENDED: tuple[State, ...] = ("done", "failed", "cancelled")
LANES: tuple[Lane, ...] = ("interactive", "short", "work", "elsewhere")

jobs = sa.Table(
    "jobs",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("kind", sa.String, nullable=False),
    sa.Column("lane", sa.String, nullable=False),
    sa.Column("payload", sa.JSON, nullable=False),
    sa.Column("asked_by", sa.String, nullable=False),
    sa.Column("asked_at", sa.String, nullable=False),
    sa.Column("key", sa.String),
    sa.Column("state", sa.String, nullable=False),
    sa.Column("attempt", sa.Integer, nullable=False),
    sa.Column("lost", sa.Integer, nullable=False),
    sa.Column("worker", sa.String),
    sa.Column("group_id", sa.Integer),
    sa.Column("group_born", sa.String),
    sa.Column("group_mark", sa.String),
    sa.Column("lease_until", sa.String),
    sa.Column("heartbeat_at", sa.String),
    sa.Column("started_at", sa.String),
    sa.Column("done", sa.Integer, nullable=False),
    sa.Column("total", sa.Integer, nullable=False),
    sa.Column("says", sa.String, nullable=False),
    sa.Column("kept", sa.JSON(none_as_null=True)),
    sa.Column("result", sa.JSON(none_as_null=True)),
    sa.Column("error", sa.String),
    sa.Column("remedy", sa.String),
    sa.Column("cancel_by", sa.String),
    sa.Column("ended_at", sa.String),
    sa.Column("seen", sa.Boolean, nullable=False),
    sa.Column("not_before", sa.String),
    sa.Column("place", sa.Integer),
    sa.Column("turn", sa.Integer, nullable=False),
    sa.Column("schema", sa.Integer, nullable=False),
    sa.Column("phase", sa.String, nullable=False),
    sa.Column("unit", sa.String, nullable=False),
    sa.Column("request_id", sa.String, nullable=False),
    sa.Column("where", sa.String, nullable=False, server_default="here"),
    sa.Column("gpu_gb", sa.Float, nullable=False, server_default="0"),
    sqlite_autoincrement=True,
)

# The order in which waiting jobs are taken: people in turn, each one's oldest first.
ORDER = (jobs.c.turn, sa.func.coalesce(jobs.c.place, jobs.c.id), jobs.c.id)

# Which events of a job that runs were applied at home, so that none is twice, and how it answered.
events = sa.Table(
    "job_events",
    metadata,
    sa.Column("job", sa.Integer, sa.ForeignKey("jobs.id"), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("answer", sa.String, nullable=False),
)

workers = sa.Table(
    "workers",
    metadata,
    sa.Column("name", sa.String, primary_key=True),
    sa.Column("lanes", sa.String, nullable=False),
    sa.Column("device", sa.String, nullable=False),
    sa.Column("started_at", sa.String, nullable=False),
    sa.Column("seen_at", sa.String, nullable=False),
    sa.Column("gpu_gb", sa.Float, nullable=False, server_default="0"),
)


@dataclass(frozen=True)
class Job:
    """One job. Moments are ISO UTC with microseconds, as in the ledger.

    `attempt` counts how often it was taken and guards every write; `lost` counts only the times
    that its process ended without a word. Its progress is `done` of `total` of a `unit`, pictures
    say, in a `phase` of the work, and `says` in words; `total` 0: not known. `kept` is what a later
    attempt goes on from; `cancel_by` is who asked for its end, None: nobody. It is not taken before
    `not_before`; `place` is where it stands among those that wait, None: where its id puts it.
    `schema` is the payload's: `studio.worker.kind`. `request_id` is that of the request that asked
    for it (`studio.request_ids`), "" for jobs of before. `where` it is computed: "here", the name
    of a machine, or "cheapest"; `gpu_gb` is what it needs of a GPU's memory, 0: it needs none.
    """

    id: int
    kind: str
    lane: Lane
    payload: dict[str, Any]
    asked_by: str
    asked_at: str
    key: str | None
    state: State
    attempt: int
    lost: int
    worker: str | None
    group: Group | None
    lease_until: str | None
    heartbeat_at: str | None
    started_at: str | None
    done: int
    total: int
    says: str
    kept: dict[str, Any]
    result: dict[str, Any] | None
    error: str | None
    remedy: str | None
    cancel_by: str | None
    ended_at: str | None
    seen: bool
    not_before: str | None
    place: int | None
    turn: int
    schema: int
    phase: str
    unit: str
    request_id: str
    where: str = "here"
    gpu_gb: float = 0.0

    @property
    def ended(self) -> bool:
        """Done, failed or cancelled: it will not change any more."""
        return self.state in ENDED

    @property
    def folder(self) -> str:
        """Where its files lie, relative to the studio's folder."""
        return f"jobs/{self.id}"

    @property
    def log(self) -> str:
        """The file of all that it said, relative to the studio's folder."""
        return f"{self.folder}/log.txt"


def as_job(row: Row[Any]) -> Job:
    """A row of the table as a record."""
    found = dict(row._mapping)
    number, born, mark = (found.pop(f"group_{name}") for name in ("id", "born", "mark"))
    found["group"] = None if number is None else Group(number, born, mark)
    found["kept"] = found["kept"] or {}
    return Job(**{field.name: found[field.name] for field in fields(Job)})

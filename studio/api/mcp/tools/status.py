"""Who calls, what is up, and what waits."""

from __future__ import annotations

import sqlalchemy as sa

from studio.api import me
from studio.api.calls import Caller
from studio.api.mcp.answers import Part, Status, Waiting
from studio.api.mcp.tool import Tool
from studio.api.mcp.tools.styles import Nothing
from studio.jobs.table import LANES, jobs
from studio.operations import health

MOST = 200  # of the caller's jobs, the newest


def status(caller: Caller, asked: Nothing) -> Status:
    """The state of the studio as the caller sees it, within about a second."""
    studio, c = caller.studio, jobs.c
    query = sa.select(c.id, c.lane, c.state, c.asked_by).where(c.state.in_(("queued", "running")))
    with studio.engine.connect() as connection:
        open_ = connection.execute(query.order_by(c.id.desc())).all()
    parts = health.look(studio.settings, studio.engine)
    return Status(
        **me.me(caller).model_dump(),
        parts={name: Part(ok=part.ok, says=part.says) for name, part in parts.items()},
        lanes={
            lane: Waiting(
                queued=sum(job.lane == lane and job.state == "queued" for job in open_),
                running=sum(job.lane == lane and job.state == "running" for job in open_),
            )
            for lane in LANES
        },
        jobs=[job.id for job in open_ if job.asked_by == caller.by][:MOST],
    )


GET_STATUS = Tool(
    name="get_status",
    title="Look at the studio",
    says="Whom you act as and what your role may do; whether database, MLflow, worker and watcher "
    "answer; how many jobs wait and run; your own jobs that have not ended. Call it where a job "
    "does not begin.",
    right="look",
    takes=Nothing,
    gives=Status,
    run=status,
)

"""What people do with jobs: ask for one, look at them, cancel one, be told when one has ended."""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Engine

from studio import request_ids
from studio.accounts.rights import check_own
from studio.database.engine import bump, writing
from studio.database.ledger import stamp
from studio.errors import StudioError
from studio.jobs import turns
from studio.jobs.table import ENDED, LANES, ORDER, Job, Lane, State, as_job, events, jobs
from studio.masking import masked

PAYLOAD_BYTES = 4_000_000
LOG_BYTES = 64_000
# Each call by a program needs them; to make them anew takes longer than to ask the database.
_PUT = jobs.insert().returning(*jobs.c)
_SENT = sa.select(jobs).where(
    jobs.c.asked_by == sa.bindparam("person"), jobs.c.key == sa.bindparam("key")
)
_SHARE = sa.select(sa.func.count()).where(
    jobs.c.asked_by == sa.bindparam("person"), jobs.c.state.not_in(ENDED)
)
_AHEAD = sa.select(sa.func.count()).where(
    jobs.c.state == "queued",
    jobs.c.lane == sa.bindparam("lane"),
    sa.tuple_(*ORDER)
    < sa.tuple_(*(sa.bindparam(name, type_=sa.Integer) for name in ("turn", "place", "id"))),
    sa.or_(jobs.c.not_before.is_(None), jobs.c.not_before <= sa.bindparam("then")),
)


def submit(
    engine: Engine,
    *,
    kind: str,
    lane: Lane,
    payload: Mapping[str, Any],
    asked_by: str,
    now: datetime,
    key: str | None = None,
    not_before: datetime | None = None,
    schema: int = 1,
    most: int | None = None,
    where: str = "here",
    gpu_gb: float = 0.0,
) -> Job:
    """Put a job into the queue. The same person's second send with one `key` gives the first job.

    What the payload may hold for a kind is checked before, by whoever knows the kinds; here it
    must be JSON of at most 4 MB. StudioError otherwise, or where `key` was used for another kind.
    It is not taken before `not_before`, and at its person's turn: nobody's hundreds keep the others
    waiting. StudioError where the person has `most` jobs that have not ended.
    """
    if lane not in LANES:
        raise ValueError(f"there is no lane {lane!r}")
    _check_json(kind, payload)
    with writing(engine) as connection:
        before = _sent(connection, kind, asked_by, key)
        if before is not None:
            return before
        if most is not None:
            _check_share(connection, asked_by, most)
        values = {
            "kind": kind,
            "lane": lane,
            "payload": dict(payload),
            "asked_by": asked_by,
            "asked_at": stamp(now),
            "key": key,
            "state": "queued",
            "attempt": 0,
            "lost": 0,
            "done": 0,
            "total": 0,
            "says": "",
            "seen": False,
            "not_before": None if not_before is None else stamp(not_before),
            "schema": schema,
            "phase": "",
            "unit": "",
            "request_id": request_ids.current() or request_ids.made(),
            "where": where,
            "gpu_gb": gpu_gb,
            "turn": turns.next_of(connection, lane, asked_by, now, not_before),
        }
        made = as_job(connection.execute(_PUT, values).one())
        bump(connection)
        return made


def sent(engine: Engine, kind: str, asked_by: str, key: str | None) -> Job | None:
    """The job that this person's `key` was used for already, if any."""
    with engine.connect() as connection:
        return _sent(connection, kind, asked_by, key)


def get(engine: Engine, id: int) -> Job:
    """Job `id`, or StudioError."""
    with engine.connect() as connection:
        return _read(connection, id)


def listing(
    engine: Engine,
    *,
    states: Collection[State] = (),
    user: str | None = None,
    kind: str | None = None,
    request_id: str | None = None,
    limit: int = 100,
    before: int | None = None,
) -> list[Job]:
    """The newest jobs first; `before` is the last id of the page before."""
    query = sa.select(jobs).order_by(jobs.c.id.desc()).limit(limit)
    if states:
        query = query.where(jobs.c.state.in_(states))
    if user is not None:
        query = query.where(jobs.c.asked_by == user)
    if kind is not None:
        query = query.where(jobs.c.kind == kind)
    if request_id is not None:
        query = query.where(jobs.c.request_id == request_id)
    if before is not None:
        query = query.where(jobs.c.id < before)
    with engine.connect() as connection:
        return [as_job(row) for row in connection.execute(query)]


def ahead(source: Engine | Connection, job: Job) -> int:
    """How many jobs of its lane are taken before a queued one, as far as their times tell."""
    if isinstance(source, Engine):
        with source.connect() as connection:
            return ahead(connection, job)
    order = {"turn": job.turn, "place": job.place or job.id, "id": job.id}
    told = {"lane": job.lane, "then": job.not_before or job.asked_at, **order}
    return int(source.execute(_AHEAD, told).scalar_one())


def cancel(engine: Engine, id: int, by: str, now: datetime) -> Job:
    """End a job: at once while it waits, by its worker within seconds while it runs.

    One that has ended stays as it is. Another's is cancelled by who has the right to.
    """
    with writing(engine) as connection:
        job = _read(connection, id)
        check_own(by, job.asked_by, "cancel others' jobs")
        if job.ended or job.cancel_by is not None:
            return job
        values: dict[str, Any] = {"cancel_by": by}
        if job.state == "queued":
            values |= cancelled_values(job, by, now)
            connection.execute(events.delete().where(events.c.job == id))
        connection.execute(jobs.update().where(jobs.c.id == id).values(**values))
        bump(connection)
        return _read(connection, id)


def cancelled_values(job: Job, by: str, now: datetime) -> dict[str, Any]:
    """What a cancelled job's row says; whoever cancels their own needs no notice of it."""
    return {
        "state": "cancelled",
        "error": f"Cancelled by {by}.",
        "remedy": "",
        "ended_at": stamp(now),
        "seen": job.asked_by == by,
    }


def unseen(engine: Engine, user: str, lane: Lane | None = None) -> list[Job]:
    """Jobs of `user` that have ended without the user having been told, oldest first."""
    query = (
        sa.select(jobs)
        .where(jobs.c.asked_by == user, jobs.c.seen.is_(False), jobs.c.state.in_(ENDED))
        .order_by(jobs.c.id)
    )
    if lane is not None:
        query = query.where(jobs.c.lane == lane)
    with engine.connect() as connection:
        return [as_job(row) for row in connection.execute(query)]


def mark_seen(engine: Engine, user: str, ids: Sequence[int]) -> int:
    """Note that `user` was told of these; how many were news. Others' and running ones stay."""
    with writing(engine) as connection:
        done = connection.execute(
            jobs.update()
            .where(jobs.c.id.in_(ids), jobs.c.asked_by == user, jobs.c.seen.is_(False))
            .where(jobs.c.state.in_(ENDED))
            .values(seen=True)
        )
        if done.rowcount:
            bump(connection)
        return int(done.rowcount)


def read_log(home: Path, job: Job) -> str:
    """The end of what the job said, at most 64 kB, masked; empty before it said anything. Its
    request's id, which each line of the file begins with, is left out."""
    try:
        with (home / job.log).open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - LOG_BYTES))
            text = file.read().decode("utf-8", "replace")
    except FileNotFoundError:
        return ""
    text = masked(text.partition("\n")[2] if size > LOG_BYTES else text)
    mark = request_ids.mark(job.request_id)
    return "".join(line.removeprefix(mark) for line in text.splitlines(keepends=True))


def _check_share(connection: Connection, asked_by: str, most: int) -> None:
    held = connection.execute(_SHARE, {"person": asked_by}).scalar_one()
    if held >= most:
        raise StudioError(
            f"{held} jobs of {asked_by} wait or run, and one person may have {most} at once.",
            "Wait until some have ended, or cancel some: python -m studio jobs cancel ID. Whoever "
            "looks after the studio sets STUDIO_MOST_JOBS.",
        )


def _read(connection: Connection, id: int) -> Job:
    row = connection.execute(sa.select(jobs).where(jobs.c.id == id)).first()
    if row is None:
        raise StudioError(f"There is no job {id}.", "Choose one of: python -m studio jobs list")
    return as_job(row)


def _sent(connection: Connection, kind: str, asked_by: str, key: str | None) -> Job | None:
    if key is None:
        return None
    row = connection.execute(_SENT, {"person": asked_by, "key": key}).first()
    if row is None:
        return None
    before = as_job(row)
    if before.kind != kind:
        raise StudioError(
            f"This form was sent before, for job {before.id} ({before.kind}).",
            "Load the page again.",
        )
    return before


def _check_json(kind: str, payload: Mapping[str, Any]) -> None:
    try:
        size = len(json.dumps(dict(payload), allow_nan=False))
    except (TypeError, ValueError) as error:
        raise StudioError(
            f"What was asked of {kind} is not plain JSON: {error}",
            "Give texts, whole numbers, finite numbers, lists and tables only.",
        ) from error
    if size > PAYLOAD_BYTES:
        raise StudioError(
            f"What was asked of {kind} is {size / 1e6:.1f} MB long.",
            f"Stay below {PAYLOAD_BYTES / 1e6:.0f} MB: ask in several jobs.",
        )

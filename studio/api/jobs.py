"""Jobs: asked for, listed, waited for, cancelled, asked for once more."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Collection, Mapping
from functools import partial
from typing import Any, Literal

import sqlalchemy as sa
from fastapi import APIRouter, Response
from pydantic import BaseModel
from sqlalchemy import Connection, Engine

from studio import context
from studio.accounts import rights
from studio.api import job_heads, paging, put_in
from studio.api.calls import Asking, Call, Caller, Keeping, beside, needs, replayed
from studio.api.idempotency import Answer
from studio.api.paging import Page, Paged
from studio.api.parts import Number, Said, Wait, Webhook, Where
from studio.api.problems import looked_up
from studio.api.put_in import Asked
from studio.assets import search
from studio.assets.search import Wanted
from studio.context import Studio
from studio.jobs import queue, table
from studio.jobs.table import State
from studio.remote.machines import HERE
from studio.worker import submit
from studio.worker.kind_table import title
from studio.worker.kinds import import_folder
from studio.worker.payload import Payload

router = APIRouter(tags=["jobs"], route_class=Call)

MOST_ASSETS = 200
SOON_S, LATER_S = 0.1, 1.0  # between two looks at a job that somebody waits for
MOST_WAITING = 50  # calls of one person: each asks the database every second
TOKENS = ("upload", "hand")  # of uploads, in payloads: whoever has one may change what was sent
PLACES = ("folder",)  # on the studio's machine, in payloads

_waiting: Counter[str] = Counter()  # by person


class Job(BaseModel):
    """One job: what it does in words, where it stands, and how far it is."""

    id: int
    kind: str
    title: str
    state: State
    asked_by: str
    asked_at: str
    started_at: str | None
    ended_at: str | None
    not_before: str | None
    done: int
    total: int
    unit: str
    phase: str
    says: str
    error: str | None
    remedy: str | None
    cancel_by: str | None
    request_id: str
    where: str


HEAD = [name for name in Job.model_fields if name != "title"]


class JobDetails(Job):
    """A job with what was asked (null in answers to a POST, which asked it), what came of it, how
    many jobs are taken before it, and the ids of what it made."""

    payload: dict[str, Any] | None
    result: dict[str, Any] | None
    ahead: int
    assets: list[str]


class JobLog(BaseModel):
    """The end of what a job said."""

    id: int
    log: str


def puts_in(right: str) -> dict[str, Any]:
    """How a route is declared that answers with the job that it puts in (`put`)."""
    waited = {"model": JobDetails, "description": "The job has not ended yet"}
    return {**needs(right), "response_model": JobDetails, "responses": {202: waited}}


@router.get("/jobs", **needs("look"))
def jobs(
    asking: Asking,
    paged: Paged,
    state: State | Literal[""] = "",
    kind: Said = "",
    by: Said = "",
) -> Page[Job]:
    """Jobs, the newest first."""
    given = {"state": state, "kind": kind, "asked_by": by}
    wanted = {name: one for name, one in given.items() if one}
    before = paging.row(paged.after)
    found = job_heads.newest(asking.studio.engine, HEAD, wanted, before, paged.more)
    return paging.page(paged, found, lambda one: (one["id"],), lambda one: Job(**one))


@router.get("/jobs/{job}", **needs("look"))
async def job(asking: Asking, job: Number, wait: Wait = 0) -> JobDetails:
    """One job, at its end where that comes while one waits."""
    found = await until_ended(asking, job, wait)
    return await beside(details, asking, found)


@router.get("/jobs/{job}/log", **needs("look"))
def job_log(asking: Asking, job: Number) -> JobLog:
    """What the job said, masked, at most the last 64 kB."""
    with looked_up():
        found = queue.get(asking.studio.engine, job)
    return JobLog(id=job, log=queue.read_log(asking.studio.home, found))


@router.post("/jobs/{job}/cancel", **needs("look"))
def cancel_job(asking: Asking, job: Number) -> JobDetails:
    """End a job: one's own, or with the right to cancel others'. One that has ended stays so."""
    with looked_up():
        done = queue.cancel(asking.studio.engine, job, asking.by, context.now())
    return details(asking, done, payload=False)


@router.post("/jobs/{job}/again", **puts_in("look"))
async def job_again(
    asking: Keeping, job: Number, wait: Wait = 0, webhook: Webhook = "", where: Where = ""
) -> Response:
    """Ask for an ended job once more; what was cut off goes on where it can."""

    def checked(mark: str | None) -> table.Job | submit.Ready:
        with looked_up():
            queue.get(asking.studio.engine, job)
        return submit.checked_again(asking.studio, job, **_said(asking, webhook, mark, where))

    return await put(asking, checked, wait)


def ask(
    asking: Caller,
    kind: str,
    payload: Payload | Mapping[str, Any],
    webhook: str = "",
    where: str = HERE,
) -> table.Job:
    """Put a job into the queue, once for each key; `webhook` is told of its end, `where` is the
    machine that computes it."""
    given = payload.model_dump() if isinstance(payload, Payload) else payload
    return submit.ask(asking.studio, kind, given, **_said(asking, webhook, asking.mark, where))


def asked(
    asking: Caller,
    kind: str,
    payload: Payload | Mapping[str, Any],
    webhook: str = "",
    where: str = HERE,
) -> Asked:
    """The same job, for `put` to put in."""

    def checked(mark: str | None) -> table.Job | submit.Ready:
        given = payload.model_dump() if isinstance(payload, Payload) else payload
        return submit.checked(asking.studio, kind, given, **_said(asking, webhook, mark, where))

    return checked


def _said(asking: Caller, webhook: str, mark: str | None, where: str) -> dict[str, Any]:
    said = {"asked_by": asking.by, "now": context.now()}
    return {**said, "key": mark, "webhook": webhook, "where": where}


async def put(asking: Caller, what: Asked, wait: float) -> Response:
    """Put in what is asked for, and tell of the job: 200 once it has ended, else 202."""
    studio, sent = asking.studio, asking.sent
    done = await beside(put_in.job, studio, sent, what, partial(_answer, asking), waits=wait > 0)
    if done.job is None:
        return replayed(done.answer)
    answer = done.answer
    if wait > 0:
        try:
            found = await until_ended(asking, done.job.id, wait)
            answer = await beside(_answer, asking, found, studio.engine)
            await beside(put_in.keep, studio, sent, done, answer)
        except Exception:
            await beside(put_in.let_go, studio, sent, done)
            raise
    return Response(answer.body, answer.status, media_type="application/json")


def _answer(asking: Caller, job: table.Job, source: Engine | Connection) -> Answer:
    told = JobDetails(**details_of(asking, job, payload=False, source=source))
    return Answer(200 if job.ended else 202, told.model_dump_json())


async def answered(asking: Caller, response: Response, job: table.Job, wait: float) -> JobDetails:
    """A job that is in already, as such an answer."""
    found = await until_ended(asking, job.id, wait) if wait else job
    response.status_code = 200 if found.ended else 202
    return await beside(details, asking, found, payload=False)


async def until_ended(asking: Caller, id: int, seconds: float) -> table.Job:
    """The job at its end, or as it is after so many seconds; at once where MOST_WAITING calls of
    the caller wait already. NotThere where there is none."""
    who = str(asking.by)
    waits = seconds > 0 and _waiting[who] < MOST_WAITING
    _waiting[who] += waits
    try:
        return await _ended(asking.studio, id, seconds if waits else 0)
    finally:
        _waiting[who] -= waits
        if not _waiting[who]:
            del _waiting[who]


async def _ended(studio: Studio, id: int, seconds: float) -> table.Job:
    ends, pause = time.monotonic() + seconds, SOON_S
    with looked_up():
        found = await beside(queue.get, studio.engine, id)
    ended = found.ended
    while not ended and (left := ends - time.monotonic()) > 0:
        await asyncio.sleep(min(pause, left))
        pause = min(pause * 1.5, LATER_S)
        ended = await beside(_has_ended, studio, id)
    if not seconds or found.ended:
        return found
    with looked_up():
        return await beside(queue.get, studio.engine, id)


def _has_ended(studio: Studio, id: int) -> bool:
    """Without what it was asked, which may have megabytes; one that is gone has ended."""
    c = table.jobs.c
    with studio.engine.connect() as connection:
        state = connection.execute(sa.select(c.state).where(c.id == id)).scalar()
    return state is None or state in table.ENDED


def listed(asking: Caller, paged: Paged, state: str, kind: str, by: str) -> list[table.Job]:
    """One page of jobs with all that is kept of them, and one beyond."""
    states: list[Any] = [state] if state else []
    return queue.listing(
        asking.studio.engine,
        states=states,
        user=by or None,
        kind=kind or None,
        limit=paged.more,
        before=paging.row(paged.after),
    )


def details(asking: Caller, job: table.Job, payload: bool = True) -> JobDetails:
    """A job with all that the caller may know of it."""
    return JobDetails(**details_of(asking, job, payload))


def details_of(
    asking: Caller,
    job: table.Job,
    payload: bool = True,
    source: Engine | Connection | None = None,
) -> dict[str, Any]:
    """The same as plain values, for answers that say more; `source` has put the job in just now."""
    engine, begun, waits = asking.studio.engine, job.attempt > 0, job.state == "queued"
    may_see_places = rights.allowed(asking.by, import_folder.KIND.right)
    hidden = TOKENS if may_see_places else TOKENS + PLACES
    return {
        **_told(job),
        "payload": _shown(job.payload, hidden) if payload else None,
        "result": job.result,
        "ahead": queue.ahead(source or engine, job) if waits else 0,
        "assets": search.ids(engine, "", Wanted(job=job.id), MOST_ASSETS) if begun else [],
    }


def _shown(asked: Any, hidden: Collection[str]) -> Any:
    """What was asked, nothing in place of what is hidden."""
    if isinstance(asked, dict):
        return {name: "" if name in hidden else _shown(one, hidden) for name, one in asked.items()}
    return [_shown(one, hidden) for one in asked] if isinstance(asked, list) else asked


def _told(job: table.Job) -> dict[str, Any]:
    said = {name: getattr(job, name) for name in HEAD}
    return {**said, "title": title(job)[: job_heads.LONGEST]}

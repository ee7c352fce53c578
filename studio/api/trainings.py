"""Trainings: asked for, looked at, waited for."""

from __future__ import annotations

from typing import Any, Literal

from fastapi import APIRouter

from studio.api import paging
from studio.api.calls import Asking, Call, Caller, beside, needs
from studio.api.jobs import JobDetails, ask, details_of, listed, until_ended
from studio.api.paging import Page, Paged
from studio.api.parts import Number, Said, Wait, Webhook, Where
from studio.api.problems import NotThere
from studio.jobs import table
from studio.jobs.table import State
from studio.remote.machines import HERE
from studio.worker.kinds import train
from studio.worker.kinds.train import Train

router = APIRouter(tags=["trainings"], route_class=Call)


class Training(JobDetails):
    """The job of a training with the style and the dataset's version that it learns from, MLflow's
    run, and the version that it became; null until there is one."""

    style: str
    dataset: str
    run: str | None
    version: int | None


@router.get("/trainings", **needs("look"))
def trainings(
    asking: Asking, paged: Paged, state: State | Literal[""] = "", by: Said = ""
) -> Page[Training]:
    """Trainings, the newest first."""
    found = listed(asking, paged, state, train.KIND.name, by)
    return paging.page(
        paged, found, lambda one: (one.id,), lambda one: _told(asking, one, payload=False)
    )


@router.get("/trainings/{job}", **needs("look"))
async def training(asking: Asking, job: Number, wait: Wait = 0) -> Training:
    """One training, at its end where that comes while one waits."""
    found = await until_ended(asking, job, wait)
    if found.kind != train.KIND.name:
        raise NotThere(f"Job {job} is no training.", f"It is: GET /jobs/{job}.")
    return await beside(_told, asking, found)


@router.post("/trainings", status_code=202, **needs("train"))
def begin_training(
    asking: Asking, body: Train, webhook: Webhook = "", where: Where = HERE
) -> Training:
    """Train a style from a dataset; the settings are those of the page Train."""
    job = ask(asking, train.KIND.name, body, webhook, where)
    return _told(asking, job, payload=False)


def _told(asking: Caller, job: table.Job, payload: bool = True) -> Training:
    result: dict[str, Any] = job.result or {}
    return Training(
        **details_of(asking, job, payload),
        style=str(job.payload.get("style", "")),
        dataset=str(job.payload.get("dataset", "")),
        run=result.get("run_id") or job.kept.get("run"),
        version=result.get("number"),
    )

"""Enlarging: pictures made larger tile by tile, what that takes, and settings kept by name."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from studio import context
from studio.api.calls import SAFE, Asking, Call, Caller, Keeping, needs
from studio.api.jobs import Job, asked, details_of, put, puts_in
from studio.api.parts import Name, Number, Wait, Webhook, Where
from studio.api.problems import NotThere, looked_up
from studio.jobs import queue, table
from studio.remote.machines import HERE
from studio.upscaling import models, saved
from studio.upscaling.methods.offers import Offer
from studio.upscaling.saved import Saved
from studio.worker import upscales
from studio.worker.kinds.describe_tiles import DescribeTiles
from studio.worker.kinds.upscale import KIND, Upscale, size_of
from studio.worker.payload import Counted, Payload, Text
from studio.workflows import tile_captions, upscale_sources, upscale_styles, upscaling
from studio.workflows.upscaling import Wanted

router = APIRouter(tags=["upscale"], route_class=Call)


class UpscaleMany(Payload):
    """Several pictures with the same settings, a job each: ids of pictures, or names that
    POST /starts gave. Said of all alike is a factor or a long side; without either each keeps its
    size."""

    pictures: list[Text] = Field(max_length=upscale_sources.MOST)
    settings: dict[str, Any] = Field(default_factory=dict)
    factor: float | None = None
    long_side: Counted | None = None


class Upscales(BaseModel):
    """The jobs, in the order of the pictures."""

    jobs: list[Job]


class UpscaleEstimate(BaseModel):
    """What an enlarging would take, with all settings filled in. `seconds` is null where nothing
    like it was measured on that machine yet; `cost` is an amount of `currency`, "" where the
    machine costs nothing; `tokens` says how long each tile's prompt is, "" any other tile's."""

    settings: dict[str, Any]
    tiles: int
    seconds: float | None
    memory_gb: float
    measured: bool
    cost: str
    currency: str
    machine: str
    notes: list[str]
    tokens: dict[str, str]


class UpscaleTile(BaseModel):
    """A tile by its key; its place in pixels of the result; `state` is waiting, drawn or failed."""

    key: str
    part: str
    number: int
    row: int
    column: int
    left: int
    top: int
    width: int
    height: int
    state: str


class UpscaleTiles(BaseModel):
    """The tiles of a job in the order in which they are drawn, with the result's size. `redo`:
    whether they can be drawn anew one by one."""

    job: int
    width: int
    height: int
    redo: bool
    tiles: list[UpscaleTile]


class UpscaleModel(BaseModel):
    """A model that enlarges: how many times, from whom, under which licence."""

    name: str
    label: str
    factor: int
    source: str
    licence: str
    hash: str
    architecture: str
    about: str
    by: str
    added: str


class SavedSettings(Payload):
    """Settings that are to be kept; those of one picture alone are left out."""

    settings: dict[str, Any]


@router.post("/upscale", **puts_in(KIND.right))
async def upscale(
    asking: Keeping, body: Upscale, wait: Wait = 0, webhook: Webhook = "", where: Where = HERE
) -> Response:
    """Enlarge a picture, by default with what suits it."""
    return await put(asking, asked(asking, KIND.name, body, webhook, where), wait)


@router.post("/upscale/many", status_code=202, **needs(KIND.right))
def upscale_many(asking: Asking, body: UpscaleMany, where: Where = HERE) -> Upscales:
    """Enlarge several pictures, a job each; none is put in where one can't be enlarged."""
    payload = {"settings": body.settings, "factor": body.factor, "long_side": body.long_side}
    done = upscales.put_in(
        asking.studio,
        body.pictures,
        payload,
        asked_by=asking.by,
        now=context.now(),
        key=asking.mark,
        where=where,
    )
    return Upscales(jobs=[job_head(asking, one) for one in done])


@router.post("/upscale/estimate", **needs("look", **{SAFE: True}))
def upscale_estimate(asking: Asking, body: Upscale) -> UpscaleEstimate:
    """What it would take: tiles, time, memory, cost. Nothing is put in."""
    return estimated(asking, body)


@router.post("/upscale/descriptions", **puts_in("generate"))
async def describe_tiles(
    asking: Keeping, body: DescribeTiles, wait: Wait = 0, webhook: Webhook = "", where: Where = HERE
) -> Response:
    """Have said in words what each tile shows; the job's result has them by the tiles' keys."""
    return await put(asking, asked(asking, "describe_tiles", body, webhook, where), wait)


@router.get("/upscale/jobs/{job}/tiles", **needs("look"))
def upscale_tiles(asking: Asking, job: Number) -> UpscaleTiles:
    """Every tile of a job, and how far each is."""
    return tiles_of(asking, job)


@router.get("/upscale/methods", **needs("look"))
def upscale_methods(
    asking: Asking, picture: Annotated[Text, Query(min_length=1, max_length=200)]
) -> list[Offer]:
    """The methods for a picture, the one to begin with first, and what speaks for and against."""
    with looked_up():
        source = upscale_sources.source(asking.studio, picture)
    return list(upscaling.offered(source, by_model=bool(models.all(asking.studio.home))))


@router.get("/upscale/models", **needs("look"))
def upscale_models(asking: Asking) -> list[UpscaleModel]:
    """The models that enlarge: those that come with the studio, and the team's own."""
    return model_list(asking)


@router.get("/upscale/settings", **needs("look"))
def upscale_settings(asking: Asking) -> list[Saved]:
    """Settings that were kept under a name, by name."""
    return saved.listing(asking.studio.engine)


@router.put("/upscale/settings/{name}", **needs("generate"))
def save_upscale_settings(asking: Asking, name: Name, body: SavedSettings) -> Saved:
    """Keep settings under a name, one's own anew."""
    upscaling.check_names(body.settings)
    engine, now = asking.studio.engine, context.now()
    return saved.save(engine, name, body.settings, by=asking.by, now=now)


@router.delete("/upscale/settings/{name}", status_code=204, **needs("generate"))
def delete_upscale_settings(asking: Asking, name: Name) -> Response:
    """Delete settings; those that are gone stay gone."""
    saved.delete(asking.studio.engine, name, by=asking.by)
    return Response(status_code=204)


def estimated(asking: Caller, body: Upscale) -> UpscaleEstimate:
    """What an enlarging would take."""
    studio = asking.studio
    source = upscale_sources.source(studio, body.picture, body.name)
    settings = upscaling.pinned(studio, body.settings, asking.by)
    wanted: Wanted = upscaling.wanted(studio, source, settings, size_of(body))
    told = upscaling.estimate(studio, wanted, context.now()).as_json()
    tokens: dict[str, str] = {}
    if wanted.draws:
        words = upscale_styles.trigger_words(studio, wanted.settings, wanted.draws)
        tokens = tile_captions.counted(wanted.settings, wanted.draws, words)
    return UpscaleEstimate(
        settings=upscaling.as_json(wanted.settings),
        notes=upscaling.notes(wanted),
        tokens=tokens,
        **told,
    )


def tiles_of(asking: Caller, id: int) -> UpscaleTiles:
    """The tiles of a job. NotThere where it is none that enlarges."""
    with looked_up():
        job = queue.get(asking.studio.engine, id)
    if job.kind != KIND.name:
        raise NotThere(f"Job {id} enlarges nothing.", "Take one of GET /jobs?kind=upscale.")
    told = upscales.tiles_of(asking.studio, job)
    return UpscaleTiles(**told)


def model_list(asking: Caller) -> list[UpscaleModel]:
    """Every model that enlarges."""
    return [
        UpscaleModel.model_validate(models.as_record(one)) for one in models.all(asking.studio.home)
    ]


def job_head(asking: Caller, job: table.Job) -> Job:
    """A job as lists tell of it."""
    values = details_of(asking, job, payload=False)
    return Job(**{name: values[name] for name in Job.model_fields})

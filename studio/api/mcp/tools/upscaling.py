"""Enlarging pictures: asked for, looked at tile by tile, and what there is to choose from."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pydantic import Field

from studio import context
from studio.api import upscaling
from studio.api.calls import Caller
from studio.api.mcp import once
from studio.api.mcp.answers import Job, UpscaleChoices, Upscaled
from studio.api.mcp.tool import Tool
from studio.api.mcp.tools.styles import Nothing
from studio.api.mcp.tools.waiting import Named, told
from studio.api.mcp.tools.where import WHERE, wish
from studio.api.upscaling import UpscaleTiles
from studio.errors import StudioError
from studio.jobs import table
from studio.upscaling import saved
from studio.upscaling.methods import offers
from studio.worker import upscales
from studio.worker.payload import Counted, Payload, Text
from studio.workflows import upscaling as workflow

MOST = 20  # pictures of one call
SHOWN = 400  # tiles of one answer


class Upscale(Payload):
    """Which pictures, how large, and how."""

    pictures: list[Text] = Field(description="Ids of pictures, at most 20; each gets a job.")
    factor: float | None = Field(
        default=None, description="Times as large; pixel art takes whole ones alone."
    )
    long_side: Counted | None = Field(
        default=None, description="Pixels of the longer side, in place of factor."
    )
    method: Text = Field(
        default="",
        description="nearest, epx, lanczos, model or diffusion; left out: what suits the picture.",
    )
    prompt: Text = Field(default="", description="For diffusion: what the whole picture shows.")
    style: Text = Field(default="", description="For diffusion: a style that list_styles names.")
    saved: Text = Field(
        default="", description="Settings that were kept under a name; list_upscaling has them."
    )
    settings: dict[str, Any] = Field(
        default_factory=dict,
        description="Any other settings by name, such as {'strength': 0.3, 'hold': 1, 'seam': "
        "true}; an unknown name is answered with those that there are.",
    )
    where: Text = WHERE
    idempotency_key: Text = Field(
        default="",
        description="A text of your own, 1 to 200 visible ASCII characters: for 24 hours the same "
        "call with it gives the first one's jobs and enlarges nothing anew.",
    )


def upscaled(caller: Caller, asked: Upscale) -> Upscaled:
    """The jobs, one a picture."""
    if len(asked.pictures) > MOST:
        raise StudioError(f"{len(asked.pictures):,} pictures are named.", f"Name at most {MOST}.")
    payload = {
        "settings": _settings(caller, asked),
        "factor": asked.factor,
        "long_side": asked.long_side,
    }
    all_of_it = wish({**payload, "pictures": asked.pictures}, asked.where)
    put: list[table.Job] = []

    def ask(mark: str | None) -> table.Job:
        put.extend(
            upscales.put_in(
                caller.studio,
                asked.pictures,
                payload,
                asked_by=caller.by,
                now=context.now(),
                key=mark,
                where=asked.where,
            )
        )
        return put[0]

    key = asked.idempotency_key
    first = once.job(replace(caller, mark=None), "upscale", key, all_of_it, ask)
    found = put or upscales.put_before(caller.studio, first, len(dict.fromkeys(asked.pictures)))
    return Upscaled(jobs=[_job(caller, one) for one in found])


def tiles(caller: Caller, asked: Named) -> UpscaleTiles:
    """The tiles of a job, at most SHOWN."""
    found = upscaling.tiles_of(caller, asked.job)
    return found.model_copy(update={"tiles": found.tiles[:SHOWN]})


def choices(caller: Caller, asked: Nothing) -> UpscaleChoices:
    """Methods, models and kept settings."""
    return UpscaleChoices(
        methods={name: offers.LABELS[name] for name in offers.METHODS},
        models=upscaling.model_list(caller),
        saved=[vars(one) for one in saved.listing(caller.studio.engine)],
    )


def _settings(caller: Caller, asked: Upscale) -> dict[str, Any]:
    begun = workflow.kept_settings(caller.studio, asked.saved) if asked.saved else {}
    said = {"method": asked.method, "prompt": asked.prompt, "style": asked.style}
    return {**begun, **asked.settings, **{name: value for name, value in said.items() if value}}


def _job(caller: Caller, row: table.Job) -> Job:
    found = told(caller, row).job
    assert found is not None
    return found


UPSCALE_PICTURES = Tool(
    name="upscale_pictures",
    title="Enlarge pictures",
    says="Makes pictures larger, up to 16,384 pixels a side, each by its own job: pixel art by "
    "whole factors with its palette kept, paintings by an upscaling model, or drawn anew tile by "
    "tile in a style (method diffusion). The results stand in the gallery beside the pictures that "
    "they came from. Large ones by diffusion take an hour or more: say so first.",
    right="generate",
    takes=Upscale,
    gives=Upscaled,
    run=upscaled,
    kind="upscale",
    changes=True,
    again=False,
)
UPSCALE_TILES = Tool(
    name="get_upscale_tiles",
    title="Look at an enlarging's tiles",
    says="How far a job that enlarges is, tile by tile: each with its place in the result and "
    "whether it waits, is drawn or failed. At most 400 of them.",
    right="look",
    takes=Named,
    gives=UpscaleTiles,
    run=tiles,
)
LIST_UPSCALING = Tool(
    name="list_upscaling",
    title="List ways to enlarge",
    says="The methods and models that enlarge pictures, and settings that the team kept by name.",
    right="look",
    takes=Nothing,
    gives=UpscaleChoices,
    run=choices,
)

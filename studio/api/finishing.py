"""Finishing: pictures made ready for the game, looked at before, and kept."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from fastapi import APIRouter, Response
from PIL import Image
from pydantic import BaseModel

from studio import context
from studio.api import json_bodies
from studio.api.calls import SAFE, Asking, Call, Caller, beside, needs
from studio.api.jobs import JobDetails, answered, ask
from studio.api.parts import Wait, Webhook, Where
from studio.context import Studio
from studio.errors import StudioError
from studio.finishing import palettes
from studio.finishing import steps as all_steps
from studio.finishing.by_hand import Listed
from studio.finishing.recipe import Recipe
from studio.finishing.steps import Steps
from studio.generation.lists import as_png
from studio.jobs import table
from studio.pixels.figures import PixelFigures
from studio.pixels.hex_colours import Pixels
from studio.remote.machines import HERE
from studio.worker.kinds import finish
from studio.worker.kinds.finish import Finish
from studio.worker.payload import Payload, Text
from studio.workflows import finishing
from studio.workflows.finishing_sources import Source, by_a_job, finished, proposals, sources

router = APIRouter(tags=["finishing"], route_class=Call)


class LeftOut(BaseModel):
    """A picture that could not be finished, and why."""

    id: str
    why: str


class Finished(BaseModel):
    """The ids of the finished pictures, those of pictures that the steps change nothing of, and
    what was left out."""

    assets: list[str]
    same: list[str]
    left: list[LeftOut]


class Preview(Payload):
    """A picture that is to be looked at after these steps, as the model drew it where `raw` and
    that is kept."""

    id: Text
    steps: dict[str, Any]
    raw: bool = True


class Proposal(BaseModel):
    """What could be cleaned besides, to be named among the steps' `taken`; its pixels (x, y) are
    those of the finished picture."""

    id: str
    kind: str
    sentence: str
    pixels: list[tuple[int, int]]


class Previewed(BaseModel):
    """A picture after the steps, PNG as base64, and its shadow as a layer of its own, where there
    is one; figures of before and after; what to look at first."""

    picture: str
    shadow: str | None
    same: bool
    before: PixelFigures
    after: PixelFigures
    doubts: list[str]
    proposals: list[Proposal]


@router.post(
    "/finishing",
    **needs("finish pictures"),
    responses={202: {"model": JobDetails, "description": "There are many: a job does it"}},
)
async def finish_pictures(
    asking: Asking,
    response: Response,
    body: Finish,
    wait: Wait = 0,
    webhook: Webhook = "",
    where: Where = HERE,
) -> Finished | JobDetails:
    """Finish pictures and keep what comes of it beside them; many, or large ones, by a job."""

    def begun() -> Finished | table.Job:
        steps = steps_of(asking.studio, body.steps)
        found = sources(asking.studio, body.ids, raw=body.raw)
        if not found:
            raise StudioError("None of these pictures is there.", "Choose pictures of GET /assets.")
        if by_a_job(found) or where not in ("", HERE):
            return by_job(asking, body.ids, steps, body.raw, webhook, where)
        return kept(asking, found, steps)

    done = await beside(begun)
    return done if isinstance(done, Finished) else await answered(asking, response, done, wait)


@router.post("/finishing/preview", **needs("look", **{SAFE: True}))
def preview(asking: Asking, body: Preview) -> Previewed:
    """What steps make of a picture; nothing is kept."""
    steps = steps_of(asking.studio, body.steps)
    source = _source(asking, body)
    if by_a_job([source]):
        # What takes seconds would hold other calls up.
        raise StudioError("The picture is too large to be looked at so.", "Finish it by a job.")
    done = finished(source, steps)
    return Previewed(
        picture=_png(done.rgba),
        shadow=None if done.shadow is None else _png(done.shadow),
        same=done.same,
        before=done.before,
        after=done.after,
        doubts=list(done.doubts),
        proposals=[_proposal(one) for one in proposals(source, steps)],
    )


def steps_of(studio: Studio, given: Mapping[str, Any]) -> Steps:
    """The steps as they were sent. A palette that their recipe names without colours gives them.
    StudioError for what can't be."""
    json_bodies.check_kept("steps", given)
    steps = all_steps.read(given)
    return replace(steps, recipe=in_colours(studio, steps.recipe))


def in_colours(studio: Studio, recipe: Recipe) -> Recipe:
    """The recipe with the colours of its palette written out, unless it has its own. StudioError
    where there is no such palette."""
    if not recipe.palette or recipe.colours:
        return recipe
    held = palettes.named(studio.engine, recipe.palette)
    return replace(recipe, colours=held.colours, palette=held.mark)


def kept(asking: Caller, found: Sequence[Source], steps: Steps) -> Finished:
    """These pictures finished, and kept."""
    done = finishing.keep(asking.studio, found, steps, by=asking.by, now=context.now())
    left = [LeftOut(id=id, why=why) for id, why in done.left]
    return Finished(assets=list(done.ids), same=list(done.same), left=left)


def by_job(
    asking: Caller,
    ids: Sequence[str],
    steps: Steps,
    raw: bool,
    webhook: str = "",
    where: str = HERE,
) -> table.Job:
    """The job that does so."""
    payload = {"ids": list(ids), "raw": raw, "steps": all_steps.said_of(steps)}
    return ask(asking, finish.KIND.name, payload, webhook, where)


def _source(asking: Caller, body: Preview) -> Source:
    found = sources(asking.studio, [body.id], raw=body.raw)
    if not found:
        raise StudioError(f"There is no picture {body.id[:40]!r}.", "Choose one of GET /assets.")
    return found[0]


def _proposal(one: Listed) -> Proposal:
    pixels = [(int(x), int(y)) for x, y in one.pixels]
    return Proposal(id=one.id, kind=one.kind, sentence=one.sentence, pixels=pixels)


def _png(rgba: Pixels) -> str:
    return base64.b64encode(as_png(Image.fromarray(rgba))).decode()

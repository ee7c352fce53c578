"""Pictures drawn in the house style: one prompt, a list, and what they begin from."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel

from studio.api.calls import Asking, Call, beside, needs
from studio.api.jobs import JobDetails, answered, ask
from studio.api.parts import Name, Wait, Webhook
from studio.api.picture_bodies import PICTURE, picture_in
from studio.api.problems import looked_up
from studio.generation import start_pictures, start_room
from studio.worker.kinds.batch import Batch
from studio.worker.kinds.generate import Generate

router = APIRouter(tags=["generate"], route_class=Call)

WAITED: dict[int | str, dict[str, Any]] = {
    202: {"model": JobDetails, "description": "The job has not ended yet"}
}


class Start(BaseModel):
    """A picture to begin from, or a mask of one, by the name that `start` and `mask` take."""

    start: str
    width: int
    height: int


@router.post("/generate", **needs("generate"), responses=WAITED)
async def generate(
    asking: Asking, response: Response, body: Generate, wait: Wait = 0, webhook: Webhook = ""
) -> JobDetails:
    """Draw one prompt, by default with what is in production for the caller."""
    job = await beside(ask, asking, "generate", body, webhook)
    return await answered(asking, response, job, wait)


@router.post("/lists", **needs("generate"), responses=WAITED)
async def draw_list(
    asking: Asking, response: Response, body: Batch, wait: Wait = 0, webhook: Webhook = ""
) -> JobDetails:
    """Draw a list, up to 10,000 pictures, as one job."""
    job = await beside(ask, asking, "batch", body, webhook)
    return await answered(asking, response, job, wait)


@router.post("/starts", status_code=201, **needs("generate", **PICTURE))
async def keep_start(asking: Asking, request: Request) -> Start:
    """Keep a picture to begin from (img2img); the same picture has the same name."""
    data = await request.body()

    def keep() -> Start:
        start_room.check(asking.studio, asking.by)
        home = asking.studio.home
        name = start_pictures.keep(home, data, "The picture", by=asking.by)
        return _start(name, start_pictures.size_of(home, name))

    return await beside(keep)


@router.post("/starts/{start}/masks", status_code=201, **needs("generate", **PICTURE))
async def keep_mask(asking: Asking, request: Request, start: Name) -> Start:
    """Keep a mask of such a picture: not black where it is to be drawn anew."""
    mask = await picture_in(request)

    def keep() -> Start:
        home = asking.studio.home
        with looked_up():
            size = start_pictures.size_of(home, start)
        start_room.check(asking.studio, asking.by)
        return _start(start_pictures.keep_mask(home, mask, start, by=asking.by), size)

    return await beside(keep)


def _start(name: str, size: tuple[int, int]) -> Start:
    return Start(start=name, width=size[0], height=size[1])

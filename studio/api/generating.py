"""Pictures drawn in the house style: one prompt, a list, what they begin from, and what leads."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel

from studio.api.calls import Asking, Call, Keeping, beside, needs
from studio.api.jobs import asked, put, puts_in
from studio.api.parts import Name, Wait, Webhook, Where
from studio.api.picture_bodies import PICTURE, picture_in
from studio.api.problems import looked_up
from studio.diffusion import control_files, team_bases
from studio.generation import start_pictures, start_room
from studio.remote.machines import HERE
from studio.worker.kinds.batch import Batch
from studio.worker.kinds.generate import Generate
from studio.workflows import release, version_loading

router = APIRouter(tags=["generate"], route_class=Call)


class Control(BaseModel):
    """A ControlNet or an IP-Adapter (`part`) by the name that `controlnet` and `ip_adapter` take;
    `family` of bases, and whether what is drawn with it may be sold (null: not known)."""

    name: str
    part: str
    kind: str
    family: str
    licence: str
    commercial: bool | None


class Controls(BaseModel):
    """Those that act on one base, the one that is taken first at the front."""

    base: str
    items: list[Control]


class Start(BaseModel):
    """A picture to begin from, to lead or to draw after, or a mask of one, by the name that
    `start`, `picture`, `reference` and `mask` take."""

    start: str
    width: int
    height: int


@router.post("/generate", **puts_in("generate"))
async def generate(
    asking: Keeping, body: Generate, wait: Wait = 0, webhook: Webhook = "", where: Where = HERE
) -> Response:
    """Draw one prompt, by default with what is in production for the caller."""
    return await put(asking, asked(asking, "generate", body, webhook, where), wait)


@router.post("/lists", **puts_in("generate"))
async def draw_list(
    asking: Keeping, body: Batch, wait: Wait = 0, webhook: Webhook = "", where: Where = HERE
) -> Response:
    """Draw a list, up to 10,000 pictures, as one job."""
    return await put(asking, asked(asking, "batch", body, webhook, where), wait)


@router.get("/styles/{style}/controls", **needs("look"))
def style_controls(asking: Asking, style: Name) -> Controls:
    """What pictures can lead a drawing through, with the version that draws for the caller."""
    studio = asking.studio
    with looked_up():
        version, _ = release.drawn_with(studio, style, asking.by)
    base = version_loading.base_of(studio, version)
    found = control_files.offered(studio.home, base)
    told = ("name", "part", "kind", "family", "licence", "commercial")
    items = [Control(**{name: getattr(one, name) for name in told}) for one in found]
    return Controls(base=team_bases.label_of(base), items=items)


@router.post("/starts", status_code=201, **needs("generate", **PICTURE))
async def keep_start(asking: Asking, request: Request) -> Start:
    """Keep a picture to begin from (img2img), to lead by, or to draw after; the same picture has
    the same name."""
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

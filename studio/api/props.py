"""Props: made from pictures, edited, found in the history of all that was made, and exported."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from studio.api.assets import Asset, entry_of, told
from studio.api.calls import Asking, Call, Caller, Keeping, needs
from studio.api.jobs import asked, put, puts_in
from studio.api.parts import Name, Said, Wait, Webhook, Where
from studio.api.problems import looked_up
from studio.api.put_in import Asked
from studio.assets import family
from studio.jobs import table
from studio.props.making import Offer
from studio.remote.machines import HERE
from studio.worker import submit
from studio.worker.kinds.picture_edit import KIND as READY
from studio.worker.kinds.picture_edit import PictureEdit
from studio.worker.kinds.prop import KIND, Prop
from studio.worker.kinds.prop_edit import KIND as EDIT
from studio.worker.kinds.prop_sheet import KIND as SHEET
from studio.worker.payload import Payload, Text, Words
from studio.workflows import prop_exports, prop_files, prop_history, props
from studio.workflows.prop_history import Filters, Item

router = APIRouter(tags=["props"], route_class=Call)

BINARY = {"schema": {"type": "string", "format": "binary"}}
FILE: dict[int | str, dict[str, Any]] = {
    200: {"content": dict.fromkeys(sorted(set(prop_exports.MEDIA.values())), BINARY)}
}


class EditProp(Payload):
    """What is done to a prop, in this order; `name` calls the new version, "" as the old one."""

    edits: list[dict[str, Any]] = Field(title="edit")
    name: Words = ""


class DrawSheet(Payload):
    """How a prop is drawn back in 2D: `directions` (docs/prop-sheets.md), of which any may be
    missing; those are as `style` has them, "" for the prop's own."""

    directions: dict[str, Any] = Field(default_factory=dict)
    style: Text = ""


class PropItem(BaseModel):
    """One asset of the history. `method`, `triangles`, `closed` and `height_m` are a prop's. `cost`
    is what was paid for it, or with `of_job` for all that its job made; "" for nothing. `poster`
    is an address within the studio, null where nothing shows it."""

    id: str
    kind: str
    style: str
    version: int
    by: str
    at: str
    job: int | None
    name: str
    verdict: Literal["approved", "edit", "rejected"] | None
    turn: int
    said: str
    method: str
    triangles: int | None
    closed: bool | None
    height_m: float | None
    width: int
    height: int
    cost: str
    of_job: bool
    poster: str | None


class PropItems(BaseModel):
    """A page of the history, from 1, the newest first; how many there are on all pages."""

    items: list[PropItem]
    total: int
    page: int
    pages: int


class PropDetails(BaseModel):
    """A prop: its asset, whose recipe has settings, edits, figures and remarks; the forms that it
    can be had in; its manifest; the ids of what it came from and of what came of it; and its page
    within the studio, which can be shared."""

    asset: Asset
    forms: list[str]
    manifest: dict[str, Any]
    before: list[str]
    after: list[str]
    page: str


class PropAgain(BaseModel):
    """What to ask for another prop with the settings of one: by which kind of job, of which
    pictures."""

    kind: str
    pictures: list[str]
    settings: dict[str, Any]
    edits: list[dict[str, Any]]


@router.get("/props", **needs("look"))
def props_history(
    asking: Asking,
    style: Said = "",
    kind: Said = "",
    by: Said = "",
    method: Said = "",
    verdict: Literal["", "approved", "edit", "rejected", "open"] = "",
    cost: Literal["", "paid", "free"] = "",
    text: Said = "",
    page: Annotated[int, Query(ge=1, le=1_000_000)] = 1,
    size: Annotated[int, Query(ge=1, le=prop_history.MOST)] = prop_history.PAGE,
) -> PropItems:
    """The history: everything that was made, by filters, the newest first."""
    filters = Filters(
        style=style, kind=kind, by=by, method=method, verdict=verdict, cost=cost, text=text
    )
    return items(asking, filters, page, size)


@router.post("/props", **puts_in(KIND.right))
async def make_props(
    asking: Keeping, body: Prop, wait: Wait = 0, webhook: Webhook = "", where: Where = HERE
) -> Response:
    """Make props from pictures by a local method, by default the one that suits each picture."""
    return await put(asking, asked(asking, KIND.name, body, webhook, where), wait)


@router.get("/props/methods", **needs("look"))
def prop_methods(
    asking: Asking, picture: Annotated[Text, Query(min_length=1, max_length=200)]
) -> list[Offer]:
    """The methods for a picture, the one to begin with first, and what speaks for and against."""
    with looked_up():
        return list(props.offered(asking.studio, picture))


@router.get("/props/{asset}", **needs("look"))
def prop(asking: Asking, asset: Name) -> PropDetails:
    """One prop with its figures, its manifest and its family."""
    with looked_up():
        manifest = prop_exports.manifest(asking.studio, asset)
    engine = asking.studio.engine
    found = family.family(engine, asset)
    return PropDetails(
        asset=told(entry_of(asking, asset)),
        forms=list(prop_exports.forms_of(engine, asset)),
        manifest=manifest,
        before=[one.id for one in found.before],
        after=[one.id for one in found.after],
        page=f"/Props?prop={asset}",
    )


@router.get("/props/{asset}/again", **needs("look"))
def prop_again(asking: Asking, asset: Name) -> PropAgain:
    """What to ask for another prop with the same settings."""
    with looked_up():
        return PropAgain(**props.again(asking.studio, asset))


@router.post("/props/{asset}/edits", **puts_in(EDIT.right))
async def edit_prop(
    asking: Keeping,
    asset: Name,
    body: EditProp,
    wait: Wait = 0,
    webhook: Webhook = "",
    where: Where = HERE,
) -> Response:
    """Edit a prop: a new version beside the old one, which stays."""
    return await put(asking, _of_prop(asking, EDIT.name, asset, body, webhook, where), wait)


@router.post("/props/{asset}/sheets", **puts_in(SHEET.right))
async def draw_prop_sheet(
    asking: Keeping,
    asset: Name,
    body: DrawSheet,
    wait: Wait = 0,
    webhook: Webhook = "",
    where: Where = HERE,
) -> Response:
    """Draw a prop from 1, 4 or 8 directions: a picture of the gallery, its normal map beside it."""
    return await put(asking, _of_prop(asking, SHEET.name, asset, body, webhook, where), wait)


@router.post("/picture-edits", **puts_in(READY.right))
async def edit_pictures(
    asking: Keeping, body: PictureEdit, wait: Wait = 0, webhook: Webhook = "", where: Where = HERE
) -> Response:
    """Cut, recolour, cut out pictures before props are made of them; the old ones stay."""
    return await put(asking, asked(asking, READY.name, body, webhook, where), wait)


@router.head("/props/{asset}/file", include_in_schema=False, **needs("look"))
@router.get("/props/{asset}/file", response_class=Response, responses=FILE, **needs("look"))
def prop_file(asking: Asking, asset: Name, form: Said = "glb") -> Response:
    """A prop as a file to keep: glb, obj, png, texture, normals, normals-down, manifest or zip."""
    with looked_up():
        prop_files.get(asking.studio.engine, asset)
    made = prop_exports.download(asking.studio, asset, form)
    said = f'attachment; filename="{made.name}"'
    return Response(made.data, 200, {"Content-Disposition": said}, made.media_type)


def _of_prop(
    asking: Caller, kind: str, asset: str, body: Payload, webhook: str, where: str
) -> Asked:
    def checked(mark: str | None) -> table.Job | submit.Ready:
        with looked_up():
            prop_files.get(asking.studio.engine, asset)
        return asked(asking, kind, {"prop": asset, **body.model_dump()}, webhook, where)(mark)

    return checked


def items(asking: Caller, filters: Filters, page: int, size: int) -> PropItems:
    """A page of the history as it is answered."""
    found = prop_history.found(asking.studio.engine, filters, page, size)
    told = [_item(one) for one in found.items]
    return PropItems(items=told, total=found.total, page=found.page, pages=found.pages)


def _item(one: Item) -> PropItem:
    names = [name for name in PropItem.model_fields if name not in ("cost", "poster")]
    return PropItem(
        **{name: getattr(one, name) for name in names},
        cost=str(one.cost) if one.cost else "",
        poster=f"/picture/asset/{one.id}" if one.poster else None,
    )

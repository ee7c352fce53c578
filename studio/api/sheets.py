"""Animation sheets: made of frames, files or one picture in motion, cut, told and exported."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from studio import context
from studio.api import paging
from studio.api.assets import Asset, entry_of, told
from studio.api.calls import Asking, Call, Caller, Keeping, beside, needs
from studio.api.jobs import asked, put, puts_in
from studio.api.paging import Page, Paged
from studio.api.parts import Name, Said, Wait, Webhook, Where, moment
from studio.api.problems import looked_up
from studio.api.uploads import BYTES
from studio.assets import catalogue, records
from studio.assets.search import Wanted
from studio.remote.machines import HERE
from studio.sheets import effects, motion
from studio.sheets import sheet as animation_parts
from studio.sheets.phases import MOST as MOST_PHASES
from studio.sheets.phases import USUAL as USUAL_PHASES
from studio.worker.kinds.sheet import KIND, Sheet
from studio.worker.payload import Counted, Payload, Text, Words
from studio.workflows import animation_files, animation_sources, labelling, sheet_to_dataset
from studio.workflows.sheet_to_dataset import Provenance

router = APIRouter(tags=["finishing"], route_class=Call)

ZIP: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}}}
}
USUAL = "sheet,aseprite,texturepacker"


class CutSheet(Payload):
    """How a picture is cut: by a cell's width and height, or by columns and rows; 0 is not said."""

    picture: Text
    width: Counted = 0
    height: Counted = 0
    columns: Counted = 0
    rows: Counted = 0
    spacing: Counted = 0
    margin: Counted = 0


class SheetFrames(BaseModel):
    """Frames as `Sheet` takes them, and how many cells have nothing on them."""

    frames: list[dict[str, Any]]
    columns: int
    rows: int
    empty: int


class SheetSource(BaseModel):
    """A file as `Sheet` takes it, and what of the file it has not."""

    sheet: dict[str, Any]
    remarks: list[str]


class SheetFrame(BaseModel):
    """A frame: where it lies on the sheet, where its upper left corner is in the canvas."""

    name: str
    duration_ms: int
    x: int
    y: int
    width: int
    height: int
    left: int
    top: int


class SheetDetails(BaseModel):
    """A sheet with all that is said of its frames; `figures` are null where none were taken.
    `effect` is how it is blended, `book` how an engine divides it by columns and rows: {columns,
    rows, width, height}, null where that does not find its frames."""

    asset: Asset
    width: int
    height: int
    frames: list[SheetFrame]
    tags: list[dict[str, Any]]
    slices: list[dict[str, Any]]
    pivot: list[float]
    palette: list[str]
    normals: bool
    packing: dict[str, Any]
    effect: str
    book: dict[str, int] | None
    figures: dict[str, Any] | None
    remarks: list[str]
    page: str


class Teaching(Payload):
    """Which dataset the frames go to, and what their captions say: `caption`, the sheet's name
    where it is empty, and the phase of `phases` that each shows. `on_black`: for effects that are
    added to the game. `source`, `author` and `licence` say where the frames are from."""

    dataset: Text
    caption: Words = ""
    phases: Counted = Field(default=USUAL_PHASES, ge=1, le=MOST_PHASES)
    on_black: bool = False
    source: Words = ""
    author: Words = ""
    licence: Words = ""


class Taught(BaseModel):
    """The dataset's version that has the frames, which came as new, how many were left out (nothing
    is on them, no tag has them, or they look as one before), and the captions, to be asked for once
    a style has learned them."""

    dataset: str
    version: str
    new: list[str]
    left: int
    captions: list[str]
    warnings: list[str]


class MotionSetting(BaseModel):
    """A setting of a motion, and what it is unless said."""

    name: str
    low: float
    high: float
    first: float
    says: str


class MotionDetails(BaseModel):
    """A motion that needs no model."""

    name: str
    label: str
    settings: list[MotionSetting]


@router.get("/sheets", **needs("look"))
def sheets(asking: Asking, paged: Paged, style: Said = "", since: Said = "") -> Page[Asset]:
    """Every animation sheet, the newest first."""
    wanted = Wanted(kind=animation_files.KIND, style=style, since=moment("since", since))
    found = catalogue.after(asking.studio.engine, wanted, paged.more, paging.moment(paged.after))
    return paging.page(paged, found, lambda one: (one.asset.at, one.asset.number), told)


@router.post("/sheets", **puts_in(KIND.right))
async def make_sheet(
    asking: Keeping, body: Sheet, wait: Wait = 0, webhook: Webhook = "", where: Where = HERE
) -> Response:
    """Make a sheet of frames, or of one picture in motion."""
    return await put(asking, asked(asking, KIND.name, body, webhook, where), wait)


@router.get("/sheets/motions", **needs("look"))
def motions(asking: Asking) -> list[MotionDetails]:
    """The motions that need no model, with their settings."""
    return [
        MotionDetails(
            name=one.name,
            label=one.label,
            settings=[
                MotionSetting(**{name: getattr(part, name) for name in MotionSetting.model_fields})
                for part in motion.parameters_of(one.name)
            ],
        )
        for one in motion.MOTIONS.values()
    ]


@router.post("/sheets/cuts", **needs(KIND.right))
def cut_sheet(asking: Asking, body: CutSheet) -> SheetFrames:
    """Cut a picture into cells, those with nothing on them left out; nothing is kept."""
    how = {name: value for name, value in body.model_dump(exclude={"picture"}).items() if value}
    found, frames = animation_sources.cut_up(asking.studio, body.picture, how)
    return SheetFrames(frames=frames, columns=found.columns, rows=found.rows, empty=found.empty)


@router.post("/sheets/sources", status_code=201, **needs(KIND.right, **BYTES))
async def bring_sheet(
    asking: Asking,
    request: Request,
    name: Annotated[Text, Query(min_length=1, max_length=400)],
) -> SheetSource:
    """Send an .aseprite, GIF, APNG or WebP: its frames are kept to make a sheet of."""
    data = await request.body()

    def bring() -> SheetSource:
        found, remarks = animation_sources.brought(asking.studio, data, name, by=asking.by)
        return SheetSource(sheet=found, remarks=list(remarks))

    return await beside(bring)


@router.get("/sheets/{asset}", **needs("look"))
def sheet(asking: Asking, asset: Name) -> SheetDetails:
    """One sheet: its frames, tags, slices, pivot, and where all of it lies."""
    kept = _kept(asking, asset)
    said, recipe = animation_parts.to_json(kept.animation), kept.asset.recipe
    frames = [
        SheetFrame(
            name=frame.name,
            duration_ms=frame.duration_ms,
            **{name: getattr(rect, name) for name in ("x", "y", "width", "height", "left", "top")},
        )
        for frame, rect in zip(kept.animation.frames, kept.placed.rects, strict=True)
    ]
    return SheetDetails(
        asset=told(entry_of(asking, asset)),
        width=kept.animation.width,
        height=kept.animation.height,
        frames=frames,
        **{name: said[name] for name in ("tags", "slices", "pivot", "palette", "normals")},
        packing=asdict(kept.placed.packing),
        effect=animation_files.blend_of(kept.asset),
        book=asdict(book) if (book := effects.book_of(kept.placed)) else None,
        figures=recipe.get("figures"),
        remarks=list(recipe.get("remarks", ())),
        page=f"/Animate?sheet={asset}",
    )


@router.post("/sheets/{asset}/dataset", status_code=201, **needs(sheet_to_dataset.RIGHT))
def teach_sheet(asking: Asking, asset: Name, body: Teaching) -> Taught:
    """Add a sheet's frames to a dataset, or begin one, each with its phase in the caption."""
    with looked_up():
        records.get(asking.studio.engine, asset)
    done = sheet_to_dataset.hand_on(
        asking.studio,
        asset,
        body.dataset,
        caption=body.caption,
        count=body.phases,
        on_black=body.on_black,
        told=Provenance(body.source, body.author, body.licence),
        by=asking.by,
        now=context.now(),
    )
    return Taught(
        dataset=done.added.version.name,
        version=done.added.version.version,
        new=list(done.added.new),
        left=done.left,
        captions=list(done.captions),
        warnings=list(done.added.warnings),
    )


@router.head("/sheets/{asset}/file", include_in_schema=False, **needs("look"))
@router.get("/sheets/{asset}/file", response_class=Response, responses=ZIP, **needs("look"))
def sheet_file(asking: Asking, asset: Name, format: Said = USUAL, name: Said = "") -> Response:
    """The sheet as files in a zip: sheet, aseprite, aseprite_json, aseprite_array, texturepacker,
    apng, webp, gif, frames."""
    kept = _kept(asking, asset)
    formats = [one.strip() for one in format.split(",") if one.strip()]
    made, _ = animation_files.exported(kept, formats, name)
    found = labelling.labelled_files(asking.studio.engine, asset, made)
    stem = animation_files.file_name(name or kept.asset.name)
    headers = {"Content-Disposition": f'attachment; filename="{stem}.zip"'}
    return Response(animation_files.packed(found), 200, headers, "application/zip")


def _kept(asking: Caller, asset: str) -> animation_files.Kept:
    with looked_up():
        records.get(asking.studio.engine, asset)
    return animation_files.get(asking.studio.engine, asking.studio.home, asset)

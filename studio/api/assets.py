"""What was made: found by filters, with how it was made, and the files themselves."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from fastapi import APIRouter, Request, Response
from PIL import Image
from pydantic import BaseModel

from studio import images, numbers
from studio.api import file_answers, paging
from studio.api.calls import Asking, Call, Caller, beside, needs
from studio.api.paging import Page, Paged
from studio.api.parts import Counted, Name, Said, moment
from studio.api.problems import NotThere, looked_up
from studio.assets import catalogue, family, files, records, verdicts
from studio.assets.catalogue import Entry
from studio.assets.files import File
from studio.assets.search import Wanted
from studio.diffusion import seamless
from studio.finishing import indexed as indexed_png
from studio.finishing import palettes
from studio.generation import lists, seam_verdicts

router = APIRouter(tags=["assets"], route_class=Call)

THUMBNAIL = 256  # pixels a side
OPAQUE = "none"  # as the transparent place: there is none
FILE: dict[int | str, dict[str, Any]] = {
    200: {"content": {"image/png": {"schema": {"type": "string", "format": "binary"}}}},
    304: {"description": "What was kept is still it"},
}


class Asset(BaseModel):
    """One thing that was made. `picture` and `thumbnail` are addresses within the studio; `hash` is
    the SHA-256 of the file to use, `pixels` that of its size and pixels, however it was saved."""

    id: str
    kind: str
    style: str
    version: int
    seed: int | None
    name: str
    variant: int
    category: str
    prompt: str
    by: str
    at: str
    changed_at: str
    job: int | None
    verdict: verdicts.Verdict | None
    turn: int
    width: int | None
    height: int | None
    hash: str | None
    pixels: str | None
    picture: str | None
    thumbnail: str | None
    recipe: dict[str, Any]


class AssetFile(BaseModel):
    """One file of an asset; `hash` and the like are null until an older studio's file was read."""

    role: str
    hash: str | None
    bytes: int | None
    width: int | None
    height: int | None
    by: str
    at: str
    address: str


class AssetDetails(Asset):
    """An asset with the ids of what it was made of, of what was made of it, and its files."""

    parents: list[str]
    children: list[str]
    files: list[AssetFile]


class Edge(BaseModel):
    """How an edge looks where the picture repeats: above 1 its figure stands out."""

    figure: float
    verdict: str


class Seams(BaseModel):
    """Both edges; null for one that was not asked for."""

    x: Edge | None = None
    y: Edge | None = None


@router.get("/assets", **needs("look"))
def assets(
    asking: Asking,
    paged: Paged,
    kind: Said = "",
    style: Said = "",
    version: Counted = None,
    verdict: Literal["", "approved", "edit", "rejected", "open"] = "",
    category: Said = "",
    by: Said = "",
    text: Said = "",
    job: Counted = None,
    board: Said = "",
    seam: Literal["", "cut"] = "",
    since: Said = "",
) -> Page[Asset]:
    """What was made, the newest first; a job's as they were made."""
    wanted = Wanted(
        style=style,
        version=version,
        verdict=verdict,
        by=by,
        text=text,
        job=job,
        kind=kind,
        board=board,
        seam=seam,
        category=category,
        since=moment("since", since),
    )
    found = catalogue.after(asking.studio.engine, wanted, paged.more, paging.moment(paged.after))
    return paging.page(paged, found, lambda one: (one.asset.at, one.asset.number), told)


@router.get("/assets/{asset}", **needs("look"))
def asset(asking: Asking, asset: Name) -> AssetDetails:
    """One asset with its family and its files."""
    entry, engine = entry_of(asking, asset), asking.studio.engine
    return AssetDetails(
        **told(entry).model_dump(),
        parents=[one.id for one in family.parents(engine, asset)],
        children=[one.id for one in family.children(engine, asset)],
        files=[_file(asset, one) for one in files.of(engine, asset)],
    )


@router.head("/assets/{asset}/picture", include_in_schema=False, **needs("look"))
@router.get("/assets/{asset}/picture", response_class=Response, responses=FILE, **needs("look"))
async def asset_picture(
    asking: Asking,
    request: Request,
    asset: Name,
    factor: Said = "1",
    indexed: Said = "",
    transparent: Said = "0",
) -> Response:
    """The picture to use, the painted-over one where there is one: as it is kept, or made larger or
    smaller by a whole `factor`, or as indexed PNG in a palette's order."""
    file = await beside(picture_of, asking, asset)
    path = asking.studio.home / file.path
    if factor == "1" and not indexed:
        return await file_answers.whole(request, path, file)
    engine = asking.studio.engine
    palette = await beside(palettes.named, engine, indexed) if indexed else None
    headers = file_answers.made_of(file, factor, palette.mark if palette else "", transparent)
    if file_answers.is_had(request, headers):
        return Response(status_code=304, headers=headers)
    await file_answers.found(path)

    def made() -> bytes:
        picture = lists.at_factor(_opened(path), factor)
        if palette is None:
            return lists.as_png(picture)
        colours = palette.colours
        most = len(colours)
        at = None if transparent == OPAQUE else numbers.whole("transparent", transparent, 0, most)
        return indexed_png.snapped_and_encoded(picture, colours, at)

    return Response(await beside(made), headers=headers, media_type="image/png")


@router.head("/assets/{asset}/files/{role}", include_in_schema=False, **needs("look"))
@router.get(
    "/assets/{asset}/files/{role}", response_class=Response, responses=FILE, **needs("look")
)
async def asset_file(asking: Asking, request: Request, asset: Name, role: Name) -> Response:
    """One file of an asset as it is kept."""
    listed = await beside(files.of, asking.studio.engine, asset)
    known = {one.role: one for one in listed}
    if role not in known:
        raise NotThere(f"The asset {asset[:40]!r} has no file {role[:40]!r}.", "Look at its files.")
    return await file_answers.whole(request, asking.studio.home / known[role].path, known[role])


@router.get("/assets/{asset}/seams", **needs("look"))
async def asset_seams(
    asking: Asking, asset: Name, axes: Literal["both", "x", "y"] = "both"
) -> Seams:
    """How the picture's edges fit where it repeats, measured now."""
    file = await beside(picture_of, asking, asset)
    path = asking.studio.home / file.path
    await file_answers.found(path)

    def measured() -> Seams:
        found = seam_verdicts.measured(_opened(path), axes)
        return Seams(**{axis: Edge(**found[axis]) for axis in seamless.axes(axes)})

    return await beside(measured)


def entry_of(asking: Caller, id: str) -> Entry:
    """The asset that a path names. NotThere where there is none."""
    with looked_up():
        records.get(asking.studio.engine, id)
    return catalogue.of_ids(asking.studio.engine, [id])[0]


def picture_of(asking: Caller, id: str) -> File:
    """The file that shows an asset. NotThere where it has none."""
    file = entry_of(asking, id).file
    if file is None:
        raise NotThere(f"The asset {id[:40]!r} has no picture.", "Look at its files.")
    return file


def told(entry: Entry) -> Asset:
    """An asset as it is answered."""
    one, file = entry.asset, entry.file
    content = file.content if file else None
    names = ("id", "kind", "style", "version", "seed", "name", "variant", "category", "by", "at")
    return Asset(
        **{name: getattr(one, name) for name in (*names, "job", "verdict", "recipe")},
        prompt=str(one.recipe.get("prompt") or ""),
        changed_at=entry.changed_at,
        turn=entry.turn,
        width=content.width if content else None,
        height=content.height if content else None,
        hash=content.hash if content else None,
        pixels=content.pixels if content else None,
        picture=f"/api/v1/assets/{one.id}/picture" if file else None,
        thumbnail=f"/picture/asset/{one.id}?side={THUMBNAIL}" if file else None,
    )


def _file(asset: str, one: File) -> AssetFile:
    content = one.content
    return AssetFile(
        role=one.role,
        hash=content.hash if content else None,
        bytes=content.bytes if content else None,
        width=content.width if content else None,
        height=content.height if content else None,
        by=one.by,
        at=one.at,
        address=f"/api/v1/assets/{asset}/files/{one.role}",
    )


def _opened(path: Path) -> Image.Image:
    """The picture in a file; what is wrong with it is told by its name alone."""
    with looked_up():
        return images.decode(images.read_file(path), path.name)

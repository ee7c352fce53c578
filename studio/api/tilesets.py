"""Tilesets: two terrains become tiles for an engine, are mended by hand, and exported."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from PIL import Image
from pydantic import BaseModel

from studio import context
from studio.api import paging
from studio.api.assets import Asset, entry_of, told
from studio.api.calls import Asking, Call, Caller, beside, needs
from studio.api.paging import Page, Paged
from studio.api.parts import Name, Said, moment
from studio.api.picture_bodies import PICTURE, picture_in
from studio.api.problems import looked_up
from studio.assets import catalogue, contents
from studio.assets.search import Wanted
from studio.errors import StudioError
from studio.finishing import palettes
from studio.tiles import exports, kept, pieces, settings, sheets
from studio.tiles.kept import Source
from studio.tiles.settings import Settings
from studio.worker.payload import Counted, Payload, Text, Words
from studio.workflows import labelling, tile_palettes

router = APIRouter(tags=["finishing"], route_class=Call)

OWN = "own"  # in place of a palette's name: the terrains' own colours
FILE: dict[int | str, dict[str, Any]] = {
    200: {"content": {"image/png": {"schema": {"type": "string", "format": "binary"}}}}
}
ZIP: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}}}
}
EVERY = ",".join(exports.FORMATS)
Gap = Annotated[int, Query(ge=0, le=sheets.MOST_GAP)]


class TileSettings(Payload):
    """How the tiles are made; lengths are in pixels, null: as suits the size."""

    kind: Text = "wang"
    size: Counted = 32
    seed: int = 0
    variants: Counted = settings.VARIANTS[0]
    edge: Text = "blades"
    overhang: Counted | None = None
    face: Counted | None = None
    outline: Counted | None = None
    outline_colour: Text = ""
    shadow: Counted | None = None
    shore: Counted | None = None
    highlight: bool = True
    dither: Text = "none"


class NewTileset(Payload):
    """The upper and the lower terrain: ids of pictures, and what they are called. `palette` is one
    of the studio's ("props@3"), "own" for the terrains' colours, "" for those of their style."""

    inner: Text
    outer: Text
    inner_name: Words = ""
    outer_name: Words = ""
    palette: Text = ""
    settings: TileSettings = TileSettings()


class Tileset(BaseModel):
    """A tileset that was kept: how many tiles it has, the names of its quarter-tiles, and what was
    done to its terrains."""

    asset: Asset
    settings: Settings
    tiles: int
    quarters: list[str]
    notes: list[str]


@router.get("/tilesets", **needs("look"))
def tilesets(asking: Asking, paged: Paged, style: Said = "", since: Said = "") -> Page[Asset]:
    """Every tileset, the newest first."""
    wanted = Wanted(kind=kept.KIND, style=style, since=moment("since", since))
    found = catalogue.after(asking.studio.engine, wanted, paged.more, paging.moment(paged.after))
    return paging.page(paged, found, lambda one: (one.asset.at, one.asset.number), told)


@router.post("/tilesets", status_code=201, **needs("generate"))
def make_tileset(asking: Asking, body: NewTileset) -> Tileset:
    """Make a tileset of two pictures and keep it; the same wish is the same set."""
    studio, how = asking.studio, {"by": asking.by}
    contents.check_room(studio.engine, asking.by, studio.settings.most_drawn)
    inner = kept.of_asset(studio.engine, studio.home, body.inner, body.inner_name.strip())
    outer = kept.of_asset(studio.engine, studio.home, body.outer, body.outer_name.strip())
    asked = _coloured(asking, body, inner, outer)
    id = kept.make(studio.engine, studio.home, inner, outer, asked, now=context.now(), **how)
    return _told(asking, id)


@router.get("/tilesets/{asset}", **needs("look"))
def tileset(asking: Asking, asset: Name) -> Tileset:
    """One tileset."""
    return _told(asking, asset)


@router.head("/tilesets/{asset}/file", include_in_schema=False, **needs("look"))
@router.get("/tilesets/{asset}/file", response_class=Response, responses=ZIP, **needs("look"))
def tileset_file(
    asking: Asking,
    asset: Name,
    format: Said = EVERY,
    spacing: Gap = 0,
    margin: Gap = 0,
) -> Response:
    """The whole set for these engines, with pixels between its tiles and around them."""
    found = _kept(asking, asset)
    between = sheets.gaps(spacing, margin)
    formats = [one.strip() for one in format.split(",") if one.strip()]
    name = found.asset.name
    made = exports.files(found.tileset, name, between, formats)
    data = exports.packed(labelling.labelled_files(asking.studio.engine, asset, made))
    said = f'attachment; filename="{exports.file_name(name)}.zip"'
    return Response(data, 200, {"Content-Disposition": said}, "application/zip")


@router.head("/tilesets/{asset}/quarters/{quarter}", include_in_schema=False, **needs("look"))
@router.get(
    "/tilesets/{asset}/quarters/{quarter}",
    response_class=Response,
    responses=FILE,
    **needs("look"),
)
def quarter(asking: Asking, asset: Name, quarter: Name) -> Response:
    """One quarter-tile to be painted over."""
    found = _kept(asking, asset).tileset
    with looked_up():
        piece = pieces.named(quarter, found.settings.variants)
    return Response(exports.png(Image.fromarray(found.pieces[piece])), media_type="image/png")


@router.post(
    "/tilesets/{asset}/quarters/{quarter}", status_code=201, **needs("generate", **PICTURE)
)
async def fix_quarter(asking: Asking, request: Request, asset: Name, quarter: Name) -> Tileset:
    """Keep the set anew with a quarter-tile that was painted over; it fixes all tiles that have
    it."""
    painted = await picture_in(request)

    def fix() -> Tileset:
        studio = asking.studio
        contents.check_room(studio.engine, asking.by, studio.settings.most_drawn)
        found = _kept(asking, asset).tileset
        with looked_up():
            pieces.named(quarter, found.settings.variants)
        how: dict[str, Any] = {"by": asking.by, "now": context.now()}
        return _told(asking, kept.fix(studio.engine, studio.home, asset, {quarter: painted}, **how))

    return await beside(fix)


def _coloured(asking: Caller, body: NewTileset, inner: Source, outer: Source) -> Settings:
    """What is asked, held to the palette that is named, else to the terrains' style's."""
    asked = _asked(body, inner.name, outer.name)
    if body.palette == OWN:
        return asked
    if body.palette:
        colours = palettes.named(asking.studio.engine, body.palette).colours
        return settings.checked(replace(asked, colours=colours))
    colours, line = tile_palettes.of_terrains(asking.studio, inner, outer)
    return settings.checked(
        replace(asked, colours=colours, outline_colour=asked.outline_colour or line)
    )


def _asked(body: NewTileset, inner: str, outer: str) -> Settings:
    given = {name: one for name, one in body.settings.model_dump().items() if one is not None}
    if given["size"] > settings.MOST:  # before anything is made of it
        raise StudioError(f"size is {given['size']}.", f"Give {settings.LEAST} to {settings.MOST}.")
    return settings.checked(settings.usual(**given, inner=inner, outer=outer))


def _kept(asking: Caller, id: str) -> kept.Kept:
    with looked_up():
        return kept.get(asking.studio.engine, asking.studio.home, id)


def _told(asking: Caller, id: str) -> Tileset:
    found = _kept(asking, id)
    names = [piece.name for piece in pieces.all_pieces(found.tileset.settings.variants)]
    return Tileset(
        asset=told(entry_of(asking, id)),
        settings=found.tileset.settings,
        tiles=len(found.tileset.tiles),
        quarters=names,
        notes=list(found.tileset.notes),
    )

"""Palettes: a team's colours in their order, by revision, approved and locked."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Protocol

from fastapi import APIRouter, Query, Response
from pydantic import Field

from studio import context
from studio.api import paging
from studio.api.calls import Asking, Call, Caller, needs
from studio.api.paging import Page, Paged
from studio.api.parts import Name, Said
from studio.api.problems import looked_up
from studio.finishing import palette_files, palettes
from studio.finishing.colour_table import MOST, MOST_RAMPS, ColourTable, Ramp
from studio.finishing.palettes import Palette
from studio.worker.payload import Counted, Payload, Text, Words

router = APIRouter(tags=["finishing"], route_class=Call)

FILE: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/octet-stream": {"schema": {"type": "string"}}}}
}


class NewRamp(Payload):
    """A material's shades: the places of its colours in the palette, from 0."""

    name: Words
    places: list[Counted] = Field(max_length=MOST)


class NewPalette(Payload):
    """Colours "#rrggbb" in their order, their names (as many, or none), and ramps; `after` is the
    revision that was read, 0 for a new palette."""

    colours: list[Text] = Field(min_length=1, max_length=MOST)
    names: list[Words] = Field(default_factory=list, max_length=MOST)
    ramps: list[NewRamp] = Field(default_factory=list, max_length=MOST_RAMPS)
    source: Words = ""
    after: Counted


class PaletteRevision(Payload):
    """The revision that was looked at."""

    revision: Counted


class _Deciding(Protocol):
    def __call__(self, engine: Any, name: str, *, by: str, now: datetime) -> Palette: ...


@router.get("/palettes", **needs("look"))
def all_palettes(
    asking: Asking, paged: Paged, withdrawn: Annotated[bool, Query()] = False
) -> Page[Palette]:
    """The newest revision of every palette, by name."""
    found = palettes.listing(asking.studio.engine, withdrawn)
    return paging.of_all(paged, found, lambda one: one.name.casefold())


@router.get("/palettes/{palette}", **needs("look"))
def palette(asking: Asking, palette: Name) -> Palette:
    """A palette: "props" the newest revision, "props@3" the third."""
    return _found(asking, palette)


@router.get("/palettes/{palette}/revisions", **needs("look"))
def palette_revisions(asking: Asking, paged: Paged, palette: Name) -> Page[Palette]:
    """Every revision of a palette, the newest first."""
    known = _found(asking, palette)
    found = palettes.revisions(asking.studio.engine, known.name)
    return paging.of_all(paged, found, lambda one: one.revision, falling=True)


@router.head("/palettes/{palette}/file", include_in_schema=False, **needs("look"))
@router.get("/palettes/{palette}/file", response_class=Response, responses=FILE, **needs("look"))
def palette_file(asking: Asking, palette: Name, format: Said = "gpl") -> Response:
    """A palette as a file for a drawing program."""
    found = _found(asking, palette)
    data = palette_files.write(found.table, found.name, format)
    name = palettes.file_name(found) + palette_files.FORMATS[format][0]
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(data, 200, headers, "application/octet-stream")


@router.put("/palettes/{palette}", **needs("edit palettes"))
def save_palette(asking: Asking, palette: Name, body: NewPalette) -> Palette:
    """Keep colours as a palette's next revision, or as a new palette."""
    ramps = tuple(Ramp(one.name, tuple(one.places)) for one in body.ramps)
    return palettes.save(
        asking.studio.engine,
        palette,
        ColourTable(tuple(body.colours), tuple(body.names), ramps),
        after=body.after,
        source=body.source,
        by=asking.by,
        now=context.now(),
    )


@router.post("/palettes/{palette}/approve", **needs("approve palettes"))
def approve_palette(asking: Asking, palette: Name, body: PaletteRevision) -> Palette:
    """Say that this revision, the newest, is what pictures are to be drawn in."""
    name = _found(asking, palette).name
    engine, now = asking.studio.engine, context.now()
    return palettes.approve(engine, name, body.revision, by=asking.by, now=now)


@router.post("/palettes/{palette}/lock", **needs("approve palettes"))
def lock_palette(asking: Asking, palette: Name) -> Palette:
    """Let nobody change it."""
    return _decided(asking, palette, palettes.lock)


@router.post("/palettes/{palette}/unlock", **needs("approve palettes"))
def unlock_palette(asking: Asking, palette: Name) -> Palette:
    """Let it be changed again."""
    return _decided(asking, palette, palettes.unlock)


@router.post("/palettes/{palette}/withdraw", **needs("edit palettes"))
def withdraw_palette(asking: Asking, palette: Name) -> Palette:
    """Offer it nowhere any more; recipes keep their colours."""
    return _decided(asking, palette, palettes.withdraw)


@router.post("/palettes/{palette}/bring-back", **needs("edit palettes"))
def bring_palette_back(asking: Asking, palette: Name) -> Palette:
    """Offer a withdrawn one again."""
    return _decided(asking, palette, palettes.bring_back)


def _found(asking: Caller, mark: str) -> Palette:
    with looked_up():
        return palettes.named(asking.studio.engine, mark)


def _decided(asking: Caller, mark: str, decide: _Deciding) -> Palette:
    name = _found(asking, mark).name
    return decide(asking.studio.engine, name, by=asking.by, now=context.now())

"""A tileset by address: its sheet, one quarter-tile of it, and all of it as files to keep."""

from __future__ import annotations

from pathlib import Path

from PIL import Image
from starlette.requests import Request
from starlette.responses import Response

from studio import numbers
from studio.tiles import exports, kept, pieces, sheets
from studio.web import session
from studio.web.picture_answers import packing_route, picture_route
from studio.web.responses import FOR_EVER, ONCE, attached
from studio.workflows import labelling


def set_picture(request: Request) -> Path:
    """A picture that was kept of a set: its sheet, its quarter-tiles, a terrain."""
    studio, asked = session.studio(), request.path_params
    return studio.home / kept.path_of(studio.engine, asked["id"], asked["role"])


def quarter(request: Request) -> Response:
    """One quarter-tile to be painted over."""
    studio, name = session.studio(), request.path_params["name"]
    found = kept.get(studio.engine, studio.home, request.path_params["id"]).tileset
    piece = pieces.named(name, found.settings.variants)
    data = exports.png(Image.fromarray(found.pieces[piece]))
    headers = {**FOR_EVER, **(attached(f"{name}.png") if "keep" in request.query_params else {})}
    return Response(data, media_type="image/png", headers=headers)


def set_zip(request: Request) -> Response:
    """The whole set: `?spacing=2&margin=1&format=tiled,godot`."""
    studio, asked = session.studio(), request.query_params
    found = kept.get(studio.engine, studio.home, request.path_params["id"])
    between = sheets.gaps(*(numbers.counted(asked.get(one, "0")) or 0 for one in GAPS))
    formats = [one for one in asked.get("format", ",".join(exports.FORMATS)).split(",") if one]
    name = found.asset.name
    made = exports.files(found.tileset, name, between, formats)
    data = exports.packed(labelling.labelled_files(studio.engine, found.asset.id, made))
    headers = {**ONCE, **attached(f"{exports.file_name(name)}.zip")}
    return Response(data, media_type="application/zip", headers=headers)


GAPS = ("spacing", "margin")
ROUTES = [
    picture_route("/picture/tileset/{id}/{role}", set_picture),
    packing_route("/picture/quarter/{id}/{name}", quarter),
    packing_route("/download/tileset/{id}", set_zip),
]

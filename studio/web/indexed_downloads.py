"""Files to keep whose table is a palette: `?indexed=props@3&transparent=0`, and palettes' own."""

from __future__ import annotations

from collections.abc import Callable

from PIL import Image
from starlette.requests import Request
from starlette.responses import Response

from studio import numbers
from studio.finishing import indexed, palette_files, palettes
from studio.generation import lists
from studio.web import session
from studio.web.responses import ONCE, attached, route

OPAQUE = "none"  # as the transparent place: there is none


def encoder(request: Request) -> Callable[[Image.Image], bytes]:
    """What makes a picture's file of it, as the address asks for: PNG with alpha, or indexed in a
    palette's order, its pixels in the nearest colours. StudioError for a palette that is none."""
    mark = request.query_params.get("indexed", "")
    if not mark:
        return lists.as_png
    colours = palettes.named(session.studio().engine, mark).colours
    place = request.query_params.get("transparent", "0")
    at = None if place == OPAQUE else numbers.whole("transparent", place, 0, len(colours))
    return lambda picture: indexed.snapped_and_encoded(picture, colours, at)


def palette_file(request: Request) -> Response:
    """A palette's revision as a file in the format asked for."""
    found = palettes.named(session.studio().engine, request.path_params["mark"])
    format = request.path_params["format"]
    data = palette_files.write(found.table, found.name, format)
    name = palettes.file_name(found) + palette_files.FORMATS[format][0]
    return Response(data, media_type="application/octet-stream", headers={**ONCE, **attached(name)})


ROUTES = [route("/download/palette/{format}/{mark}", palette_file)]

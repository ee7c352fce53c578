"""Finished pictures by address before they are kept: to be looked at, and as files."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from studio import numbers
from studio.errors import StudioError
from studio.web import finished_previews
from studio.web.picture_answers import packing_route
from studio.web.responses import ONCE, attached

FACTORS = (1, 2, 4, 8)
SHOWN = ("before", "pair", "shadow")


def finished_picture(request: Request) -> Response:
    """What steps make of a picture; `?before` what it was, `?pair` both, `?shadow`
    that alone."""
    what = next((one for one in SHOWN if one in request.query_params), "")
    png = finished_previews.png(request.path_params["name"], what)
    return Response(png, media_type="image/png", headers=ONCE)


def finished_file(request: Request) -> Response:
    """The same as a file to keep, with `?factor=4` enlarged, with `?indexed=1` as indexed PNG."""
    factor = numbers.counted(request.query_params.get("factor", "1"))
    if factor not in FACTORS:
        raise StudioError("There is no such factor.", f"Use one of {FACTORS}.")
    what = "shadow" if "shadow" in request.query_params else ""
    name = request.path_params["name"]
    in_order = "indexed" in request.query_params
    png = finished_previews.png(name, what, factor, in_order)
    file = f"{name}{f'-{what}' if what else ''}{f'_x{factor}' if factor > 1 else ''}.png"
    return Response(png, media_type="image/png", headers={**ONCE, **attached(file)})


ROUTES = [
    packing_route("/picture/finishing/{name}", finished_picture),
    packing_route("/download/finishing/{name}", finished_file),
]

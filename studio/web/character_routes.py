"""The pose of a cell by address, as a ControlNet is shown it."""

from __future__ import annotations

import io

from starlette.requests import Request
from starlette.responses import Response

from studio import numbers
from studio.characters import cells, openpose, poses
from studio.characters.poses import HEADS
from studio.web.picture_answers import packing_route
from studio.web.responses import FOR_EVER

SIDE = 192  # pixels


def pose(request: Request) -> Response:
    """The skeleton of a cell: `/picture/pose/walk/east/3?heads=4`."""
    asked = request.path_params
    cell = cells.named(f"{asked['action']}/{asked['direction']}/{asked['pose']}")
    heads = numbers.number("heads", request.query_params.get("heads", "4"), *HEADS)
    one = poses.poses(cell.action)[cell.pose - 1]
    out = io.BytesIO()
    openpose.drawn(poses.seen(one, cell.direction, heads), SIDE).save(out, format="PNG")
    return Response(out.getvalue(), media_type="image/png", headers=FOR_EVER)


ROUTES = [packing_route("/picture/pose/{action}/{direction}/{pose}", pose)]

"""What a picture becomes by a method, before anything is asked for: its poster, drawn in the web
process on the CPU. Nothing of it is kept but in memory."""

from __future__ import annotations

import functools
import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from studio import images
from studio.errors import StudioError
from studio.generation import start_pictures
from studio.props import making, posters
from studio.props import settings as all_settings
from studio.store import local
from studio.web import session
from studio.web.picture_answers import packing_route
from studio.workflows import props, upscale_sources

SIDE = 256  # pixels
MOST = 4_000  # characters of settings in an address
KEPT = 128  # posters in memory, some 10 kB each


def preview(request: Request) -> Response:
    """A poster: `/props/preview/{of}/{method}`, `of` an asset's id or a start picture's hash;
    `?settings=` JSON of those that differ from what is proposed."""
    studio, asked = session.studio(), request.path_params
    given = {**_given(request.query_params.get("settings", "")), "method": asked["method"]}
    settings = props.settings_in(studio, given)
    source = upscale_sources.source(studio, asked["of"])
    back = settings.back_picture
    told = json.dumps(all_settings.to_json(settings), sort_keys=True)
    data = _drawn(
        source.hash,
        local.present(source.path),
        start_pictures.path(studio.home, back) if back else None,
        told,
    )
    # Painted over, the same asset is another picture.
    return Response(data, media_type="image/webp", headers={"Cache-Control": "private, no-cache"})


def _given(text: str) -> Mapping[str, Any]:
    if not text:
        return {}
    try:
        found = json.loads(text) if len(text) <= MOST else None
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise StudioError("These are no settings.", "Load the page again.")
    return found


@functools.lru_cache(maxsize=KEPT)
def _drawn(hash: str, file: Path, back: Path | None, settings: str) -> bytes:
    """The poster of what the picture with this hash becomes."""
    made = making.make(
        images.open_picture(file),
        all_settings.of_json(json.loads(settings)),
        images.open_picture(back) if back else None,
    )
    out = io.BytesIO()
    posters.poster(made.model, SIDE).save(out, "WEBP", lossless=True, method=2)
    return out.getvalue()


ROUTES = [packing_route("/props/preview/{of}/{method}", preview)]

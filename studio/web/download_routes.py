"""What the gallery and the registry hand out by address: pictures, zips of assets, adapters."""

from __future__ import annotations

import asyncio
import io
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from studio import images
from studio.errors import StudioError
from studio.generation import asset_lists, gallery_table, start_pictures
from studio.generation.gallery_table import Wanted
from studio.registry import models
from studio.web import session
from studio.workflows import adapters
from studio.workflows.version_loading import adapter_file

FOR_EVER = {"Cache-Control": "private, max-age=31536000, immutable"}
ONCE = {"Cache-Control": "no-store"}


def _route(path: str, answer: Callable[[Request], Response]) -> Route:
    """A route answered beside the event loop; what is not there is 404, in plain words."""

    async def handle(request: Request) -> Response:
        try:
            return await asyncio.to_thread(answer, request)
        except StudioError as error:
            return Response(str(error), 404, media_type="text/plain; charset=utf-8")
        except OSError:
            return Response("The file is gone.", 404, media_type="text/plain; charset=utf-8")

    return Route(path, handle)


def shown(file: Path, request: Request) -> Response:
    """The file itself, or as WebP with at most `side` pixels where it is larger than that."""
    side = request.query_params.get("side", "")
    if side.isdigit() and 16 <= int(side) <= 2048:
        data = images.thumbnail(file, int(side))
        return Response(data, media_type="image/webp", headers=FOR_EVER)
    if not file.is_file():
        raise StudioError(f"{file.name} is gone.")
    return FileResponse(file, headers=FOR_EVER)


def made(request: Request) -> Response:
    """A picture of the gallery as it was drawn."""
    studio = session.studio()
    found = gallery_table.get(studio.engine, request.path_params["id"])
    return shown(studio.home / found.file, request)


def painted(request: Request) -> Response:
    """Its painted-over version; the address names the file, so that a newer one is fetched."""
    studio = session.studio()
    found = gallery_table.get(studio.engine, request.path_params["id"])
    if found.painted is None or Path(found.painted).stem != request.path_params["name"]:
        raise StudioError("There is no such painted-over version.", "Load the page again.")
    return shown(studio.home / found.painted, request)


def start(request: Request) -> Response:
    """A picture to begin from."""
    return shown(start_pictures.path(session.studio().home, request.path_params["hash"]), request)


def one(request: Request) -> Response:
    """A picture as a file to keep: `?factor=4` at game size, painted over where it is."""
    studio = session.studio()
    found = gallery_table.get(studio.engine, request.path_params["id"])
    drawn = "drawn" in request.query_params
    if drawn:
        opened = images.open_picture(studio.home / found.file)
    else:
        opened = asset_lists.open_picture(studio.home, found)
    written = io.BytesIO()
    factor = request.query_params.get("factor", "1")
    asset_lists.at_factor(opened, factor).save(written, format="PNG")
    name = asset_lists.file_name(found) + ("" if factor == "1" else f"_x{factor.replace('/', '-')}")
    return Response(written.getvalue(), media_type="image/png", headers=_named(f"{name}.png"))


def zipped(request: Request) -> Response:
    """A job's pictures by asset's name: those approved, or with `?all` every one."""
    studio, job = session.studio(), request.path_params["job"]
    verdict = "" if "all" in request.query_params else "approved"
    found = gallery_table.all_of(studio.engine, Wanted(job=job, verdict=verdict))
    if not found:
        raise StudioError("There is no picture to pack.", "Approve some first.")
    handle = tempfile.NamedTemporaryFile(suffix=".zip", delete=False)
    handle.close()
    file = Path(handle.name)
    try:
        asset_lists.pack(studio.home, found, request.query_params.get("factor", "1"), file)
    except BaseException:
        file.unlink(missing_ok=True)
        raise
    return FileResponse(
        file,
        media_type="application/zip",
        filename=f"assets-{job}.zip",
        headers=ONCE,
        background=BackgroundTask(file.unlink, missing_ok=True),
    )


def adapter(request: Request) -> Response:
    """A version's LoRA as safetensors: diffusers' layout, or with `?layout=kohya` kohya's."""
    studio, params = session.studio(), request.path_params
    version = models.get(studio.client, params["style"], params["number"])
    kohya = request.query_params.get("layout") == "kohya"
    file = adapters.in_kohya(studio, version) if kohya else adapter_file(studio, version)
    if not file.is_file():
        raise StudioError("This version has no adapter file.", "Train the version again.")
    name = f"{version.style}-v{version.number}{'-kohya' * kohya}.safetensors"
    return FileResponse(file, filename=name, headers=ONCE)


def _named(name: str) -> dict[str, Any]:
    return {**ONCE, "Content-Disposition": f'attachment; filename="{name}"'}


ROUTES = [
    _route("/picture/made/{id}", made),
    _route("/picture/painted/{id}/{name}", painted),
    _route("/picture/start/{hash}", start),
    _route("/download/picture/{id}", one),
    _route("/download/assets/{job:int}", zipped),
    _route("/download/adapter/{style}/{number:int}", adapter),
]

"""The stage of Upscale by address: pieces of a picture's levels, how far a job is, single tiles."""

from __future__ import annotations

import asyncio
import hashlib
import io
import json
import re
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path

from PIL import Image
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from studio import images, numbers
from studio.context import Studio
from studio.errors import StudioError
from studio.jobs import queue
from studio.jobs.table import Job
from studio.store import local
from studio.upscaling import journal, level_places, levels, work_folders
from studio.upscaling import settings as all_settings
from studio.upscaling.grid import Tile
from studio.web import session, upscale_states
from studio.web.picture_answers import SIDES, in_words
from studio.web.responses import FOR_EVER, counted, route
from studio.web.upscale_layers import MARK, MOST_PIXELS
from studio.web.upscale_states import Row
from studio.workflows import upscale_sources
from studio.workflows.upscale_sources import Source

KIND = "upscale"
FRESH = {"Cache-Control": "private, no-cache"}  # asked for anew each time, answered where changed
MOST_LEVEL = 14  # of the largest picture there may be
EXACT_PIXELS = 4_000_000  # of a picture whose levels keep every colour
PIECE = re.compile(r"(\d{1,4})-(\d{1,4})\.webp")
TILE = re.compile(r"(?:main|seam|region)-\d{1,6}")
SHOWN = ("before", "after")

# Apart from all other pictures; levels one at a time.
_making = ThreadPoolExecutor(1, thread_name_prefix="levels")
_packing = ThreadPoolExecutor(2, thread_name_prefix="tiles")


async def piece(request: Request) -> Response:
    """A piece of a level: `/upscale/levels/{of}/{level}/{name}`, `of` an asset's id or a start
    picture's hash. With `?of=` the beginning of the picture's hash it is kept for good."""
    studio = session.studio()
    source = await asyncio.to_thread(upscale_sources.source, studio, request.path_params["of"])
    level, column, row = _place(request)
    folder = level_places.folder(studio.home, source.hash)
    if not level_places.there(studio.home, source.hash):
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(_making, _make, studio.home, source)
    file = await asyncio.to_thread(levels.square, folder, level, column, row)
    mark = source.hash[:MARK]
    kept = FOR_EVER if request.query_params.get("of") == mark else FRESH
    headers = {**kept, "ETag": f'"{mark}-{level}-{column}-{row}"'}
    if _has(request, headers):
        return Response(status_code=304, headers=headers)
    return FileResponse(file, media_type="image/webp", headers=headers)


def _place(request: Request) -> tuple[int, int, int]:
    """Level, column and row in the address."""
    level = numbers.counted(request.path_params["level"], MOST_LEVEL)
    found = PIECE.fullmatch(request.path_params["name"])
    if level is None or found is None:
        raise StudioError("There is no such piece.", "Load the page again.")
    return level, int(found[1]), int(found[2])


def _make(home: Path, source: Source) -> None:
    """The levels of a picture that is small enough for somebody to wait; others are made with the
    picture."""
    if level_places.there(home, source.hash):  # whoever asked before has made them
        return
    if source.width * source.height > MOST_PIXELS:
        raise StudioError(
            f"The levels of {source.about} are not there, and it is too large to make them now.",
            "Look at it on its own page, or enlarge it again.",
        )
    lossless = source.width * source.height <= EXACT_PIXELS
    file = local.present(source.path)
    levels.write(file, level_places.folder(home, source.hash), lossless=lossless)


def state(request: Request) -> Response:
    """How far a job is: the state of each tile, and unless `?boxes=0` where it lies. 304 where
    nothing changed since."""
    studio, job = session.studio(), _job(request)
    tiles = _tiles(job)
    with_boxes = request.query_params.get("boxes") != "0"
    told = upscale_states.told(studio.home, job, tiles, boxes=with_boxes)
    body = json.dumps(told, separators=(",", ":")).encode()
    headers = {**FRESH, "ETag": f'"{hashlib.sha256(body).hexdigest()[:24]}"'}
    if _has(request, headers):
        return Response(status_code=304, headers=headers)
    return Response(body, media_type="application/json", headers=headers)


async def tile(request: Request) -> Response:
    """One tile as it is drawn, or with `?side=before` what it is drawn from; with `?most=256` of at
    most so many pixels a side. 409 while it waits."""
    studio, job = session.studio(), await asyncio.to_thread(_job, request)
    key = request.path_params["key"]
    side = request.query_params.get("side", "after")
    if TILE.fullmatch(key) is None or side not in SHOWN:
        raise StudioError(f"There is no tile {key[:40]!r}.", "Load the page again.")
    row = next((row for row in await asyncio.to_thread(_tiles, job) if row[0] == key), None)
    if row is None:
        raise StudioError(f"This enlarging has no tile {key[:40]!r}.", "Load the page again.")
    answer = _before if side == "before" else _after
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(_packing, answer, request, studio, job, row)


def _after(request: Request, studio: Studio, job: Job, row: Row) -> Response:
    """A tile as it is drawn, with the alpha that it has in the result."""
    key = row[0]
    folder = work_folders.of_job(studio.home, job.id)
    there = work_folders.is_there(studio.home, job.id)
    if not there or journal.states(folder).get(key) != journal.DRAWN:
        if job.ended:
            raise StudioError(f"Tile {key} is not there any more.", "Draw it anew.")
        said = f"Tile {key} is not drawn yet. It is shown as soon as it is."
        return Response(said, 409, FRESH, media_type="text/plain; charset=utf-8")
    canvas = journal.canvas_of(folder)
    asked = numbers.counted(request.query_params.get("most"), max(SIDES))
    most = asked if asked in SIDES else None
    tag = f"{job.id}-{canvas.files.file(key).stem}-{most or 'whole'}"
    headers = {**FRESH, "ETag": f'"{tag}"'}
    if _has(request, headers):
        return Response(status_code=304, headers=headers)
    picture = canvas.after(_tile_of(folder, key))
    if picture is None:  # its file is not whole, after a power cut
        raise StudioError(f"Tile {key} can't be read.", "Draw it anew.")
    if most is not None:
        picture.thumbnail((most, most), Image.Resampling.LANCZOS)
    return _png(picture, headers)


def _tile_of(folder: Path, key: str) -> Tile:
    return next(tile for tile in journal.tiles(folder) if tile.key == key)


def _png(picture: Image.Image, headers: Mapping[str, str]) -> Response:
    written = io.BytesIO()
    picture.save(written, "PNG", compress_level=1)
    return Response(written.getvalue(), media_type="image/png", headers=dict(headers))


def _before(request: Request, studio: Studio, job: Job, row: Row) -> Response:
    """What a tile is drawn from: the enlarged source, or what the pass before made of it. Before
    the job has begun it is cut from the picture."""
    folder = work_folders.of_job(studio.home, job.id)
    if work_folders.is_there(studio.home, job.id) and journal.tiles(folder):
        return _png(journal.canvas_of(folder).before(_tile_of(folder, row[0])), FRESH)
    settings = upscale_states.settings_of(job)
    source = upscale_sources.source(studio, str(job.payload.get("picture") or ""))
    picture = images.open_result(local.present(source.path))
    across, down = picture.width / settings.width, picture.height / settings.height
    _, left, top, width, height = row
    right, bottom = min(left + width, settings.width), min(top + height, settings.height)
    place = (left * across, top * down, right * across, bottom * down)
    sharp = settings.method in ("nearest", "epx") or settings.first == "nearest"
    filter = Image.Resampling.NEAREST if sharp else Image.Resampling.LANCZOS
    return _png(picture.resize((right - left, bottom - top), filter, box=place), FRESH)


def _job(request: Request) -> Job:
    job = queue.get(session.studio().engine, counted(request, "job"))
    if job.kind != KIND:
        raise StudioError(f"Job {job.id} enlarges nothing.", "Load the page again.")
    return job


def _tiles(job: Job) -> tuple[Row, ...]:
    return _planned(json.dumps(job.payload["settings"], sort_keys=True))


@lru_cache(maxsize=16)  # they are asked for each second
def _planned(settings: str) -> tuple[Row, ...]:
    return tuple(upscale_states.boxes(all_settings.of_json(json.loads(settings))))


def _has(request: Request, headers: Mapping[str, str]) -> bool:
    return headers["ETag"] in request.headers.get("if-none-match", "")


ROUTES = [
    Route("/upscale/levels/{of}/{level}/{name}", in_words(piece)),
    route("/upscale/state/{job}", state),
    Route("/upscale/tile/{job}/{key}.png", in_words(tile)),
]

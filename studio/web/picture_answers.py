"""Pictures as answers: whole or smaller, made apart from everything else that the process does.

Threads of their own make them, so that neither the guard nor any other request waits for a large
picture; of large ones one at a time, so that together they never fill the memory.
"""

from __future__ import annotations

import asyncio
import errno
import functools
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from studio import numbers
from studio.assets import thumbnails
from studio.database.availability import DatabaseAway
from studio.errors import StudioError
from studio.images import shown
from studio.store import local
from studio.store.bucket_errors import Away
from studio.web import failures, session
from studio.web.responses import FOR_EVER, GONE

SIDES = range(16, 2049)  # pixels that a smaller copy may have
LARGE = 8_000_000  # pixels from which on a picture waits for the one large one before it
MOST_WAITING = 200  # copies under way; whoever asks for more is to come again
AGAIN_S = "2"
NO_NAME = StudioError("No file has such a name.", "Look at the address again.")

_few = ThreadPoolExecutor(2, thread_name_prefix="pictures")
_one = ThreadPoolExecutor(1, thread_name_prefix="large pictures")
_far = ThreadPoolExecutor(4, thread_name_prefix="pictures of the bucket")
_packing = ThreadPoolExecutor(1, thread_name_prefix="picture files")
_under_way: dict[str, asyncio.Future[tuple[bytes, str]]] = {}


class Busy(StudioError):
    """More copies are under way than are made in good time."""


def picture_route(
    path: str,
    find: Callable[[Request], Path],
    kept: Callable[[Request], Mapping[str, str]] = lambda request: FOR_EVER,
) -> Route:
    """A route that answers with the picture whose file `find` gives: as it is where a browser shows
    it so, else as WebP, with `?side=N` of at most N pixels a side. What is not there is 404.

    `kept` are headers that say how long a browser keeps it; where they hold an ETag that the
    browser has, the answer is 304.
    """

    async def handle(request: Request) -> Response:
        file = await asyncio.get_running_loop().run_in_executor(_few, find, request)
        headers = kept(request)
        tag = headers.get("ETag")
        if tag and tag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        return await answer(session.studio().home, file, _side(request), headers)

    return Route(path, in_words(handle))


def packing_route(path: str, pack: Callable[[Request], Response]) -> Route:
    """A route whose answer is made of decoded pictures, one after the other."""

    async def handle(request: Request) -> Response:
        return await asyncio.get_running_loop().run_in_executor(_packing, pack, request)

    return Route(path, in_words(handle))


async def answer(
    home: Path, file: Path, side: int | None, headers: Mapping[str, str] = FOR_EVER
) -> Response:
    """The picture in a file for a browser. StudioError or OSError where it can't be had."""
    loop = asyncio.get_running_loop()
    if side is None:
        await _here(file)
        media_type = await loop.run_in_executor(_few, _as_it_is, file)
        if media_type:
            return FileResponse(file, media_type=media_type, headers=headers)
    there = await loop.run_in_executor(_few, thumbnails.kept, home, file, side)
    if there is not None:
        return FileResponse(there, media_type=f"image/{there.suffix[1:]}", headers=headers)
    await _here(file)
    data, media_type = await _made(home, file, side)
    return Response(data, media_type=media_type, headers=headers)


async def _here(file: Path) -> None:
    """Wait for a file that is in the bucket alone; nobody else's picture waits with it."""
    loop = asyncio.get_running_loop()
    if not await loop.run_in_executor(_few, file.exists):
        await loop.run_in_executor(_far, local.present, file)


async def _made(home: Path, file: Path, side: int | None) -> tuple[bytes, str]:
    """The copy, made once however many ask for it at the same time."""
    key = thumbnails.key(home, file, side)
    if key not in _under_way:
        if len(_under_way) >= MOST_WAITING:
            raise Busy("Too many pictures are asked for at once.", "Load the page again.")
        _under_way[key] = asyncio.ensure_future(_make(home, file, side))
        _under_way[key].add_done_callback(lambda _: _under_way.pop(key, None))
    # Shielded: whoever goes away takes the copy from nobody.
    return await asyncio.shield(_under_way[key])


async def _make(home: Path, file: Path, side: int | None) -> tuple[bytes, str]:
    loop = asyncio.get_running_loop()
    seen = await loop.run_in_executor(_few, thumbnails.seen_by, file, side)
    size = await loop.run_in_executor(_few, shown.pixels, seen)
    return await loop.run_in_executor(
        _one if size > LARGE else _few, thumbnails.make, home, file, side
    )


def in_words(
    handle: Callable[[Request], Awaitable[Response]],
) -> Callable[[Request], Awaitable[Response]]:
    """The same, with what is not there as 404 and what is only away as 503, in plain words."""

    async def told(request: Request) -> Response:
        try:
            return await handle(request)
        except DatabaseAway:
            raise
        except (Busy, Away) as error:
            later = failures.answer(request.scope, error, 503)
            later.headers["Retry-After"] = AGAIN_S
            return later
        except StudioError as error:
            return failures.answer(request.scope, error, 404)
        except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
            return failures.answer(request.scope, GONE, 404)
        except OSError as error:
            if error.errno != errno.ENAMETOOLONG:
                raise
            return failures.answer(request.scope, NO_NAME, 404)

    return told


def _side(request: Request) -> int | None:
    asked = numbers.counted(request.query_params.get("side"), max(SIDES))
    return asked if asked in SIDES else None


def _as_it_is(file: Path) -> str:
    about = file.stat()
    return _media_type(file, about.st_mtime_ns, about.st_size)


@functools.lru_cache(maxsize=10_000)
def _media_type(file: Path, changed_ns: int, size: int) -> str:
    return shown.PNG if thumbnails.has_smaller(file) else shown.as_it_is(file)

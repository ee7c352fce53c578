"""How routes answer: what is not there as 404, errors as JSON, and for how long it is kept."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from studio import numbers
from studio.api.trouble import UNWRITABLE
from studio.database.availability import DatabaseAway
from studio.errors import StudioError

FOR_EVER = {"Cache-Control": "private, max-age=31536000, immutable"}
ONCE = {"Cache-Control": "no-store"}


def route(path: str, answer: Callable[[Request], Response]) -> Route:
    """A route answered beside the event loop; what is not there is 404, in plain words. What is
    only away for now is none of it (`studio.web.failures`)."""

    async def handle(request: Request) -> Response:
        try:
            return await asyncio.to_thread(answer, request)
        except DatabaseAway:
            raise
        except StudioError as error:
            return Response(str(error), 404, media_type="text/plain; charset=utf-8")
        except OSError as error:
            if error.errno in UNWRITABLE:
                raise
            return Response("The file is gone.", 404, media_type="text/plain; charset=utf-8")

    return Route(path, handle)


def counted(request: Request, name: str) -> int:
    """The number in the path's part `name`; StudioError where nothing can be counted so."""
    found = numbers.counted(request.path_params[name])
    if found is None:
        raise StudioError(f"There is no such {name}.", "Load the page again.")
    return found


def attached(name: str) -> dict[str, str]:
    """The header by which a browser keeps an answer as a file of that name."""
    return {"Content-Disposition": f'attachment; filename="{name}"'}


def refusal(error: StudioError, status: int) -> Response:
    """An error as JSON, with what can be done. 503 where it is the database that is away."""
    status = 503 if isinstance(error, DatabaseAway) else status
    return JSONResponse({"message": error.message, "remedy": error.remedy}, status)

"""How routes answer: what is not there as 404, in words or as a card, errors as JSON, and for how
long it is kept."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from studio import numbers
from studio.api.trouble import UNWRITABLE
from studio.database.availability import DatabaseAway
from studio.errors import StudioError
from studio.store.bucket_errors import Away
from studio.web import failures

FOR_EVER = {"Cache-Control": "private, max-age=31536000, immutable"}
ONCE = {"Cache-Control": "no-store"}
GONE = StudioError("The file is gone.", "Whoever looks after the studio has backups.")


def route(path: str, answer: Callable[[Request], Response]) -> Route:
    """A route answered beside the event loop; what is not there is 404, a file of the answer too,
    in plain words (`failures.answer`). What is only away for now is 503."""

    async def handle(request: Request) -> Response:
        try:
            return await asyncio.to_thread(_answered, answer, request)
        except DatabaseAway:
            raise
        except Away as error:
            return failures.answer(request.scope, error, 503)
        except StudioError as error:
            return failures.answer(request.scope, error, 404)
        except OSError as error:
            if error.errno in UNWRITABLE:
                raise
            return failures.answer(request.scope, GONE, 404)

    return Route(path, handle)


def _answered(answer: Callable[[Request], Response], request: Request) -> Response:
    """The answer; OSError where it is a file that went, which would be found out too late."""
    found = answer(request)
    if isinstance(found, FileResponse):
        os.stat(found.path)
    return found


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

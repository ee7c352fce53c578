"""A picture that somebody judges, without a word of where it comes from."""

from __future__ import annotations

import asyncio

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from studio.accounts import refusal_log
from studio.database.availability import DatabaseAway
from studio.errors import StudioError
from studio.web import session
from studio.web.responses import ONCE
from studio.workflows import review_sources


async def judged_picture(request: Request) -> Response:
    """A picture of a vote or a rating, for the one person whom its address was made for.

    All of a ballot are equal but for their pixels: same length, same headers, nothing kept.
    """
    studio = session.studio()
    who, of = session.sender(request, studio.settings.user), request.path_params["of"]
    try:
        data = await asyncio.to_thread(review_sources.picture, studio, who, of)
    except DatabaseAway:
        raise
    except StudioError:
        refusal_log.note(
            who, "a picture to judge that was not made for them", asked=request.url.path
        )
        return Response(status_code=404)
    # Both pictures of a pair, one after the other, are sent as an image too: whatever else would
    # be compressed on its way, to a length of its own.
    return Response(data, media_type="image/png", headers=ONCE)


ROUTES = [Route("/picture/side/{of}", judged_picture)]

"""A picture that somebody judges, without a word of where it comes from; ratings as a file."""

from __future__ import annotations

import asyncio

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from studio.accounts import refusal_log
from studio.database.availability import DatabaseAway
from studio.errors import StudioError
from studio.review import rater_agreement, rating_rounds
from studio.web import session
from studio.web.responses import ONCE, attached, counted, route
from studio.workflows import review_sources

KINDS = {
    "csv": (rater_agreement.as_csv, "text/csv; charset=utf-8"),
    "parquet": (rater_agreement.as_parquet, "application/vnd.apache.parquet"),
}


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


def ratings_file(request: Request) -> Response:
    """All that was rated in a round, as a file; for nobody who still rates in it."""
    studio, id = session.studio(), counted(request, "round")
    kind = request.path_params["kind"]
    who = session.sender(request, studio.settings.user)
    if kind not in KINDS:
        raise StudioError(f"Ratings are no {kind[:20]} file.", f"Take one of {', '.join(KINDS)}.")
    if rating_rounds.get(studio.engine, id).open and rating_rounds.unrated(studio.engine, id, who):
        raise StudioError(
            "The result of these ratings is not there for you yet.",
            "Rate your pictures, or wait until the ratings are ended.",
        )
    written, media_type = KINDS[kind]
    data = written(rater_agreement.table(studio.engine, studio.home, id))
    headers = ONCE | attached(f"ratings-{id}.{kind}")
    return Response(data, media_type=media_type, headers=headers)


ROUTES = [
    Route("/picture/side/{of}", judged_picture),
    route("/download/ratings/{round}/{kind}", ratings_file),
]

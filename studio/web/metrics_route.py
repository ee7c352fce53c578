"""`/metrics` for Prometheus: behind a token of the scope "metrics", which opens nothing else, or
for who may read them anyway."""

from __future__ import annotations

import asyncio

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from studio import context
from studio.accounts import rights
from studio.operations import exposition, metrics
from studio.web import session
from studio.web.responses import ONCE

AT = "/metrics"
RIGHT = "read metrics"


async def answer(request: Request) -> Response:
    """The metrics of this moment; NotAllowed for who may not read them."""
    studio = session.studio()
    rights.check(session.sender(request, studio.settings.user), RIGHT)
    told = await asyncio.to_thread(metrics.text, studio.engine, context.now())
    return Response(told, media_type=exposition.MEDIA_TYPE, headers=ONCE)


ROUTES = [Route(AT, answer)]

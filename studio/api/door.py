"""Before every call: a token where people sign in, and no more calls than it may make.

The guard has looked at the token already. A browser's cookie lets its person look at the
description of the calls and do nothing, so that no page of another site can act by it.
"""

from __future__ import annotations

import hashlib
import math
import time
from collections.abc import Callable

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from studio.api import bearer, problems
from studio.api.rates import Left, Rates
from studio.context import Studio

DESCRIPTION = "/openapi.json"


class Door:
    """Lets a call through and tells it how many may follow, or answers it itself."""

    def __init__(self, app: ASGIApp, studio: Callable[[], Studio]) -> None:
        self.app, self.studio, self.rates = app, studio, Rates()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        settings, path = self.studio().settings, scope["path"]
        token = bearer.token_of(Headers(scope=scope))
        looks = scope["method"] == "GET" and path == scope.get("root_path", "") + DESCRIPTION
        if settings.sign_in.needed and not token and not looks:
            said = "A call needs a token; a browser's cookie is none."
            answer = problems.answer(path, 401, said, "Send Authorization: Bearer hs_...")
            await answer(scope, receive, send)
            return
        name = hashlib.sha256(token.encode()).hexdigest() if token else ""
        left = self.rates.take(name, settings.most_calls, time.monotonic())
        told = _told(send, settings.most_calls, left)
        if left.allowed:
            await self.app(scope, receive, told)
            return
        wait = {"Retry-After": str(math.ceil(left.next_s))}
        answer = problems.answer(
            path,
            429,
            f"The token has made its {settings.most_calls:,} calls of a minute.",
            "Wait as long as Retry-After says. Whoever looks after the studio sets "
            "STUDIO_MOST_CALLS.",
            headers=wait,
        )
        await answer(scope, receive, told)


def _told(send: Send, most: int, left: Left) -> Send:
    """Sends an answer with what the token may still do."""

    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers["X-RateLimit-Limit"] = str(most)
            headers["X-RateLimit-Remaining"] = str(left.calls)
            headers["X-RateLimit-Reset"] = str(math.ceil(time.time() + left.full_s))
        await send(message)

    return sent

"""Every request has an id, told in X-Request-Id: the one that it came with, or a new one. The
answer tells it, and so do the logs and the jobs that come of the request (`studio.request_ids`)."""

from __future__ import annotations

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from studio import request_ids

HEADER = "X-Request-Id"
ANSWERS = ("http.response.start", "websocket.http.response.start")


class RequestIds:
    """Stands before everything else, so that each answer has its id, also a refusal or an error."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        id = request_ids.checked(Headers(scope=scope).get(HEADER, ""))

        async def told(message: Message) -> None:
            if message["type"] in ANSWERS:
                headers = MutableHeaders(raw=list(message.get("headers", ())))
                headers[HEADER] = id
                message = {**message, "headers": headers.raw}
            await send(message)

        with request_ids.within(id):
            await self.app(scope, receive, told)

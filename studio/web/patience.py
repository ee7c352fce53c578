"""How long a request may take to arrive, an answer to be taken, and a WebSocket to say its first
word: who keeps a connection and sends nothing gives it back."""

from __future__ import annotations

import asyncio
import time

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from studio.api.trouble import Refused

GRACE_S = 30.0  # for a body to begin, and in which it may be slower than SLOWEST
SLOWEST = 1_000  # bytes a second on the whole
PAUSE_S = 60.0  # without a byte
TAKING_S = 600.0  # for a piece of an answer to be taken
POLICY_VIOLATION = 1008


class Patience:
    """Ends what takes too long: 408 for a request, a close for a WebSocket."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self.app(scope, paced(receive), taken(send))
        elif scope["type"] == "websocket":
            await self.app(scope, begun(receive, send), send)
        else:
            await self.app(scope, receive, send)


def paced(receive: Receive) -> Receive:
    """Raises Refused (408) where the body does not go on, or is slower than SLOWEST for longer than
    GRACE_S. Only waiting counts, not what is done with a piece."""
    waited, got, more = 0.0, 0, True

    async def piece() -> Message:
        nonlocal waited, got, more
        if not more:  # what comes now is that somebody left, whenever that is
            return await receive()
        began = time.monotonic()
        try:
            async with asyncio.timeout(min(PAUSE_S, max(0.0, GRACE_S + got / SLOWEST - waited))):
                message = await receive()
        except TimeoutError:
            late = "The request did not arrive in time."
            raise Refused(408, late, "Send it again over a better line.") from None
        waited += time.monotonic() - began
        got += len(message.get("body", b""))
        more = message.get("more_body", False)
        return message

    return piece


def taken(send: Send) -> Send:
    """Ends an answer that nobody takes."""

    async def told(message: Message) -> None:
        try:
            async with asyncio.timeout(TAKING_S):
                await send(message)
        except TimeoutError:
            raise ClientDisconnect from None

    return told


def begun(receive: Receive, send: Send) -> Receive:
    """A page says at once what it wants; a WebSocket that says nothing is none of a page."""
    first = True

    async def message() -> Message:
        nonlocal first
        if not first:
            return await receive()
        try:
            async with asyncio.timeout(GRACE_S):
                came = await receive()
        except TimeoutError:
            await send({"type": "websocket.close", "code": POLICY_VIOLATION})
            return {"type": "websocket.disconnect", "code": POLICY_VIOLATION}
        first = came["type"] == "websocket.connect"
        return came

    return message

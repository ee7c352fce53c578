"""The WebSockets of pages: how many a person may keep, and that they end with the session."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

from starlette.types import Message, Receive

MOST = 60  # of one person: a page each
LOOK_S = 60.0  # how often one that says nothing is asked after

_open: Counter[str] = Counter()


@contextmanager
def counted(person: str) -> Iterator[bool]:
    """True where the person may have one more, which counts until the block ends."""
    if _open[person] >= MOST:
        yield False
        return
    _open[person] += 1
    try:
        yield True
    finally:
        _open[person] -= 1


def watched(
    receive: Receive,
    holds: Callable[[bool], Awaitable[bool]],
    over: Callable[[], Awaitable[Message]],
) -> Receive:
    """A WebSocket outlives the request that opened it: at each message, and every LOOK_S without
    one, it is asked whether the session still `holds` (True: somebody does something), else it
    receives that it is `over`."""
    coming: asyncio.Future[Message] | None = None

    async def message() -> Message:
        nonlocal coming
        coming = coming or asyncio.ensure_future(receive())
        try:
            while not (await asyncio.wait({coming}, timeout=LOOK_S))[0]:
                if not await holds(False):
                    coming.cancel()
                    return await over()
        except asyncio.CancelledError:
            coming.cancel()
            raise
        came, coming = coming.result(), None
        if came["type"] == "websocket.receive" and not await holds(True):
            return await over()
        return came

    return message

"""Whether the identity provider answers, before a browser is sent there."""

from __future__ import annotations

import asyncio
from functools import partial

import anyio
import httpx
from anyio import to_thread

from studio.web.threads import PROVIDER

PATIENCE_S = 3.0

_asked: dict[str, asyncio.Task[bool]] = {}  # by address


async def answers(address: str) -> bool:
    """Whether it answers soon; asked once for all who want to know at that moment."""
    asking = _asked.get(address)
    if asking is None or asking.done():
        asking = _asked[address] = asyncio.create_task(_soon(address))
    return await asyncio.shield(asking)


async def _soon(address: str) -> bool:
    with anyio.move_on_after(PATIENCE_S):
        asked = partial(_is_well, address)
        return await to_thread.run_sync(asked, limiter=PROVIDER, abandon_on_cancel=True)
    return False


def _is_well(address: str) -> bool:
    try:
        return httpx.get(address, timeout=PATIENCE_S, follow_redirects=True).status_code == 200
    except (httpx.HTTPError, httpx.InvalidURL):
        return False

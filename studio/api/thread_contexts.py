"""Contexts that wait for locks or read whole files as they begin and end, within the event loop."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractContextManager, asynccontextmanager
from typing import TypeVar

from anyio import CancelScope, CapacityLimiter, to_thread

T = TypeVar("T")


@asynccontextmanager
async def in_threads(manager: AbstractContextManager[T], pool: CapacityLimiter) -> AsyncIterator[T]:
    """The same, entered and left in threads of the pool; left also where the caller is cancelled.
    It must not matter to it in which thread."""
    given = await to_thread.run_sync(manager.__enter__, limiter=pool)
    try:
        yield given
    except BaseException as error:
        told = error
        with CancelScope(shield=True):
            await to_thread.run_sync(
                lambda: manager.__exit__(type(told), told, told.__traceback__), limiter=pool
            )
        raise
    await to_thread.run_sync(lambda: manager.__exit__(None, None, None), limiter=pool)

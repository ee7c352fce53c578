"""Threads beside the event loop, in pools of their own: what is slow in one keeps no other waiting.

Pictures, downloads and whatever else a route does are in the event loop's pool.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from anyio import CapacityLimiter, to_thread

P = ParamSpec("P")
T = TypeVar("T")

# Who is it: asked before every answer, and answered by one look into the database.
GUARD = CapacityLimiter(8)
WRITES = CapacityLimiter(4)  # sessions that begin and end: a database that is locked holds them up
PASSWORDS = CapacityLimiter(2)  # each takes 64 MB and a tenth of a second
KNOWN = CapacityLimiter(1)  # passwords from browsers that signed in before
PROVIDER = CapacityLimiter(2)
UPLOADS = CapacityLimiter(4)  # files that begin and end: locks are waited for, bytes compared


async def beside(
    pool: CapacityLimiter, function: Callable[P, T], *given: P.args, **named: P.kwargs
) -> T:
    """What the function returns, called in a thread of the pool as soon as one is free."""
    return await to_thread.run_sync(lambda: function(*given, **named), limiter=pool)

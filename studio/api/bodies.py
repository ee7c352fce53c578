"""Bodies of calls, in memory while they are read: each has a size, each person a budget."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from starlette.exceptions import HTTPException
from starlette.types import Message, Receive

PERSON = 256 * 1024**2  # bytes in memory for one person's calls, as for the files of their pages

_held: Counter[str] = Counter()  # bytes, by person


@contextmanager
def arriving(person: str, receive: Receive, most: int) -> Iterator[Receive]:
    """What arrives, of at most `most` bytes, counted as long as the call is answered.
    HTTPException, 413 or 429, beyond."""
    got = 0

    async def piece() -> Message:
        nonlocal got
        message = await receive()
        size = len(message.get("body", b""))
        if got + size > most:
            raise HTTPException(413, f"The body has more than {most:,} bytes.")
        if _held[person] + size > PERSON:
            raise HTTPException(429, f"Your calls hold {PERSON // 1024**2} MB at once.")
        got += size
        _held[person] += size
        return message

    try:
        yield piece
    finally:
        _held[person] -= got
        if not _held[person]:
            del _held[person]

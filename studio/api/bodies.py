"""Bodies of calls, in memory while they are read: each has a size, each person a budget."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from starlette.types import Message, Receive

from studio.api.problems import Told

PERSON = 256 * 1024**2  # bytes in memory for one person's calls, as for the files of their pages

_held: Counter[str] = Counter()  # bytes, by person


@contextmanager
def arriving(person: str, receive: Receive, most: int) -> Iterator[Receive]:
    """What arrives, of at most `most` bytes, counted as long as the call is answered.
    Told, 413 or 429, beyond."""
    got = 0

    async def piece() -> Message:
        nonlocal got
        message = await receive()
        size = len(message.get("body", b""))
        if got + size > most:
            said = f"The body has more than {most:,} bytes."
            raise Told("too-large", 413, said, "Send it in parts, or smaller.")
        if _held[person] + size > PERSON:
            said = f"Your calls hold {PERSON // 1024**2} MB at once."
            raise Told("too-many-calls", 429, said, "Send it again once some are answered.")
        got += size
        _held[person] += size
        return message

    try:
        yield piece
    finally:
        _held[person] -= got
        if not _held[person]:
            del _held[person]

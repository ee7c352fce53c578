"""The HTTP client that questions go out by: it follows no redirect, and reads no answer without
end.

Loaded where something is sent: the pages need neither it nor the openai client.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

import httpx2

MOST_BYTES = 1_000_000  # of one answer, headers apart
LONGEST_S = 300.0  # from an answer's first byte to its last
TIMEOUT = httpx2.Timeout(120.0, connect=10.0)
# What happens before anything of a question is on its way.
NEVER_SENT = (
    httpx2.ConnectError,
    httpx2.ConnectTimeout,
    httpx2.PoolTimeout,
    httpx2.UnsupportedProtocol,
    httpx2.LocalProtocolError,
)


class Unbounded(Exception):
    """An answer that is not read to its end; the text says why."""


class _Stream(httpx2.SyncByteStream):
    def __init__(self, stream: httpx2.SyncByteStream) -> None:
        self.stream, self.until = stream, time.monotonic() + LONGEST_S

    def __iter__(self) -> Iterator[bytes]:
        held = 0
        for part in self.stream:
            held += len(part)
            if held > MOST_BYTES:
                raise Unbounded(f"it is larger than {MOST_BYTES:,} bytes")
            if time.monotonic() > self.until:
                raise Unbounded(f"it did not end within {LONGEST_S:.0f} seconds")
            yield part

    def close(self) -> None:
        self.stream.close()


def client() -> httpx2.Client:
    """A client for one question, to be closed by whoever asks."""
    return httpx2.Client(
        timeout=TIMEOUT,
        follow_redirects=False,
        headers={"Accept-Encoding": "identity"},
        event_hooks={"response": [_bound]},
    )


def _bound(response: httpx2.Response) -> None:
    """Called before the body is read. A compressed one could grow without end: none was asked
    for."""
    if response.headers.get("content-encoding", "identity").strip().lower() not in ("", "identity"):
        raise Unbounded("it is compressed, which was not asked for")
    assert isinstance(response.stream, httpx2.SyncByteStream)
    response.stream = _Stream(response.stream)

"""A message on its way: one POST to a machine that was looked at, without redirects, and over after
`IN_ALL_S` whatever the receiver does.

httpcore, which httpx stands on, lets one say how connections are opened; the name in the address
is still what the certificate is checked against.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from ssl import SSLContext
from typing import Any
from urllib.parse import urlsplit

import httpcore
import httpx

from studio.masking import masked
from studio.webhooks.receivers import Receiver

IN_ALL_S = 15.0
GONE = 410  # the receiver wants no more of them
AGENT = "Housestyle-Webhooks/1"


@dataclass(frozen=True)
class Answer:
    """What the receiver said: its status, None where it did not come to that, and why it was not
    taken, "" where it was."""

    status: int | None
    error: str


def post(receiver: Receiver, headers: Mapping[str, str], body: bytes) -> Answer:
    """Send the body, which is JSON; what is answered beside the status is not read."""
    told = {
        "Host": urlsplit(receiver.url).netloc,
        "Content-Type": "application/json",
        "User-Agent": AGENT,
        **headers,
    }
    opens = Pinned(receiver.machines, time.monotonic() + IN_ALL_S)
    try:
        with (
            httpcore.ConnectionPool(ssl_context=_trust(), network_backend=opens) as pool,
            pool.stream("POST", receiver.url, headers=[*told.items()], content=body) as answer,
        ):
            status = answer.status
    except (httpcore.TimeoutException, Late):
        return Answer(None, f"It had not answered after {IN_ALL_S:g} s.")
    except (httpcore.NetworkError, httpcore.ProtocolError, OSError, ValueError) as error:
        return Answer(None, masked(f"It could not be reached: {error}.")[:300])
    if 200 <= status < 300:
        return Answer(status, "")
    return Answer(status, f"It answered {status}.")


class Late(Exception):
    """The time for all of it is over."""


class Pinned(httpcore.NetworkBackend):
    """Opens connections to these machines, whatever name is asked for, until `end` (by the even
    clock)."""

    def __init__(self, machines: Sequence[str], end: float) -> None:
        self.machines, self.end = machines, end
        self.plain = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        for machine in self.machines[:-1]:
            try:
                return self._opened(machine, port, (self.end - time.monotonic()) / 2)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue  # as a browser does: the name has another one
        return self._opened(self.machines[-1], port, self.end - time.monotonic())

    def _opened(self, machine: str, port: int, seconds: float) -> httpcore.NetworkStream:
        if seconds <= 0:
            raise Late
        return Timed(self.plain.connect_tcp(machine, port, timeout=seconds), self.end)


class Timed(httpcore.NetworkStream):
    """A connection that is over at `end`, also where the other side drips."""

    def __init__(self, inner: httpcore.NetworkStream, end: float) -> None:
        self.inner, self.end = inner, end

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self.inner.read(max_bytes, self._left())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self.inner.write(buffer, self._left())

    def close(self) -> None:
        self.inner.close()

    def start_tls(
        self,
        ssl_context: SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        left = self._left()
        return Timed(self.inner.start_tls(ssl_context, server_hostname, left), self.end)

    def get_extra_info(self, info: str) -> Any:
        return self.inner.get_extra_info(info)

    def _left(self) -> float:
        left = self.end - time.monotonic()
        if left <= 0:
            raise Late
        return left


@cache
def _trust() -> SSLContext:
    """Whom to believe, read once: SSL_CERT_FILE where it is set, as for all of httpx."""
    return httpx.create_ssl_context()

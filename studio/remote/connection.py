"""Questions to one machine over HTTP: its key along, to the addresses that were looked at and no
other, without redirects, each answer bounded in bytes and in time.

The connection is kept between questions. `Away` says that the machine may be asked again; whether
what was asked arrived is not known then, which harms nothing: every question of the protocol may be
sent twice.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from ssl import SSLContext
from typing import Any
from urllib.parse import urlsplit

import httpcore
import httpx

from studio.errors import StudioError
from studio.masking import masked
from studio.remote.protocol import BODY, CHUNK
from studio.text.decoding import in_a_line
from studio.webhooks import receivers
from studio.webhooks.receivers import Network

CONNECT_S, READ_S = 10.0, 30.0
LARGEST = BODY + CHUNK  # bytes of an answer
AGENT = "Housestyle/1"
BUSY = (408, 425, 429, 500, 502, 503, 504)  # a gateway, or a machine that starts


class Away(StudioError):
    """The machine did not answer, or says that it can't now."""


class Refused(StudioError):
    """The machine answered no; `status` is HTTP's."""

    def __init__(self, status: int, message: str, remedy: str) -> None:
        self.status = status
        super().__init__(message, remedy)


@dataclass(frozen=True)
class Address:
    """Where a machine is: its name for people, its address, and the networks beside the public ones
    that it may be in."""

    name: str
    url: str
    networks: Sequence[Network] = ()


class Connection:
    """A machine that is being asked; not for several threads at once."""

    def __init__(self, address: Address, key: str) -> None:
        self.address, self.key = address, key
        self.pool: httpcore.ConnectionPool | None = None

    def ask(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | bytes | None = None,
        *,
        seconds: float = READ_S,
    ) -> Any:
        """The JSON that is answered. Away, Refused, or StudioError for an address that leads into
        a network that is not allowed."""
        data = self.raw(method, path, body, seconds=seconds)
        try:
            return json.loads(data)
        except (ValueError, RecursionError) as error:
            raise StudioError(
                f"{self.address.name} does not answer in JSON.", "Look at its address."
            ) from error

    def raw(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | bytes | None = None,
        *,
        seconds: float = READ_S,
    ) -> bytes:
        """The same as it comes."""
        sent = body if isinstance(body, bytes) else b"" if body is None else _json(body)
        if len(sent) > BODY:
            raise ValueError(f"a request of {len(sent)} bytes")
        kind = "application/octet-stream" if isinstance(body, bytes) else "application/json"
        headers = {
            "Host": urlsplit(self.address.url).netloc,
            "Authorization": f"Bearer {self.key}",
            "User-Agent": AGENT,
            "Accept-Encoding": "identity",
            **({} if body is None else {"Content-Type": kind}),
        }
        kept = self.pool is not None
        try:
            status, answered = self._sent(method, path, headers, sent, seconds)
        except Away:
            if not kept:  # a connection that was kept may have been closed over there meanwhile
                raise
            status, answered = self._sent(method, path, headers, sent, seconds)
        if status in BUSY:
            raise Away(
                f"{self.address.name} answers {status}: {_said(answered)[0] or 'it is busy'}",
                "It is asked again.",
            )
        if 300 <= status < 400:
            raise StudioError(
                f"{self.address.name} sends elsewhere ({status}), and its key goes nowhere else.",
                "Give the address that it really has: python -m studio machine add NAME ADDRESS",
            )
        if not 200 <= status < 300:
            raise self._refusal(status, answered)
        return answered

    def close(self) -> None:
        """Let the connection go; the next question makes another."""
        if self.pool is not None:
            self.pool.close()
            self.pool = None

    def _sent(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes, seconds: float
    ) -> tuple[int, bytes]:
        url = self.address.url.rstrip("/") + path
        patience = {"connect": CONNECT_S, "read": seconds, "write": READ_S, "pool": CONNECT_S}
        end = time.monotonic() + seconds + READ_S
        try:
            with self._opened().stream(
                method,
                url,
                headers=[*headers.items()],
                content=body,
                extensions={"timeout": patience},
            ) as answer:
                found = bytearray()
                for piece in answer.iter_stream():
                    found += piece
                    if len(found) > LARGEST or time.monotonic() > end:
                        raise OSError("its answer has no end")
                return answer.status, bytes(found)
        except (
            httpcore.TimeoutException,
            httpcore.NetworkError,
            httpcore.ProtocolError,
            OSError,
            ValueError,
        ) as error:
            self.close()
            told = masked(f"{type(error).__name__}: {error}".rstrip(": "))[:200]
            said = f"{self.address.name} is not reached ({told})."
            raise Away(said, "It is asked again.") from error

    def _opened(self) -> httpcore.ConnectionPool:
        if self.pool is None:
            try:
                found = receivers.looked_up(
                    self.address.url, self.address.networks, f"machine {self.address.name}"
                )
            except receivers.Unknown as error:
                raise Away(error.message, error.remedy) from error
            self.pool = httpcore.ConnectionPool(
                ssl_context=_trust(),
                network_backend=Looked(found.machines),
                keepalive_expiry=60.0,
            )
        return self.pool

    def _refusal(self, status: int, answered: bytes) -> Refused:
        said, remedy = _said(answered)
        name = self.address.name
        if status in (401, 403):
            return Refused(
                status,
                f"{name} does not take its key{f': {said}' if said else ''}.",
                f"Give the key that it takes now: python -m studio machine add {name} ADDRESS",
            )
        return Refused(status, f"{name}: {said or f'it answers {status}'}", remedy)


class Looked(httpcore.NetworkBackend):
    """Opens connections to the machines that were looked at, whatever name is asked for."""

    def __init__(self, machines: Sequence[str]) -> None:
        self.machines, self.plain = machines, httpcore.SyncBackend()

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
                return self.plain.connect_tcp(machine, port, timeout=(timeout or CONNECT_S) / 2)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue  # the name has another one
        return self.plain.connect_tcp(
            self.machines[-1], port, timeout=timeout, socket_options=socket_options
        )


@cache
def _trust() -> SSLContext:
    """Whom to believe, read once: SSL_CERT_FILE where it is set, as for all of httpx."""
    return httpx.create_ssl_context()


def _json(body: Mapping[str, Any]) -> bytes:
    return json.dumps(body, allow_nan=False).encode()


def _said(answered: bytes) -> tuple[str, str]:
    """What an answer says was wrong, and what can be done."""
    try:
        told = json.loads(answered)
        return (
            masked(in_a_line(str(told.get("error") or "")))[:500],
            masked(in_a_line(str(told.get("remedy") or "")))[:500],
        )
    except (ValueError, AttributeError, RecursionError):
        return "", ""

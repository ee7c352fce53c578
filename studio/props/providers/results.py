"""What a provider made, brought here: from a machine that was looked at, without our key, bounded.

The address comes from a service, so it is treated as anybody's: its name is looked up once, private
networks and this machine are refused unless STUDIO_PRIVATE_NETWORKS has them, and each redirect is
looked at as if it were the first address.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from urllib.parse import urljoin, urlsplit

import httpcore
import httpx

from studio.errors import StudioError
from studio.masking import masked
from studio.webhooks import receivers
from studio.webhooks.receivers import Network
from studio.webhooks.sending import Late, Pinned

LARGEST = 100 * 1024**2  # bytes
IN_ALL_S = 300.0
REDIRECTS = 3
MOVED = (301, 302, 303, 307, 308)
AGENT = "Housestyle/1"


class NotThere(Exception):
    """The address gave nothing now; the provider may name another one later."""


def fetched(url: str, networks: Sequence[Network]) -> bytes:
    """What lies at an address. NotThere where another look may help; StudioError where it leads
    where nothing is fetched from, and for more than LARGEST bytes."""
    end = time.monotonic() + IN_ALL_S
    for _ in range(REDIRECTS + 1):
        found = _got(url, networks, end)
        if isinstance(found, bytes):
            return found
        try:
            url = urljoin(url, found)
        except ValueError as error:
            raise NotThere("It is sent on to what is no address.") from error
    raise NotThere(f"It was sent on more than {REDIRECTS} times.")


def _got(url: str, networks: Sequence[Network], end: float) -> bytes | str:
    """The bytes, or where it is sent on to."""
    try:
        machine = receivers.looked_up(url, networks, "result")
    except receivers.Unknown as error:
        raise NotThere(error.message) from error
    told = {
        "Host": urlsplit(machine.url).netloc,
        "User-Agent": AGENT,
        "Accept-Encoding": "identity",
    }
    opens = Pinned(machine.machines, end)
    try:
        with (
            httpcore.ConnectionPool(
                ssl_context=httpx.create_ssl_context(), network_backend=opens
            ) as pool,
            pool.stream("GET", machine.url, headers=[*told.items()]) as answer,
        ):
            if answer.status in MOVED:
                return _location(answer)
            if answer.status != 200:
                raise NotThere(f"It answered {answer.status}.")
            return _bounded(answer)
    except (httpcore.TimeoutException, Late) as error:
        raise NotThere(f"It had not ended after {IN_ALL_S:g} s.") from error
    except (httpcore.NetworkError, httpcore.ProtocolError, OSError, ValueError) as error:
        raise NotThere(masked(f"It broke off: {error}.")) from error


def _location(answer: httpcore.Response) -> str:
    for name, value in answer.headers:
        if name.lower() == b"location":
            return value.decode("ascii", "replace")
    raise NotThere(f"It answered {answer.status} without saying where to.")


def _bounded(answer: httpcore.Response) -> bytes:
    found = bytearray()
    for piece in answer.iter_stream():
        found += piece
        if len(found) > LARGEST:
            raise StudioError(
                f"What came has more than {LARGEST // 1024**2} MB.",
                "Ask for fewer triangles, or fetch it by hand from the provider's pages.",
            )
    if not found:
        raise NotThere("It was empty.")
    return bytes(found)

"""One question to a provider over HTTP: our key along, no redirects, its answer bounded.

What is raised says whether the question may have arrived: `NotSent` that it did for certain not.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import httpx

from studio.errors import StudioError
from studio.masking import masked
from studio.props.providers.shapes import Provider
from studio.text.decoding import in_a_line

LARGEST = 4 * 1024**2  # bytes of an answer
SECONDS = 60.0  # for all of it
TIMEOUT = httpx.Timeout(30.0, connect=10.0)
READ = 4_000  # characters of an answer that are looked through for secrets
SAID = 300  # of these that people are shown
LONGEST = 2_000  # characters of an address
AGENT = "Housestyle/1"
# What is raised before anything is on its way, beside that no connection comes about.
UNSENDABLE = (
    httpx.InvalidURL,
    httpx.UnsupportedProtocol,
    httpx.LocalProtocolError,
    UnicodeError,  # as of a key or a name that can not be written
)


@dataclass(frozen=True)
class Access:
    """A provider with the address and the key that the settings have for it."""

    provider: Provider
    base: str
    key: str = field(repr=False)


@dataclass(frozen=True)
class Answered:
    """`status` of HTTP, what the JSON holds (None where it is none), and what it says in a line."""

    status: int
    found: Any
    said: str

    @property
    def fine(self) -> bool:
        """Whether it is an answer as it should be, in JSON."""
        return 200 <= self.status < 300 and self.found is not None


class NotSent(Exception):
    """No connection came about, so nothing was asked."""


class Unclear(Exception):
    """Something was asked, and what came of it is not known."""


def ask(
    access: Access,
    method: str,
    path: str,
    body: Mapping[str, Any] | None = None,
    *,
    form: tuple[str, str, bytes] | None = None,
    token: str = "",
) -> Answered:
    """Ask once. `path` stands behind the base, or is an address on the same server. `body` goes as
    JSON, `form` as a form with one PNG: its part, name and bytes. `token` is sent along, so that a
    provider that knows such keys does the same thing once. NotSent, or Unclear."""
    headers = {
        access.provider.header: access.provider.key_form.format(access.key),
        "User-Agent": AGENT,
        "Accept": "application/json",
        "Accept-Encoding": "identity",  # what is unpacked is larger than what is counted
    }
    if token:
        headers["Idempotency-Key"] = token
    files = None if form is None else {form[0]: (form[1], form[2], "image/png")}
    end = time.monotonic() + SECONDS
    try:
        with (
            httpx.Client(timeout=TIMEOUT, follow_redirects=False) as client,
            client.stream(
                method, address(access, path), headers=headers, json=body, files=files
            ) as answer,
        ):
            data = _bounded(answer, end)
    except (httpx.ConnectError, httpx.ConnectTimeout) as error:
        raise NotSent(masked(f"{access.provider.label} is not reached: {error}")) from error
    except UNSENDABLE as error:  # the key may stand in its words
        raise NotSent(
            f"{access.provider.label} can't be asked ({type(error).__name__}): its address or its "
            "key holds what is in no address and no key."
        ) from None
    except (httpx.HTTPError, OSError) as error:
        told = f"{access.provider.label} gave no answer ({type(error).__name__}: {error})"
        raise Unclear(masked(told)) from error
    found, written = _json(data)
    return Answered(answer.status_code, found, _said(access, answer, data, found, written))


def address(access: Access, path: str) -> str:
    """Where a path is asked at. An address of its own is taken on the provider's own server alone:
    our key goes along. StudioError elsewhere."""
    if path.startswith("/"):
        return access.base.rstrip("/") + path
    ours = urlsplit(access.base)
    try:
        theirs = urlsplit(path)
    except ValueError:  # as an address that is none
        theirs = urlsplit("")
    if len(path) > LONGEST or (ours.scheme, ours.netloc) != (theirs.scheme, theirs.netloc):
        raise StudioError(
            f"{access.provider.label} names {theirs.netloc[:80]!r} to be asked at, which is not "
            f"{ours.netloc}.",
            "Nothing was sent there, since the key would go along. Look at the setting of its "
            "address.",
        )
    return path


def _bounded(answer: httpx.Response, end: float) -> bytes:
    found = bytearray()
    for piece in answer.iter_bytes():
        found += piece
        if len(found) > LARGEST:
            raise Unclear(f"It answered with more than {LARGEST // 1024**2} MB.")
        if time.monotonic() > end:
            raise Unclear(f"Its answer had not ended after {SECONDS:g} s.")
    return bytes(found)


def _json(data: bytes) -> tuple[Any, str]:
    """What an answer holds, and the same written out; None where it is no JSON."""
    try:
        found = json.loads(data)
        return found, json.dumps(found, ensure_ascii=False)
    except (ValueError, RecursionError):
        return None, ""


def _said(access: Access, answer: httpx.Response, data: bytes, found: Any, written: str) -> str:
    """The status and the words of an answer, without our key; a page of HTML is only called so."""
    if found is None:
        kind = answer.headers.get("Content-Type", "").partition(";")[0] or "nothing readable"
        told = f"{answer.status_code} with {kind[:60]}"
        if data.lstrip()[:1] != b"<":
            told += f": {data[:READ].decode('utf-8', 'replace')}"
    else:
        told = f"{answer.status_code}: {written[:READ]}"
    told = in_a_line(told)
    if len(access.key) > 3:
        told = told.replace(access.key, "(the key)")
    return masked(told)[:SAID]

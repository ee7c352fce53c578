"""Whether a request is meant for this studio and comes from its own pages: `Host` and `Origin`.

A page elsewhere can make its own name lead to this machine (DNS rebinding). To the browser it is
then one origin with the studio, and only the name in `Host` tells. An address in place of a name
can't be made to lead elsewhere, so that addresses are always the studio's own.
"""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import Scope

from studio.accounts.sign_in_settings import SignIn, own_hosts

SAFE = ("GET", "HEAD", "OPTIONS")
HOST = re.compile(r"(?:\[([0-9a-f:.]+)\]|([a-z0-9_.-]+))(?::\d{1,5})?", re.IGNORECASE)
FOREIGN = (
    "called by a name that is not this studio's (STUDIO_ADDRESS is the address that people type)"
)
ELSEWHERE = "sent by another site"


def changes(scope: Scope) -> bool:
    """Whether it may change something: a WebSocket, or a method that is not for looking."""
    return scope["type"] == "websocket" or scope["method"] not in SAFE


def crossed(scope: Scope, sign_in: SignIn, host: str) -> str:
    """Why this comes from another site's page, or by another site's name; "" where it does not."""
    headers = Headers(scope=scope)
    called = headers.getlist("host")
    if len(called) != 1 or not _is_own(_name(called[0]), sign_in, host):
        return FOREIGN
    origins = headers.getlist("origin")
    if changes(scope) and origins:
        if len(origins) > 1 or not _is_same(origins[0], called[0].lower(), sign_in):
            return ELSEWHERE
    if headers.get("sec-fetch-site") == "cross-site":
        if changes(scope) or headers.get("sec-fetch-mode", "navigate") != "navigate":
            return ELSEWHERE
    return ""


def _is_own(name: str, sign_in: SignIn, host: str) -> bool:
    if name in own_hosts(sign_in, host):
        return True
    try:
        return bool(ipaddress.ip_address(name))
    except ValueError:
        return False


def _is_same(origin: str, called: str, sign_in: SignIn) -> bool:
    """Whether `origin` is the studio's own. "" and "null", which a page without an origin sends,
    never are."""
    if origin and origin == sign_in.address.lower():
        return True
    try:
        told = urlsplit(origin)
        at = urlsplit(sign_in.address.lower()).netloc
    except ValueError:
        return False
    # By the address that people type it is that alone: http is not https.
    return at != called and told.scheme in ("http", "https") and told.netloc == called


def _name(host: str) -> str:
    """The name or address in a Host header, "" for one that is none."""
    found = HOST.fullmatch(host)
    return (found[1] or found[2]).rstrip(".").lower() if found else ""

"""One policy of headers for every answer: what may run in it, who may frame it, what it tells.

A page runs the studio's own scripts only, which are named: files of this address, and the few that
stand in Streamlit's page itself, by their hashes. In what people brought, a picture or a file,
nothing runs at all.
"""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from studio.web import index_html

ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
DATA = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox"
# Styles are written into pages by Streamlit (emotion) and by MLflow, and as attributes by charts.
STYLES = "style-src 'self' 'unsafe-inline'"
BASE = f"default-src 'self'; {STYLES}; img-src 'self' data: blob:; font-src 'self' data:; \
media-src 'self' data: blob:; worker-src 'self' blob:; object-src 'none'; base-uri 'self'"
INLINE = re.compile(r"<script>(.*?)</script>", re.DOTALL)
PAGES = ("text/html", "text/javascript", "application/javascript")
BROUGHT = ("/media/", "/picture/", "/download/")  # whatever it says that it is
OWN = "/mlflow"
VIEWER = "/props/viewer/"  # of props, in a frame of our own pages


class Policy:
    """Puts the headers on every answer; one that says more about itself keeps its own."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def told(message: Message) -> None:
            if message["type"] in ("http.response.start", "websocket.http.response.start"):
                headers = MutableHeaders(raw=list(message.get("headers", ())))
                for name, value in headers_for(scope["path"], headers).items():
                    headers[name] = value
                message = {**message, "headers": headers.raw}
            await send(message)

        await self.app(scope, receive, told if scope["type"] in ("http", "websocket") else send)


def headers_for(path: str, given: Headers) -> dict[str, str]:
    """The headers of an answer from `path` that has those `given` already."""
    policy = given.get("content-security-policy", "")
    if not policy:
        policy = _policy(path, given.get("content-type", ""))
    elif "frame-ancestors" not in policy:
        policy += f"; frame-ancestors {_framed_by(path)}"
    frame = "SAMEORIGIN" if _framed_by(path) == "'self'" else "DENY"
    return {**ALWAYS, "Content-Security-Policy": policy, "X-Frame-Options": frame}


def _policy(path: str, kind: str) -> str:
    if path.startswith(BROUGHT) or not kind.startswith(PAGES):
        return DATA
    return f"{BASE}; {_scripts(path)}; frame-ancestors {_framed_by(path)}"


def _scripts(path: str) -> str:
    if _is_mlflow(path):  # its parallel coordinates make functions of text (regl)
        return "script-src 'self' 'unsafe-eval'"
    return f"script-src 'self' blob: {inline()}"  # components come as modules made into blobs


def _framed_by(path: str) -> str:
    """MLflow shows what a run brought inside a page of its own, and Props the viewer; nothing else
    stands in a frame."""
    return "'self'" if _is_mlflow(path) or path.startswith(VIEWER) else "'none'"


def _is_mlflow(path: str) -> bool:
    return path == OWN or path.startswith(f"{OWN}/")


@cache
def inline() -> str:
    """The scripts that stand in Streamlit's page, as it comes and as it is made ready, by hash."""
    found = {}
    for page in (index_html.plain(), index_html.ready(index_html.plain())):
        for script in INLINE.findall(page.decode()):
            found[base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()] = script
    return " ".join(f"'sha256-{hash}'" for hash in found)

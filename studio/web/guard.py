"""The guard before pages, WebSocket, pictures, downloads and uploads alike.

Pure ASGI, before everything of Streamlit's. Where people sign in, nothing but the sign-in page and
/healthz answers somebody who has not; a session or a token says who it is, and that person is put
into the scope as `person`. Where nobody signs in it keeps other sites' pages away from this
machine's studio. What it refuses is logged: who, what, when.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from urllib.parse import urlsplit

from sqlalchemy.exc import SQLAlchemyError
from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from studio.accounts import refusal_log, rights, sessions, tokens
from studio.accounts.sign_in_settings import SignIn, own_hosts
from studio.context import Studio
from studio.errors import StudioError
from studio.web.name_cookie import wanted
from studio.web.session import COOKIE
from studio.web.streamlit_oidc import CALLBACK, LOGIN

HEALTH = "/healthz"
RETRIED = ("/_stcore/health", "/_stcore/host-config")  # every second, by a page left open
ENTRANCE = ("/sign-in", "/sign-out")
PROVIDER = ("/sign-in/provider", LOGIN, CALLBACK)
SAFE = ("GET", "HEAD", "OPTIONS")
POLICY_VIOLATION = 1008


class Guard:
    """Lets a request through, with who sent it, or answers it itself."""

    def __init__(self, app: ASGIApp, studio: Callable[[], Studio]) -> None:
        self.app, self.studio = app, studio

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket") or scope["path"] == HEALTH:
            await self.app(scope, receive, send)
            return
        try:
            studio = await asyncio.to_thread(self.studio)
            sign_in = studio.settings.sign_in
            if why := strange_path(scope):
                await refuse(scope, receive, send, 400, why)
            elif why := crossed(scope, sign_in, studio.settings.host):
                await refuse(scope, receive, send, 403, why)
            elif not sign_in.needed:
                await self.app(scope, receive, send)
            else:
                await self._signed_in(studio, scope, receive, send)
        except (StudioError, SQLAlchemyError) as error:
            if "answering" in scope:
                raise
            said = error if isinstance(error, StudioError) else "The database does not answer."
            await _say(scope, receive, send, PlainTextResponse(str(said), 503))

    async def _signed_in(self, studio: Studio, scope: Scope, receive: Receive, send: Send) -> None:
        asked = HTTPConnection(scope)
        token = _bearer(asked.headers)
        session = asked.cookies.get(COOKIE, "")
        open_ = ENTRANCE + (PROVIDER if studio.settings.sign_in.kind == "oidc" else ())
        person: rights.Actor | None = None
        if token is not None:
            if scope["type"] == "http":  # pages are for browsers
                person = await asyncio.to_thread(tokens.find, studio.engine, token, _now())
        elif session:
            held = await asyncio.to_thread(sessions.find, studio.engine, session, _now())
            person = held.actor if held else None
        if person is not None and rights.allowed(person, "look"):
            scope["person"] = person
        elif scope["type"] == "http" and scope["path"] in open_:
            scope["signing in"] = True
        else:
            forged = "a token that does not hold" if token is not None else "a session that is over"
            why = forged if token is not None or session else "not signed in"
            await refuse(scope, receive, send, 401, why)
            return
        # A browser says where a change comes from; without a word only a token will do.
        if scope["type"] == "http" and scope["method"] not in SAFE and token is None:
            if "origin" not in asked.headers:
                await refuse(scope, receive, send, 403, "a change without an origin")
                return
        scope["answering"] = True
        if scope["type"] == "websocket":
            receive = self._watched(studio, session, scope, receive, send)
        await self.app(scope, receive, send)

    def _watched(
        self, studio: Studio, session: str, scope: Scope, receive: Receive, send: Send
    ) -> Receive:
        """A WebSocket outlives the request that opened it, so each message is asked anew: it is
        closed when the session has ended."""

        async def watched() -> Message:
            message = await receive()
            if message["type"] != "websocket.receive":
                return message
            if await asyncio.to_thread(sessions.find, studio.engine, session, _now()):
                return message
            note(scope, "a session that is over")
            await send({"type": "websocket.close", "code": POLICY_VIOLATION})
            return {"type": "websocket.disconnect", "code": POLICY_VIOLATION}

        return watched


def crossed(scope: Scope, sign_in: SignIn, host: str) -> str:
    """Why this comes from another site's page, or by another site's name; "" where it does not."""
    headers = Headers(scope=scope)
    called = headers.get("host", "")
    known = own_hosts(sign_in, host)
    if known is not None and _hostname(called) not in known:
        return "called by a name that is not this studio's"
    changes = scope["type"] == "websocket" or scope["method"] not in SAFE
    origin = headers.get("origin")
    if changes and origin is not None:
        exact = urlsplit(sign_in.address).netloc == called  # then http is not https either
        same = origin == sign_in.address or (not exact and urlsplit(origin).netloc == called)
        if not same:
            return "sent by another site"
    if headers.get("sec-fetch-site") == "cross-site":
        if changes or headers.get("sec-fetch-mode", "navigate") != "navigate":
            return "sent by another site"
    return ""


def strange_path(scope: Scope) -> str:
    """Why the path is none of ours: it leads out of a folder, or hides a separator; else ""."""
    path, raw = scope["path"], scope.get("raw_path") or b""
    parts = path.split("/")
    hidden = b"%2f" in raw.lower() or b"%5c" in raw.lower()
    if ".." in parts or "\\" in path or "\0" in path or "%2f" in path.lower() or hidden:
        return "a path that leads elsewhere"
    return ""


async def refuse(scope: Scope, receive: Receive, send: Send, status: int, why: str) -> None:
    """Log it, and answer: a page leads to the sign-in page, everything else is a plain refusal."""
    note(scope, why)
    headers = Headers(scope=scope)
    page = scope["type"] == "http" and "text/html" in headers.get("accept", "")
    if status == 401 and page and scope["method"] == "GET":
        answer: Response = RedirectResponse(f"/sign-in?next={wanted(scope)}", 303)
    else:
        answer = PlainTextResponse(f"Refused: {why}.", status)
    answer.headers["Cache-Control"] = "no-store"
    await _say(scope, receive, send, answer)


def note(scope: Scope, why: str) -> None:
    """Write down what was refused: who, what and from where; the query may hold secrets."""
    if scope["path"] in RETRIED:
        return
    client, headers = scope.get("client") or ("", 0), Headers(scope=scope)
    method = scope.get("method", "WebSocket")
    refusal_log.note(
        scope.get("person", ""),
        why,
        asked=f"{method} {scope['path']}",
        address=client[0],
        origin=headers.get("origin", ""),
    )


async def _say(scope: Scope, receive: Receive, send: Send, answer: Response) -> None:
    if scope["type"] == "websocket":
        await receive()  # websocket.connect; closed before it is accepted, it is a 403
        await send({"type": "websocket.close", "code": POLICY_VIOLATION})
        return
    await answer(scope, receive, send)


def _bearer(headers: Headers) -> str | None:
    kind, _, token = headers.get("authorization", "").partition(" ")
    return token.strip() if kind.lower() == "bearer" else None


def _hostname(host: str) -> str:
    try:
        return (urlsplit(f"//{host}").hostname or "").rstrip(".")
    except ValueError:
        return ""


def _now() -> datetime:
    return datetime.now(UTC)

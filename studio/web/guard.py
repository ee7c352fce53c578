"""The guard before pages, WebSocket, pictures, downloads and uploads alike.

Pure ASGI, before everything of Streamlit's. Where people sign in, nothing but the sign-in page and
/healthz answers somebody who has not; a session or a token says who it is, and that person is put
into the scope as `person`. Where nobody signs in it keeps other sites' pages away from this
machine's studio. What it refuses is logged: who, what, when.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from studio.accounts import refusal_log, rights, sessions, tokens
from studio.api import bearer, problems
from studio.context import Studio
from studio.web import hosts, metrics_route, sockets, streamlit_routes
from studio.web.name_cookie import wanted
from studio.web.session import COOKIE, sender
from studio.web.streamlit_oidc import CALLBACK, LOGIN
from studio.web.threads import GUARD, beside

HEALTH = "/healthz"
RETRIED = ("/_stcore/health", "/_stcore/host-config")  # every second, by a page left open
ENTRANCE = ("/sign-in", "/sign-out")
PROVIDER = ("/sign-in/provider", LOGIN, CALLBACK)
POLICY_VIOLATION = 1008
TOKEN = "Send Authorization: Bearer with a token that holds; make one on the page Your account."


class Guard:
    """Lets a request through, with who sent it, or answers it itself."""

    def __init__(self, app: ASGIApp, studio: Callable[[], Studio]) -> None:
        self.app, self.studio, self.is_open = app, studio, False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket") or scope["path"] == HEALTH:
            await self.app(scope, receive, send)
            return
        # To open it takes a while; to be given it takes less than another thread would.
        studio = self.studio() if self.is_open else await beside(GUARD, self.studio)
        self.is_open = True
        sign_in = studio.settings.sign_in
        if why := strange_path(scope):
            await refuse(scope, receive, send, 400, why)
        elif why := hosts.crossed(scope, sign_in, studio.settings.host):
            await refuse(scope, receive, send, 403, why)
        elif not sign_in.needed:
            await self._open(studio, "", scope, receive, send)
        else:
            await self._signed_in(studio, scope, receive, send)

    async def _signed_in(self, studio: Studio, scope: Scope, receive: Receive, send: Send) -> None:
        asked = HTTPConnection(scope)
        token = bearer.token_of(asked.headers)
        session = asked.cookies.get(COOKIE, "")
        open_ = ENTRANCE + (PROVIDER if studio.settings.sign_in.kind == "oidc" else ())
        person: rights.Actor | None = None
        if token is not None:
            if scope["type"] == "http":  # pages are for browsers
                person = await beside(GUARD, tokens.find, studio.engine, token, _now())
        elif session:
            held = await beside(GUARD, sessions.find, studio.engine, session, _now())
            person = held.actor if held else None
        if person is not None and _is_open(person, scope["path"]):
            scope["person"] = person
        elif person is not None and person.scope:
            await refuse(scope, receive, send, 403, f"a token for {person.scope} only")
            return
        elif scope["type"] == "http" and scope["path"] in open_:
            scope["signing in"] = True
        else:
            forged = "a token that does not hold" if token is not None else "a session that is over"
            why = forged if token is not None or session else "not signed in"
            await refuse(scope, receive, send, 401, why)
            return
        # A browser says where a change comes from; without a word only a token will do.
        if hosts.changes(scope) and token is None and not asked.headers.get("origin"):
            await refuse(scope, receive, send, 403, "a change without an origin")
            return
        await self._open(studio, session, scope, receive, send)

    async def _open(
        self, studio: Studio, session: str, scope: Scope, receive: Receive, send: Send
    ) -> None:
        """Hand a request on that comes from somebody who may come in."""
        who = scope.get("person") or studio.settings.user
        if not streamlit_routes.check(who, scope.get("method", ""), scope["path"]):
            await refuse(scope, receive, send, 404, "not open here")
        elif scope["type"] != "websocket":
            await self.app(scope, receive, send)
        else:
            with sockets.counted(str(sender(HTTPConnection(scope), ""))) as one_more:
                if not one_more:
                    await refuse(scope, receive, send, 429, "too many pages are open")
                    return
                if session:
                    receive = _while_it_holds(studio, session, scope, receive, send)
                await self.app(scope, receive, send)


def _while_it_holds(
    studio: Studio, session: str, scope: Scope, receive: Receive, send: Send
) -> Receive:
    async def holds(used: bool) -> bool:
        held = await beside(GUARD, sessions.find, studio.engine, session, _now(), used=used)
        return held is not None

    async def over() -> Message:
        note(scope, "a session that is over")
        await send({"type": "websocket.close", "code": POLICY_VIOLATION})
        return {"type": "websocket.disconnect", "code": POLICY_VIOLATION}

    return sockets.watched(receive, holds, over)


def _is_open(person: rights.Actor, path: str) -> bool:
    """A token for one purpose opens that one address; everybody else may look around."""
    return rights.allowed(person, "look") or (
        path == metrics_route.AT and rights.allowed(person, metrics_route.RIGHT)
    )


def strange_path(scope: Scope) -> str:
    """Why the path is none of ours: it leads out of a folder, or hides a separator; else ""."""
    path, raw = scope["path"], scope.get("raw_path") or b""
    parts = path.split("/")
    hidden = b"%2f" in raw.lower() or b"%5c" in raw.lower()
    if ".." in parts or "\\" in path or "\0" in path or "%2f" in path.lower() or hidden:
        return "a path that leads elsewhere"
    return ""


async def refuse(scope: Scope, receive: Receive, send: Send, status: int, why: str) -> None:
    """Log it, and answer: a page leads to the sign-in page, programs get a problem, everything else
    a plain refusal."""
    note(scope, why)
    headers = Headers(scope=scope)
    page = scope["type"] == "http" and "text/html" in headers.get("accept", "")
    if scope["type"] == "http" and problems.is_for_programs(scope["path"]):
        remedy = TOKEN if status == 401 else ""
        answer: Response = problems.answer(scope["path"], status, f"Refused: {why}.", remedy)
    elif status == 401 and page and scope["method"] == "GET":
        answer = RedirectResponse(f"/sign-in?next={wanted(scope)}", 303)
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


def _now() -> datetime:
    return datetime.now(UTC)

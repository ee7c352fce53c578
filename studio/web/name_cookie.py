"""Without sign-in: a person is a name, asked once and kept in a cookie.

It names people and keeps nobody out; `studio.web.guard`, which stands before it, keeps out whoever
is not on this machine.
"""

from __future__ import annotations

import html
import re
from urllib.parse import quote, unquote, urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from studio.web import forms

COOKIE = "housestyle_name"
LONGEST = 40
OPEN = ("/_stcore/", "/static/", "/app/static/", "/healthz", "/hello", "/picture/", "/favicon")
YEAR_S = 365 * 86_400

FORM = """<form method="post" action="/hello?next={next}">
<h1>Housestyle</h1><p>Who is there? Your name stands beside what you do here.</p>
<label for="name">Your name</label>
<input id="name" name="name" autofocus required maxlength="{longest}" autocomplete="name"
 value="{name}"><span class="wrong" role="alert">{wrong}</span>
<button>Come in</button></form>"""


def name_in(cookie: str | None) -> str:
    """The name that the cookie's value holds, or "" where it holds none that is allowed."""
    name = unquote(cookie or "").strip()
    return name if _allowed(name) else ""


async def hello(request: Request) -> Response:
    """Ask for the name (GET), keep it and go back to where the person was going (POST)."""
    onward = inside(request.query_params.get("next", "/"))
    if request.scope.get("person"):
        return RedirectResponse(onward, 303)  # who signed in has a name
    if request.method == "GET":
        return _asked(onward, name_in(request.cookies.get(COOKIE)))
    fields = await forms.sent(request, 2000)
    name = " ".join((fields or {}).get("name", "").split())
    if not _allowed(name):
        return _asked(onward, name, f" Use 1 to {LONGEST} letters, digits, spaces or . _ - '")
    answer = RedirectResponse(onward, 303)
    answer.set_cookie(COOKIE, quote(name), max_age=YEAR_S, httponly=True, samesite="lax", path="/")
    return answer


class Door:
    """Sends a browser without a name to `hello`, and on to its page afterwards."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        named = "person" in scope or "signing in" in scope  # the guard's words
        if scope["type"] == "http" and not named and not scope["path"].startswith(OPEN):
            request = Request(scope)
            page = request.method == "GET" and "text/html" in request.headers.get("accept", "")
            if page and not name_in(request.cookies.get(COOKIE)):
                answer = RedirectResponse(f"/hello?next={wanted(scope)}", 303)
                await answer(scope, receive, send)
                return
        await self.app(scope, receive, send)


def wanted(scope: Scope) -> str:
    """The address that was asked for, quoted so that it can stand in another one."""
    query = scope["query_string"].decode("latin-1")
    return quote(scope["path"] + (f"?{query}" if query else ""), safe="")


def inside(address: str) -> str:
    """An address of this studio; anything that leads elsewhere becomes the first page."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return "/"
    outside = parts.scheme or parts.netloc or not address.startswith("/") or "\\" in address
    strange = any(ord(sign) < 32 for sign in address)  # browsers drop tabs: "/\t/elsewhere"
    return "/" if outside or strange or address.startswith("//") else address


def _allowed(name: str) -> bool:
    return len(name) <= LONGEST and bool(re.fullmatch(r"\w[\w .'-]*", name))


def _asked(onward: str, name: str, wrong: str = "") -> Response:
    form = FORM.format(
        next=quote(onward, safe=""),
        name=html.escape(name, quote=True),
        wrong=html.escape(wrong),
        longest=LONGEST,
    )
    return forms.answer(form, 400 if wrong else 200)

"""The door before every page: a person is a name, asked once and kept in a cookie.

Pure ASGI, so that it stands before Streamlit's own handling. It names people and keeps nobody
out: until sign-in exists the studio listens on loopback.
"""

from __future__ import annotations

import html
import re
from urllib.parse import parse_qs, quote, unquote, urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

COOKIE = "housestyle_name"
LONGEST = 40
OPEN = ("/_stcore/", "/static/", "/app/static/", "/healthz", "/hello", "/picture/", "/favicon")
YEAR_S = 365 * 86_400

PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>Housestyle</title>
<style>
:root {{ color-scheme: light dark; --back: #faf8f4; --card: #efebe3; --text: #22232b; }}
@media (prefers-color-scheme: dark) {{
  :root {{ --back: #191a20; --card: #24262e; --text: #ece8df; }} }}
body {{ margin: 0; min-height: 100vh; display: grid; place-items: center;
  background: var(--back); color: var(--text); font: 16px/1.5 system-ui, sans-serif; }}
form {{ background: var(--card); padding: 2rem; border-radius: 8px; width: 20rem; }}
h1 {{ margin: 0 0 .25rem; font-size: 1.5rem; }} p {{ margin: 0 0 1rem; }}
input, button {{ font: inherit; width: 100%; box-sizing: border-box; padding: .6rem;
  border-radius: 6px; border: 1px solid #8885; margin-top: .35rem; }}
button {{ background: #1f6c66; color: #fff; border: 0; margin-top: 1rem; cursor: pointer; }}
.wrong {{ color: #b3261e; }} @media (prefers-color-scheme: dark) {{ .wrong {{ color: #ffb4ab; }} }}
</style></head><body><main><form method="post" action="/hello?next={next}">
<h1>Housestyle</h1><p>Who is there? Your name stands beside what you do here.</p>
<label for="name">Your name</label>
<input id="name" name="name" autofocus required maxlength="{longest}" autocomplete="name"
 value="{name}"><span class="wrong" role="alert">{wrong}</span>
<button>Come in</button></form></main></body></html>"""


def name_in(cookie: str | None) -> str:
    """The name that the cookie's value holds, or "" where it holds none that is allowed."""
    name = unquote(cookie or "").strip()
    return name if _allowed(name) else ""


async def hello(request: Request) -> Response:
    """Ask for the name (GET), keep it and go back to where the person was going (POST)."""
    onward = _inside(request.query_params.get("next", "/"))
    if request.method == "GET":
        return _asked(onward, name_in(request.cookies.get(COOKIE)))
    body = (await request.body())[:2000].decode("utf-8", "replace")
    name = " ".join(parse_qs(body).get("name", [""])[0].split())
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
        if scope["type"] == "http" and not scope["path"].startswith(OPEN):
            request = Request(scope)
            page = request.method == "GET" and "text/html" in request.headers.get("accept", "")
            if page and not name_in(request.cookies.get(COOKIE)):
                wanted = scope["path"]
                if scope["query_string"]:
                    wanted += "?" + scope["query_string"].decode("latin-1")
                answer = RedirectResponse(f"/hello?next={quote(wanted, safe='')}", 303)
                await answer(scope, receive, send)
                return
        await self.app(scope, receive, send)


def _allowed(name: str) -> bool:
    return len(name) <= LONGEST and bool(re.fullmatch(r"\w[\w .'-]*", name))


def _inside(address: str) -> str:
    """An address of this studio; anything that leads elsewhere becomes the first page."""
    parts = urlsplit(address)
    outside = parts.scheme or parts.netloc or not address.startswith("/") or "\\" in address
    return "/" if outside or address.startswith("//") else address


def _asked(onward: str, name: str, wrong: str = "") -> Response:
    page = PAGE.format(
        next=quote(onward, safe=""),
        name=html.escape(name, quote=True),
        wrong=html.escape(wrong),
        longest=LONGEST,
    )
    return HTMLResponse(page, 400 if wrong else 200)

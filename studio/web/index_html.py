"""The one HTML page that Streamlit answers every address of a page with, made ready for ours.

Its scripts look for the server below the page's own address first, which fails and is tried again
after a tenth of a second, and they fetch the parts of widgets one after another, as each is met.
The page is told both before they start.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from studio.settings import CHECKOUT
from studio.web import mark, missing_pages, navigation

# What nearly every page of ours consists of, by the names of Streamlit's scripts.
PARTS = (
    "Html",
    "PageLink",
    "Selectbox",
    "Button",
    "ButtonGroup",
    "TextInput",
    "BidiComponent",
    "Pagination",
)
# Names in addresses of what people type: no steps of history.
TYPED = ("q", "find", "text", "inner-name", "outer-name", "outline-colour", "terrain")
FAVICON = '<link rel="shortcut icon" href="./favicon.png" />'
SERVER = "<script>window.__streamlit = {BACKEND_BASE_URL: location.origin + '/'}</script>"
# A session that has ended refuses what a page left open asks for: Streamlit shows a bare error.
OVER = """<script>(() => {
const lead = () => location.replace('/sign-in?over=1&next='
  + encodeURIComponent(location.pathname + location.search));
const open = XMLHttpRequest.prototype.open;
XMLHttpRequest.prototype.open = function (...given) {
  this.addEventListener('loadend', () => { if (this.status === 401) lead(); });
  return open.apply(this, given);
};
const ask = window.fetch;
window.fetch = async (...given) => {
  const got = await ask(...given);
  if (got.status === 401 && got.url.startsWith(location.origin)) lead();
  return got;
};
})()</script>"""
# Asked for compressed, in part, or only if new, it would not come as it is.
BEFORE = (b"accept-encoding", b"if-none-match", b"if-modified-since", b"range")
IMPORTED = re.compile(r"""(?:from|import)\s*["'`]\./([\w.-]+\.js)["'`]""")


class Shell:
    """Answers of HTML that hold Streamlit's page get what `ready` adds; others pass. Streamlit has
    that page for every address: one that no page has is said to be none."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        page = scope["type"] == "http" and scope["method"] == "GET"
        if not page or "text/html" not in Headers(scope=scope).get("accept", ""):
            await self.app(scope, receive, send)
            return
        headers = [header for header in scope["headers"] if header[0] not in BEFORE]
        held: list[Message] = []
        body = b""

        async def changed(message: Message) -> None:
            nonlocal body
            if message["type"] == "http.response.start":
                kind = Headers(raw=message["headers"]).get("content-type", "")
                if message["status"] != 200 or not kind.startswith("text/html"):
                    await send(message)
                    return
                held.append(message)
            elif not held:
                await send(message)
            else:
                body += message.get("body", b"")
                if message.get("more_body"):
                    return
                made = ready(body)
                if made != body and not navigation.known(scope["path"]):
                    await missing_pages.answer(scope["path"])(scope, receive, send)
                    return
                told = MutableHeaders(raw=held[0]["headers"])
                told["content-length"] = str(len(made))
                for stale in ("etag", "last-modified", "accept-ranges"):
                    del told[stale]
                await send({**held[0], "headers": told.raw})
                await send({"type": "http.response.body", "body": made})

        await self.app({**scope, "headers": headers}, receive, changed)


@cache
def ready(page: bytes) -> bytes:
    """Streamlit's page with our title, the server's address, and the usual parts named ahead; any
    other page as it is."""
    text = page.decode()
    if "<title>Streamlit</title>" not in text:
        return page
    text = text.replace(FAVICON, mark.icon())
    before = SERVER + OVER + f"<script>{_history()}</script>"
    text = text.replace("<title>Streamlit</title>", f"<title>Housestyle</title>{before}")
    scripts = _static() / "static" / "js"
    links = [
        f'<link rel="modulepreload" crossorigin href="./static/js/{name}">'
        for name in needed(scripts)
        if name not in text
    ]
    return text.replace("</head>", "".join(links) + "</head>").encode()


def plain() -> bytes:
    """Streamlit's page as it comes."""
    return (_static() / "index.html").read_bytes()


def _history() -> str:
    """What stands in page.js."""
    source = (CHECKOUT / "studio" / "web" / "page.js").read_text("utf-8")
    return source.replace("NAMES OF TYPED FIELDS", " ".join(TYPED))


def _static() -> Path:
    streamlit = find_spec("streamlit")
    assert streamlit is not None and streamlit.origin is not None
    return Path(streamlit.origin).parent / "static"


def needed(scripts: Path) -> list[str]:
    """The scripts of PARTS, and those that they import in turn."""
    found: list[str] = []
    waiting = [next(scripts.glob(f"{part}.*.js")).name for part in PARTS]
    while waiting:
        name = waiting.pop(0)
        if name not in found:
            found.append(name)
            waiting += IMPORTED.findall((scripts / name).read_text())
    return found

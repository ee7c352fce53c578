"""The few pages that stand before the studio's own: a card with a form, nothing to fetch."""

from __future__ import annotations

from functools import cache
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from studio import request_ids
from studio.web import mark

_FRAME = """<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>Housestyle</title>
ICON
<style>
:root { color-scheme: light dark; --back: #faf8f4; --card: #efebe3; --text: #22232b; }
@media (prefers-color-scheme: dark) {
  :root { --back: #191a20; --card: #24262e; --text: #ece8df; } }
body { margin: 0; min-height: 100vh; display: grid; place-items: center;
  background: var(--back); color: var(--text); font: 16px/1.5 system-ui, sans-serif; }
form, nav { background: var(--card); padding: 2rem; border-radius: 8px; width: 20rem;
  max-width: calc(100vw - 6rem); }
/* The name, drawn as it is everywhere else: nothing is fetched before somebody is let in. */
h1 { margin: 0 0 1.25rem; height: 32px; font-size: 1.5rem; line-height: 32px; color: transparent;
  background: url("NAME") no-repeat left center; }
h2 { margin: 1.25rem 0 .25rem; font-size: 1rem; } p { margin: 0 0 1rem; } a { color: inherit; }
nav ul { margin: 0; padding: 0; list-style: none; } nav li a { display: inline-block;
  padding: .2rem 0; }
input, button, .button { font: inherit; width: 100%; box-sizing: border-box; padding: .6rem;
  border-radius: 6px; border: 1px solid #8885; margin: .35rem 0 .5rem; display: block; }
button, .button { background: #1f6c66; color: #fff; border: 0; margin-top: 1rem; cursor: pointer;
  text-align: center; text-decoration: none; }
.wrong { color: #b3261e; } @media (prefers-color-scheme: dark) { .wrong { color: #ffb4ab; } }
</style></head><body><main>INNER</main></body></html>"""

# Nothing of such a page is kept, framed by another site, or tells it where somebody came from.
_HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
    "base-uri 'none'; frame-ancestors 'none'",
}


async def sent(request: Request, most: int) -> dict[str, str] | None:
    """The fields of a form, each once; None for one of more than `most` bytes, which nobody typed
    and which is not read to its end."""
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > most:
            return None
    fields = parse_qs(body.decode("utf-8", "replace"))
    return {name: values[0] for name, values in fields.items()}


def answer(inner: str, status: int = 200) -> Response:
    """The page around `inner`, which is HTML: what people wrote is escaped in it already."""
    return HTMLResponse(_frame().replace("INNER", inner), status, headers=_HEADERS)


def request_line() -> str:
    """The id of the request that is answered, as HTML: with it the studio's log tells more."""
    id = request_ids.current()
    return f"<p><small>Request {id}</small></p>" if id else ""


@cache
def _frame() -> str:
    return _FRAME.replace("ICON", mark.icon()).replace("NAME", mark.address(mark.NAMED))

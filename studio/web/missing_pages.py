"""Addresses of pages that are elsewhere now, and of pages that there never were."""

from __future__ import annotations

import html

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from studio.web import forms, navigation

CARD = """<nav aria-label="Pages"><h1>Housestyle</h1>
<p class="wrong" role="alert">There is no page “{asked}” here.</p>{near}{groups}{request}</nav>"""


def answer(path: str) -> Response:
    """404: what was asked for, what may have been meant, and every page that there is."""
    asked = path.strip("/")
    meant = navigation.near(asked.rpartition("/")[2])
    near = f"<h2>Did you mean</h2>{_links(meant)}" if meant else ""
    pages = navigation.found_by(lambda right: True, signed_in=False)
    near += _links(pages.pop(""))
    groups = "".join(f"<h2>{group}</h2>{_links(found)}" for group, found in pages.items())
    what, request = html.escape(asked[:80]), forms.request_line()
    card = CARD.format(asked=what, near=near, groups=groups, request=request)
    return forms.answer(card, 404)


async def moved(request: Request) -> Response:
    """On to where a page of before is now."""
    name = request.url.path.strip("/")
    return RedirectResponse(str(navigation.moved(name, request.url.query)), 307)


def _links(pages: list[navigation.Page]) -> str:
    rows = (f'<li><a href="{page.address}">{html.escape(page.label)}</a></li>' for page in pages)
    return f"<ul>{''.join(rows)}</ul>"


def routes() -> list[Route]:
    """One for each page that has moved."""
    return [Route(f"/{name}", moved) for name in navigation.MOVED if navigation.moved(name, "")]

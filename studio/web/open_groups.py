"""Which groups of the sidebar a browser had open, kept by itself in a cookie.

The page asks for the address below as for a picture, and its answer sets the cookie: a page that
is open has no other way to, and nothing but which groups stand open depends on it.
"""

from __future__ import annotations

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from studio.web import navigation

COOKIE = "housestyle_groups"
YEAR_S = 365 * 86_400
NOTHING = b'<svg xmlns="http://www.w3.org/2000/svg"/>'


def read(text: str | None) -> dict[str, bool]:
    """Whether each group that the cookie names stands open: "Make.-Train"; others are not named."""
    said = {one.removeprefix("-"): not one.startswith("-") for one in (text or "").split(".")}
    return {group: said[group] for group in navigation.GROUPS if group in said}


def address(groups: Mapping[str, bool]) -> str:
    """What a page asks for so that its browser keeps this."""
    return f"/sidebar?groups={_text(groups)}"


async def keep(request: Request) -> Response:
    """Nothing to be seen; its cookie says which groups are open."""
    groups = read(request.query_params.get("groups"))
    answer = Response(NOTHING, media_type="image/svg+xml", headers={"Cache-Control": "no-store"})
    answer.set_cookie(
        COOKIE, _text(groups), max_age=YEAR_S, httponly=True, samesite="lax", path="/"
    )
    return answer


def _text(groups: Mapping[str, bool]) -> str:
    return ".".join(("" if is_open else "-") + group for group, is_open in groups.items())


ROUTES = [Route("/sidebar", keep)]

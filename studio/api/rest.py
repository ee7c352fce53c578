"""REST as an app of its own, mounted under /api/v1: all routes, and how they are described."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.openapi.utils import get_openapi
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.routing import Match, Mount
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocketClose

from studio.api import (
    assets,
    characters,
    datasets,
    exports,
    finishing,
    generating,
    jobs,
    me,
    palettes,
    problems,
    props,
    recipes,
    report,
    requests,
    sheets,
    styles,
    tilesets,
    trainings,
    uploads,
    upscaling,
    verdicts,
    wishes,
)
from studio.api.door import DESCRIPTION, Door
from studio.context import Studio

AT = "/api/v1"
VERSION = "1"
METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE")
SUBJECTS = (
    me,
    styles,
    generating,
    jobs,
    assets,
    verdicts,
    datasets,
    uploads,
    trainings,
    requests,
    finishing,
    recipes,
    palettes,
    tilesets,
    sheets,
    characters,
    upscaling,
    props,
    exports,
    wishes,
    report,
)
KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "The same key gives the first answer again, for 24 hours.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[!-~]+$"},
}
SCHEME = {"type": "http", "scheme": "bearer", "description": "A token of the page Your account"}


def app(studio: Callable[[], Studio]) -> FastAPI:
    """The app over a studio that is opened when it is first asked for."""
    made = FastAPI(
        title="Housestyle",
        version=VERSION,
        openapi_url=None,
        redirect_slashes=False,
        middleware=[Middleware(Door, studio=studio)],
        exception_handlers={HTTPException: _told},
        generate_unique_id_function=_named,
    )
    made.state.studio = studio
    for subject in SUBJECTS:
        made.include_router(subject.router)
    made.add_route(DESCRIPTION, _description)
    return made


def routes(studio: Callable[[], Studio]) -> list[Mount]:
    """The same at AT, with all addresses below, one with a line break, too; and what lies beside
    it, where there is nothing."""
    made = Mount(AT, app(studio))
    made.path_regex = re.compile(made.path_regex.pattern, re.DOTALL)
    return [made, Mount(problems.AT[0], _nowhere)]


async def _nowhere(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await WebSocketClose()(scope, receive, send)
        return
    answer = problems.answer(scope["path"], 404, *problems.PLAIN[404])
    await answer(scope, receive, send)


async def _told(request: Request, error: Exception) -> Response:
    """What no route answers: there is none, or not with this method."""
    answer = problems.of(error, request.scope["path"], request.method)
    if answer.status_code == 405:
        answer.headers["Allow"] = _allowed(request)
    return answer


def _allowed(request: Request) -> str:
    """The methods with which some route answers at the request's path."""

    def is_answered(method: str) -> bool:
        scope = {**request.scope, "method": method}
        return any(one.matches(scope)[0] is Match.FULL for one in request.app.routes)

    return ", ".join(filter(is_answered, METHODS))


async def _description(request: Request) -> Response:
    return JSONResponse(description())


@cache
def description() -> dict[str, Any]:
    """All routes as OpenAPI 3.1; the same whichever studio is behind them."""
    bare = FastAPI(openapi_url=None, generate_unique_id_function=_named)
    for subject in SUBJECTS:
        bare.include_router(subject.router)
    found = get_openapi(
        title="Housestyle",
        version=VERSION,
        description="A studio for programs. docs/api.md tells how.",
        routes=bare.routes,
        servers=[{"url": AT}],
    )
    parts = found["components"]
    parts["securitySchemes"] = {"token": SCHEME}
    schema = problems.Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    parts["schemas"] |= schema.pop("$defs") | {"Problem": schema}
    wrong = {"$ref": "#/components/schemas/Problem"}
    for operations in found["paths"].values():
        for method, operation in operations.items():
            operation["security"] = [{"token": []}, {}]
            operation["responses"].pop("422", None)
            operation["responses"]["default"] = {
                "description": "A problem, with what can be done",
                "content": {problems.MEDIA_TYPE: {"schema": wrong}},
            }
            if method == "post":
                operation.setdefault("parameters", []).append(KEY)
    for name in ("HTTPValidationError", "ValidationError"):
        parts["schemas"].pop(name, None)
    return found


def _named(route: APIRoute) -> str:
    return route.name

"""What every call has: who makes it, with which right, in which words it fails, and once.

A route that is a plain function runs in a thread, of which there are few: however many programs
call at once, pages keep their turn. One that waits for something is `async`, and goes to a thread
by `beside`.
"""

from __future__ import annotations

import inspect
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from typing import Annotated, Any, ParamSpec, TypeVar

from anyio import CapacityLimiter, to_thread
from fastapi import Depends, Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from starlette.requests import ClientDisconnect

from studio import context
from studio.accounts import rights
from studio.api import bearer, bodies, idempotency, json_bodies, problems
from studio.api.idempotency import Answer, Place, Sent
from studio.context import Studio
from studio.errors import StudioError, nearest

P = ParamSpec("P")
T = TypeVar("T")

JSON_BYTES = 5_000_000
PICTURE_BYTES = 64 * 1024**2
IN_THREADS = CapacityLimiter(4)
LONG_S = 1.0  # after which a token may have been withdrawn meanwhile
KEY = "idempotency-key"
RIGHT = "x-right"  # of a route's description
SAFE = "x-changes-nothing"  # of a POST's description: it needs no key


@dataclass(frozen=True)
class Caller:
    """Who calls, in which studio. `mark` is the same however often one call is sent, None for a
    call without a key; `sent` is the key where the route itself keeps it."""

    studio: Studio
    by: str
    mark: str | None
    sent: Sent | None = None


async def caller(request: Request) -> Caller:
    """Whom the guard let in; without sign-in STUDIO_USER."""
    studio: Studio = request.app.state.studio()
    by = request.scope.get("person") or studio.settings.user
    return Caller(studio, by, getattr(request.state, "mark", None))


async def keeper(request: Request) -> Caller:
    """The same, with the call's key."""
    asking = await caller(request)
    if KEY not in request.headers:
        return asking
    return replace(asking, sent=await _sent(request, asking, request.scope["route"].path_format))


Asking = Annotated[Caller, Depends(caller)]
# Of a route that keeps the call's key itself, with what it stores (`studio.api.put_in`).
Keeping = Annotated[Caller, Depends(keeper)]


def needs(right: str, **more: Any) -> dict[str, Any]:
    """How a route is declared whose callers need this right; `more` stands in its description."""
    return {"openapi_extra": {RIGHT: right, **more}}


async def beside(function: Callable[P, T], *given: P.args, **named: P.kwargs) -> T:
    """What the function returns, called in a thread as soon as one of ours is free."""
    return await to_thread.run_sync(lambda: function(*given, **named), limiter=IN_THREADS)


class Call(APIRoute):
    """A route that looks at its caller's right before it reads what was sent, whose errors are
    problems, and whose POST is done once for each key. One that took long asks once more whether
    its token holds: nobody is told anything by one that was withdrawn meanwhile."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()
        told, posts = self.openapi_extra or {}, "POST" in (self.methods or ())
        most = JSON_BYTES if self.body_field else PICTURE_BYTES if posts else None
        keeps = any(one.call is keeper for one in self.dependant.dependencies)
        by_key = posts and SAFE not in told and not keeps
        waits = inspect.iscoroutinefunction(self.endpoint)
        names = _names(self.dependant)

        async def handled(request: Request) -> Response:
            _check_query(request, names)
            if waits:
                return await handle(request)
            async with IN_THREADS:
                return await handle(request)

        async def read(request: Request) -> Response:
            if most is not None and (body := await request.body()) and self.body_field:
                json_bodies.check(request.headers.get("content-type", ""), body)
            if by_key and KEY in request.headers:
                return await _once(request, self.path_format, handled)
            return await handled(request)

        async def counted(request: Request, by: str) -> Response:
            if most is None:
                return await read(request)
            with bodies.arriving(str(by), request.receive, most) as receive:
                return await read(Request(request.scope, receive))

        async def called(request: Request) -> Response:
            began = time.monotonic()
            try:
                asking = await caller(request)
                rights.check(asking.by, told[RIGHT])
                answer = await counted(request, asking.by)
                if time.monotonic() - began > LONG_S:
                    await beside(bearer.check_holds, asking.studio, request.headers)
                return answer
            except ClientDisconnect:
                raise  # nobody is there to be told
            except Exception as error:
                return problems.of(error, request.scope["path"], request.method)

        return called


async def _once(
    request: Request, route: str, handle: Callable[[Request], Coroutine[Any, Any, Response]]
) -> Response:
    """The call's answer, the one that it had before where its key was sent before."""
    asking = await caller(request)
    sent, path = await _sent(request, asking, route), request.scope["path"]
    engine, place = asking.studio.engine, sent.place
    begun = await beside(idempotency.begin, engine, place, sent.asked, context.now())
    if begun.answer is not None:
        return replayed(begun.answer)
    request.state.mark = begun.mark
    try:
        answer = await handle(request)
    except Exception as error:
        told = problems.of(error, path, request.method)
        await beside(idempotency.give_up, engine, place, begun, told.status_code >= 500)
        return told
    said = Answer(answer.status_code, bytes(answer.body).decode())
    await beside(idempotency.end, engine, place, begun, said)
    return answer


async def _sent(request: Request, asking: Caller, route: str) -> Sent:
    """The call's key, with a hash of all that it asks for. StudioError where it can't be one."""
    key = idempotency.checked(request.headers[KEY])
    path, query = request.scope["path"], request.scope["query_string"]
    asked = idempotency.asked_for(path, query, await request.body())
    return Sent(Place(str(asking.by), f"POST {route}", key), asked)


def replayed(answer: Answer) -> Response:
    """The answer that a call had before."""
    more = {"Idempotency-Replayed": "true"}
    return Response(answer.body, answer.status, more, media_type="application/json")


def _names(route: Dependant) -> frozenset[str]:
    """What the query of a route may have."""
    own = frozenset(one.alias for one in route.query_params)
    return own.union(*map(_names, route.dependencies))


def _check_query(request: Request, names: frozenset[str]) -> None:
    """StudioError for a name that there is not: a filter that was written wrongly and passed over
    would ask for everything."""
    for name in request.query_params:
        if name not in names:
            there = f"There are {', '.join(sorted(names))}." if names else "There are none here."
            raise StudioError(
                f"There is no parameter {name[:40]!r} here.", f"{nearest(name, names)}{there}"
            )

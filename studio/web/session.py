"""The one studio of this process, and who is acting in it. Nothing here knows Streamlit."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping

from starlette.requests import HTTPConnection

from studio import context, request_ids
from studio.accounts import refusal_log, rights, sessions
from studio.database.engine import revision
from studio.errors import StudioError
from studio.settings import load_settings
from studio.store import private
from studio.web import name_cookie

COOKIE = "housestyle_session"
FRESH_S = 1.0  # a page asks often who it is for; the guard looks at every message anew
MOST_KEPT = 1000

_opening = threading.Lock()
_studio: context.Studio | None = None
# By a session's secret: when it was seen, at which revision of the database, and who it was.
_actors: dict[str, tuple[float, int, rights.Actor]] = {}


def studio() -> context.Studio:
    """The studio, opened by whoever asks first. StudioError while it can't be; then it is tried
    again by the next."""
    global _studio
    if _studio is None:
        with _opening:
            if _studio is None:
                private.keep_private()
                request_ids.in_logs()
                opened = context.open_studio(load_settings())
                rights.close_house(opened.settings.sign_in.needed)
                refusal_log.keep(opened.home)
                _studio = opened
    return _studio


def forget() -> None:
    """The next who asks opens a studio anew, with the settings of then: for tests."""
    global _studio
    with _opening:
        _studio = None
        _actors.clear()


def person(cookies: Mapping[str, str]) -> str:
    """Whose browser has these cookies. Where people sign in: whose session it is, with the role
    they have at this moment; StudioError when it has ended. Else the name in them, else
    STUDIO_USER."""
    settings = studio().settings
    if not settings.sign_in.needed:
        return name_cookie.name_in(cookies.get(name_cookie.COOKIE)) or settings.user
    secret = cookies.get(COOKIE) or ""
    at, seen, actor = _actors.get(secret, (0.0, -1, None))
    now = revision(studio().engine)  # a new role counts as a change; to ask for it costs less
    if actor is None or seen != now or time.monotonic() - at > FRESH_S:
        held = sessions.find(studio().engine, secret, context.now())
        if held is None:
            _actors.pop(secret, None)
            raise StudioError("You are signed out.", "Load the page again to sign in.")
        actor = held.actor
        if len(_actors) >= MOST_KEPT:
            _actors.clear()
        _actors[secret] = (time.monotonic(), now, actor)
    return actor


def sender(request: HTTPConnection, otherwise: str) -> str:
    """Who sent a request: whom the guard let in, with their role; else the name in its cookies,
    else `otherwise`."""
    guarded: str | None = request.scope.get("person")
    return guarded or name_cookie.name_in(request.cookies.get(name_cookie.COOKIE)) or otherwise

"""The token that a call brings, and whether it still holds when the call has taken its time."""

from __future__ import annotations

from starlette.datastructures import Headers

from studio import context
from studio.accounts import tokens
from studio.api.problems import Told
from studio.context import Studio


def token_of(headers: Headers) -> str | None:
    """What stands behind Bearer, "" where nothing does; None without it."""
    kind, _, token = headers.get("authorization", "").partition(" ")
    return token.strip() if kind.lower() == "bearer" else None


def check_holds(studio: Studio, headers: Headers) -> None:
    """Told where people sign in and the token was withdrawn, or its person kept out, since the
    guard let the call in. What was asked for by then stays asked for."""
    if not studio.settings.sign_in.needed:
        return
    if tokens.find(studio.engine, token_of(headers) or "", context.now()) is None:
        raise Told(
            "not-signed-in",
            401,
            "The token was withdrawn while the call ran.",
            "Make another one on the page Your account. A job that was asked for goes on.",
        )

"""MCP over standard input and output, for an assistant or engine that starts the studio itself."""

from __future__ import annotations

import anyio
from mcp.server.stdio import stdio_server

from studio import context
from studio.accounts import tokens
from studio.api.calls import Caller
from studio.api.mcp.server import Context, server
from studio.context import Studio
from studio.errors import StudioError


def serve(studio: Studio) -> None:
    """Answer until standard input ends. Where people sign in, each call asks anew whom the token
    of the settings acts as: one that is withdrawn meanwhile is good for nothing more."""
    made = server(lambda asked: _caller(studio, asked))

    async def run() -> None:
        async with stdio_server() as (incoming, outgoing):
            await made.run(incoming, outgoing, made.create_initialization_options())

    anyio.run(run)


def _caller(studio: Studio, asked: Context) -> Caller:
    sign_in = studio.settings.sign_in
    if not sign_in.needed:
        return Caller(studio, studio.settings.user, None)
    who = tokens.find(studio.engine, sign_in.token, context.now())
    if who is None:
        raise StudioError(
            "The token in STUDIO_TOKEN does not hold any more.",
            "Make another one on the page Your account, and start this anew.",
        )
    return Caller(studio, who, None)

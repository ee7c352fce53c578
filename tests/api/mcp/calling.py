"""Calling tools in this process, by mcp's own client; and pictures for them to find."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any, TypeVar

from mcp import Client
from mcp_types import CallToolResult, TextContent
from PIL import Image

from studio.accounts.rights import Actor
from studio.api.calls import Caller
from studio.api.mcp.server import server
from studio.context import Studio
from studio.generation import gallery_table, picture_files
from studio.generation.gallery_table import Kept
from studio.generation.picture_files import Made

T = TypeVar("T")
ANA, BEN = Actor("ana", "artist"), Actor("ben", "artist")
NOW = datetime(2026, 8, 1, 12, tzinfo=UTC)


def connected(studio: Studio, by: str, use: Callable[[Client], Awaitable[T]]) -> T:
    """What `use` makes of a client that calls as `by`."""

    async def run() -> T:
        async with Client(server(lambda context: Caller(studio, by, None))) as client:
            return await use(client)

    return asyncio.run(run())


def call(studio: Studio, by: str, name: str, arguments: dict[str, Any]) -> CallToolResult:
    """What a tool answers to one call."""

    async def use(client: Client) -> CallToolResult:
        return await client.call_tool(name, arguments)

    return connected(studio, by, use)


def words(answer: CallToolResult) -> str:
    """What an answer says in words, where it is an error."""
    assert answer.is_error, answer.structured_content
    first = answer.content[0]
    assert isinstance(first, TextContent)
    return first.text


def drawn(studio: Studio, name: str, job: int | None = None, **changes: Any) -> str:
    """A picture of the gallery with all that is known of it; its id."""
    size, category = changes.pop("size", (32, 24)), changes.pop("category", "")
    at, by = changes.pop("at", NOW), changes.pop("by", "ana")
    told: dict[str, Any] = {
        **{"style": "props", "version": 1, "base": "pocket", "run": "r-1", "dataset": "gems@1"},
        **{"prompt": "a red gem", "full_prompt": "<P> a red gem", "negative": "", "seed": 3},
        **{"steps": 20, "guidance": 4.0, "strength": 1.0},
        **changes,
    }
    made = Made(**told)
    # Half of it half-transparent, so that finishing has something to do.
    picture = Image.new("RGBA", size, (200, 20, 30, 255))
    picture.paste((10, 20, 200, 100), (0, 0, size[0] // 2, size[1]))
    folder = studio.home / "generated" / made.style / name
    kept = Kept(picture_files.keep(folder, name, picture, made), made, name, 1, category)
    (id,) = gallery_table.record(studio.engine, studio.home, [kept], by=by, now=at, job=job)
    return id

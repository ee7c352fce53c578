"""The MCP server: its tools listed and called, whatever carries the messages.

It holds nothing between two calls. What a person can mend is an answer for the model to read, not
an error of the protocol.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from functools import cache
from typing import Any

import mcp_types as types
from anyio import CapacityLimiter, to_thread
from mcp.server import Server, ServerRequestContext
from mcp.shared.exceptions import MCPError

from studio.accounts import rights
from studio.api import trouble
from studio.api.mcp import arguments
from studio.api.mcp.answers import Answer, Asked, Job
from studio.api.mcp.tool import Caller, Picture, Tool
from studio.api.mcp.tool_table import TOOLS
from studio.api.mcp.tools import jobs
from studio.errors import StudioError
from studio.jobs import queue

VERSION = "1"  # counts up where a tool goes, or needs more than before
INSTRUCTIONS = (
    "Housestyle is a game team's studio for pictures in its own styles. List the styles, generate "
    "with one, wait for the job, then look at its pictures. Drawing takes time on a machine that "
    "people share: ask for few pictures first, and tell the person before you ask for many. "
    "Whether a picture is good is decided by people, in the studio: there is no tool for it."
)
# Threads beside the event loop: what people wait for on pages has others.
CALLS = CapacityLimiter(8)
PICTURES = CapacityLimiter(1)  # decoded one at a time, so that together they never fill the memory

Context = ServerRequestContext[Any, Any]
CallerOf = Callable[[Context], Caller]


def server(caller_of: CallerOf) -> Server[Any]:
    """A server whose calls are of whom `caller_of` says; StudioError from it refuses the call."""

    async def listed(context: Context, asked: types.PaginatedRequestParams | None) -> Any:
        try:
            caller = await to_thread.run_sync(caller_of, context, limiter=CALLS)
        except StudioError as error:
            raise MCPError(types.INVALID_REQUEST, str(error)) from error
        may = (tool for tool in TOOLS.values() if rights.allowed(caller.by, tool.right))
        return types.ListToolsResult(tools=[_listed(tool.name) for tool in may])

    async def called(context: Context, asked: types.CallToolRequestParams) -> Any:
        tool = TOOLS.get(asked.name)
        if tool is None:
            known = ", ".join(TOOLS)
            raise MCPError(
                types.INVALID_PARAMS, f"There is no tool {asked.name[:60]!r}. There are: {known}."
            )
        try:
            caller = await to_thread.run_sync(caller_of, context, limiter=CALLS)
            return await _answered(tool, caller, asked.arguments or {})
        except StudioError as error:
            return _refused(error)
        except Exception as error:
            return _refused(trouble.explained(error, f"MCP's tool {tool.name}")[1])

    return Server(
        "housestyle",
        title="Housestyle",
        version=VERSION,
        instructions=INSTRUCTIONS,
        get_tool_input_schema=lambda name: _listed(name).input_schema if name in TOOLS else None,
        on_list_tools=listed,
        on_call_tool=called,
    )


async def _answered(tool: Tool[Any], caller: Caller, given: dict[str, Any]) -> types.CallToolResult:
    asked = arguments.read(tool.takes, given)
    answer = await to_thread.run_sync(tool.run, caller, asked, limiter=CALLS)

    async def look(id: int) -> Job:
        return await to_thread.run_sync(_look, caller, id, limiter=CALLS)

    if isinstance(answer, Asked):
        answer = await jobs.until_ended(answer, getattr(asked, "wait", 0), look)
    picture = None
    if tool.shows is not None:
        picture = await to_thread.run_sync(tool.shows, caller, asked, limiter=PICTURES)
    return _result(answer, picture)


def _look(caller: Caller, id: int) -> Job:
    return jobs.details(caller.studio, queue.get(caller.studio.engine, id))


def _result(answer: Answer, picture: Picture | None) -> types.CallToolResult:
    """The answer as data, and as text for clients that read no data."""
    told = answer.model_dump(mode="json")
    content: list[types.ContentBlock] = []
    if picture is not None:
        data = base64.b64encode(picture.data).decode()
        content.append(types.ImageContent(data=data, mime_type=picture.media_type))
    content.append(types.TextContent(text=json.dumps(told, ensure_ascii=False)))
    return types.CallToolResult(content=content, structured_content=told)


def _refused(error: StudioError) -> types.CallToolResult:
    return types.CallToolResult(content=[types.TextContent(text=str(error))], is_error=True)


@cache
def _listed(name: str) -> types.Tool:
    return TOOLS[name].listed()

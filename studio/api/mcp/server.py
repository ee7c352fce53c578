"""The MCP server: its tools listed and called, whatever carries the messages.

It holds nothing between two calls. What a person can mend is an answer for the model to read, not
an error of the protocol.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from functools import cache, partial
from typing import Any, TypeAlias

import mcp_types as types
from anyio import CapacityLimiter, to_thread
from mcp.server import Server, ServerRequestContext
from mcp.shared.exceptions import MCPError
from pydantic import BaseModel

from studio.accounts import rights
from studio.api import jobs, trouble
from studio.api.calls import Caller, beside
from studio.api.mcp import arguments
from studio.api.mcp.answers import Asked
from studio.api.mcp.tool import Picture, Tool
from studio.api.mcp.tool_table import TOOLS
from studio.api.mcp.tools import waiting
from studio.errors import StudioError

VERSION = "1"  # counts up where a tool goes, or needs more than before
INSTRUCTIONS = (
    "Housestyle is a game team's studio for pictures in its own styles. List the styles, generate "
    "with one, wait for the job, then look at its pictures. Drawing takes time on a machine that "
    "people share: ask for few pictures first, and tell the person before you ask for many. "
    "Whether a picture is good is decided by people, in the studio: there is no tool for it."
)
PICTURES = CapacityLimiter(1)  # decoded one at a time, so that together they never fill the memory

Context: TypeAlias = ServerRequestContext[Any, Any]
CallerOf = Callable[[Context], Caller]


def server(caller_of: CallerOf) -> Server[Any]:
    """A server whose calls are of whom `caller_of` says; StudioError from it refuses the call."""

    async def listed(context: Context, asked: types.PaginatedRequestParams | None) -> Any:
        try:
            by = (await beside(caller_of, context)).by
        except StudioError as error:
            raise MCPError(types.INVALID_REQUEST, str(error)) from error
        may = (name for name, tool in TOOLS.items() if rights.allowed(by, tool.right))
        return types.ListToolsResult(tools=[_listed(name) for name in may])

    async def called(context: Context, asked: types.CallToolRequestParams) -> Any:
        tool = TOOLS.get(asked.name)
        if tool is None:
            known = ", ".join(TOOLS)
            raise MCPError(
                types.INVALID_PARAMS, f"There is no tool {asked.name[:60]!r}. There are: {known}."
            )
        try:
            return await _answered(tool, partial(caller_of, context), asked.arguments or {})
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


async def _answered(
    tool: Tool[Any], caller_now: Callable[[], Caller], given: dict[str, Any]
) -> types.CallToolResult:
    caller = await beside(caller_now)
    rights.check(caller.by, tool.right)
    asked = arguments.read(tool.takes, given)
    answer = await beside(tool.run, caller, asked)
    if isinstance(answer, Asked) and answer.job and (wait := getattr(asked, "wait", 0)):
        row = await jobs.until_ended(caller, answer.job.id, wait)
        await beside(caller_now)  # whose token may be withdrawn by now
        job = (await beside(waiting.told, caller, row)).job
        answer = answer.model_copy(update={"job": job})
    picture = None
    if tool.shows is not None:
        picture = await to_thread.run_sync(tool.shows, caller, asked, limiter=PICTURES)
    return _result(answer, picture)


def _result(answer: BaseModel, picture: Picture | None) -> types.CallToolResult:
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

"""What a tool for assistants and engines declares: its name, what it does and costs, what may be
asked, what it answers, and the right that it needs.

A tool is one object in a file of `studio.api.mcp.tools`, named in the list of `tool_table`. It
calls the same functions as pages, commands and REST.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic

import mcp_types as types
from pydantic import BaseModel

from studio.api.calls import Caller
from studio.worker.kind_table import KINDS
from studio.worker.payload import P

NOTHING = "Costs nothing."
SHARED = (
    "Costs time on a machine that the whole team shares: seconds to minutes a picture, after what "
    "others asked for before."
)
LITTLE = "Costs little time: done at once, or as a job where it is much."
MONEY = "Costs money, which is reserved before it is spent, within the limits on the page Costs."
FREE = "Costs no money beyond the machine's hours."


@dataclass(frozen=True)
class Picture:
    """A picture's file: its bytes and media type."""

    data: bytes
    media_type: str


@dataclass(frozen=True)
class Tool(Generic[P]):
    """A tool. `takes` is the shape of its arguments. `kind` is the job that it asks for, "" for
    none: what it costs is read from there. `shows` gives the picture that belongs to an answer.
    `changes`: something is different afterwards, if only what waits in the queue; `again`: calling
    it twice does no more than once."""

    name: str
    title: str
    says: str
    right: str
    takes: type[P]
    gives: type[BaseModel]
    run: Callable[[Caller, P], BaseModel]
    kind: str = ""
    shows: Callable[[Caller, P], Picture] | None = None
    changes: bool = False
    again: bool = True

    @property
    def costs(self) -> str:
        """What a call costs, in sentences."""
        if not self.kind:
            return NOTHING
        kind = KINDS[self.kind]
        time = SHARED if kind.needs.device else LITTLE
        return f"{time} {MONEY if kind.costs else FREE}"

    def listed(self) -> types.Tool:
        """The tool as clients are told of it."""
        return types.Tool(
            name=self.name,
            title=self.title,
            description=f"{self.says} {self.costs}",
            input_schema=self.takes.model_json_schema(),
            output_schema=self.gives.model_json_schema(mode="serialization"),
            annotations=types.ToolAnnotations(
                read_only_hint=not self.changes,
                destructive_hint=False,
                idempotent_hint=self.again,
                open_world_hint=False,
            ),
        )

"""Palettes: the team's colours, by the names that finishing takes."""

from __future__ import annotations

from studio.api.calls import Caller
from studio.api.mcp.answers import Palette, Palettes
from studio.api.mcp.tool import Tool
from studio.api.mcp.tools.styles import Nothing
from studio.finishing import palettes


def listed(caller: Caller, asked: Nothing) -> Palettes:
    """Every palette that is offered, by name."""
    return Palettes(
        items=[
            Palette(
                name=one.name,
                revision=one.revision,
                colours=list(one.colours),
                source=one.source,
                approved=one.approved_by is not None,
                locked=one.locked,
            )
            for one in palettes.listing(caller.studio.engine)
        ]
    )


LIST_PALETTES = Tool(
    name="list_palettes",
    title="List the palettes",
    says="The team's palettes by name: their colours in order, what they were made from, and "
    "whether an art lead approved them. finish_pictures takes one by NAME or NAME@REVISION.",
    right="look",
    takes=Nothing,
    gives=Palettes,
    run=listed,
)

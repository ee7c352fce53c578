"""Characters by an assistant: what there is, cells drawn, and a sheet made of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

from pydantic import Field

from studio import context
from studio.api import characters
from studio.api.calls import Caller
from studio.api.mcp import once
from studio.api.mcp.answers import Asked, Matrix
from studio.api.mcp.tool import Tool
from studio.api.mcp.tools.waiting import told
from studio.jobs import table
from studio.worker import submit
from studio.worker.payload import Counted, Payload, Text
from studio.workflows import character_rows

Action = Literal["stand", "walk", "attack"]
KEY = Field(
    default="",
    description="A text of your own, 1 to 200 visible ASCII characters: for 24 hours the same call "
    "with it gives the first one's job.",
)


class GetCharacter(Payload):
    """Which character, and which action of it."""

    character: Text = Field(
        description="By name; an unknown one is answered with those that there are."
    )
    action: Action = "walk"


class DrawCells(GetCharacter):
    """Which cells are drawn, and how."""

    cells: list[Text] = Field(
        default_factory=list,
        description="Cells that are drawn again, as walk/east/3; without any, the empty ones of "
        "the action.",
    )
    way: Literal["pose", "reference"] = Field(
        default="pose", description="reference, for stand alone: begun from the reference sheet."
    )
    seed: Counted | None = None
    idempotency_key: Text = KEY


class MakeCharacterSheet(GetCharacter):
    """Which action becomes a sheet, and which directions."""

    directions: list[Text] = Field(
        default_factory=list,
        description="Of south, east, north, west; without any, all whose cells are all drawn.",
    )
    idempotency_key: Text = KEY


def looked_at(caller: Caller, asked: GetCharacter) -> Matrix:
    """The character, its cells, and the figures of each row."""
    found = characters.character(caller, asked.character, asked.action)
    return Matrix(**found.model_dump())


def drawn(caller: Caller, asked: DrawCells) -> Asked:
    """The job that draws."""
    payload = asked.model_dump(exclude={"idempotency_key"})
    return _job(caller, "draw_character_cells", "character", asked, lambda: payload)


def made(caller: Caller, asked: MakeCharacterSheet) -> Asked:
    """The job that makes the sheet."""

    def payload() -> dict[str, Any]:
        return character_rows.payload(
            caller.studio, asked.character, asked.action, asked.directions
        )

    return _job(caller, "make_character_sheet", "sheet", asked, payload)


def _job(
    caller: Caller,
    tool: str,
    kind: str,
    asked: DrawCells | MakeCharacterSheet,
    payload: Callable[[], dict[str, Any]],
) -> Asked:
    """A key stands for what was asked, not for the pictures that are in the cells by then."""

    def ask(mark: str | None) -> table.Job:
        return submit.ask(
            caller.studio, kind, payload(), asked_by=caller.by, now=context.now(), key=mark
        )

    wish = asked.model_dump(exclude={"idempotency_key"})
    return told(caller, once.job(caller, tool, asked.idempotency_key, wish, ask))


GET_CHARACTER = Tool(
    name="get_character",
    title="Get a character",
    says="A character, what is in the cells of its walk, attack or standing, which bars each "
    "direction meets, and why cells can't be drawn here, where they can't.",
    right="look",
    takes=GetCharacter,
    gives=Matrix,
    run=looked_at,
)
DRAW_CELLS = Tool(
    name="draw_character_cells",
    title="Draw cells of a character",
    says="Draws the empty cells of a character's action, or named ones again, led by poses: each "
    "in the character's size and palette, its feet on the ground line. Needs a base with a pose "
    "ControlNet; without one it is refused, and get_character says so.",
    right="generate",
    takes=DrawCells,
    gives=Asked,
    run=drawn,
    kind="character",
    changes=True,
    again=False,
)
MAKE_CHARACTER_SHEET = Tool(
    name="make_character_sheet",
    title="Make a character's animation sheet",
    says="Packs the cells of an action into an animation sheet with a tag for each direction, such "
    "as walk_east.",
    right="generate",
    takes=MakeCharacterSheet,
    gives=Asked,
    run=made,
    kind="sheet",
    changes=True,
    again=False,
)

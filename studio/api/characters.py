"""Characters: who one is, in revisions, the cells of its matrix, and sheets made of them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from studio import context
from studio.api.calls import Asking, Call, Caller, Keeping, needs
from studio.api.jobs import asked, put, puts_in
from studio.api.parts import Name, Wait, Webhook, Where
from studio.api.problems import looked_up
from studio.characters import cells
from studio.characters import characters as kept
from studio.jobs import table
from studio.remote.machines import HERE
from studio.worker import submit
from studio.worker.kinds.character import KIND, CharacterCells
from studio.worker.kinds.sheet import KIND as SHEET
from studio.worker.kinds.sheet import Sheet
from studio.worker.payload import Counted, Payload, Text, read
from studio.workflows import character_rows, character_ways
from studio.workflows import characters as workflow

router = APIRouter(tags=["finishing"], route_class=Call)

Action = Literal["stand", "walk", "attack"]


class GameCharacter(BaseModel):
    """The newest revision of a character; `character` has its fields (docs/characters.md)."""

    name: str
    revision: int
    character: dict[str, Any]
    by: str
    at: str
    page: str


class NewCharacter(Payload):
    """Fields of a character, of which any may be missing; those stay as they are. `front`, `side`
    and `back` are ids of pictures, or what `POST /starts` gave. `after` is the revision that was
    read, 0 for a new character."""

    character: dict[str, Any]
    after: Counted = 0


class CharacterCell(BaseModel):
    """A cell and what is in it; null where it is empty."""

    cell: str
    asset: str | None
    revision: int | None
    way: str | None
    seed: int | None
    by: str | None
    at: str | None


class CharacterBar(BaseModel):
    """A bar that a row is held against."""

    name: str
    met: bool
    says: str


class CharacterRow(BaseModel):
    """A direction of an action; `says` why there are no figures and no bars."""

    direction: str
    cells: list[CharacterCell]
    figures: dict[str, Any] | None
    bars: list[CharacterBar]
    says: str


class CharacterMatrix(BaseModel):
    """The rows of an action. `refused` says why cells can't be drawn here, by their way; "" where
    they can."""

    character: GameCharacter
    action: str
    rows: list[CharacterRow]
    refused: dict[str, str]
    remarks: list[str]


class TakenCell(Payload):
    """A picture that was in a cell before, by its id, which is to be in it again."""

    cell: Text
    asset: Text


class CharacterSheet(Payload):
    """Which action becomes an animation sheet, and which directions: without any, all that are
    whole."""

    action: Text = "walk"
    directions: list[Text] = Field(default_factory=list, title="direction")
    duration_ms: Counted | None = None


@router.get("/characters", **needs("look"))
def characters(asking: Asking) -> list[GameCharacter]:
    """Every character, by name."""
    return [_told(one) for one in kept.listing(asking.studio.engine)]


@router.get("/characters/{character}", **needs("look"))
def character(
    asking: Asking, character: Name, action: Annotated[Action, Query()] = "walk"
) -> CharacterMatrix:
    """A character, what is in the cells of an action, and the figures of each row."""
    found = _found(asking, character)
    ways = character_ways.ways(asking.studio, found.character, action)
    rows = character_rows.rows(asking.studio, character, action)
    return CharacterMatrix(
        character=_told(found),
        action=action,
        rows=[CharacterRow(**character_rows.told(row)) for row in rows],
        refused=dict(ways.refused),
        remarks=list(ways.remarks),
    )


@router.put("/characters/{character}", **needs(workflow.RIGHT))
def save_character(asking: Asking, character: Name, body: NewCharacter) -> GameCharacter:
    """Save a character's next revision, or a new character."""
    saved = workflow.save(
        asking.studio,
        character,
        body.character,
        after=body.after,
        by=asking.by,
        now=context.now(),
    )
    return _told(saved)


@router.get("/characters/{character}/cells", **needs("look"))
def cell_history(
    asking: Asking, character: Name, cell: Annotated[Text, Query(min_length=1)]
) -> list[CharacterCell]:
    """All that was drawn into a cell, as `?cell=walk/east/3`, the newest first."""
    found, place = _found(asking, character), cells.named(cell)
    there = cells.history(asking.studio.engine, found.name, place)
    return [_in_cell(one) for one in there]


@router.put("/characters/{character}/cells", **needs(workflow.RIGHT))
def take_cell(asking: Asking, character: Name, body: TakenCell) -> CharacterCell:
    """Have an earlier picture in a cell again."""
    found, place = _found(asking, character), cells.named(body.cell)
    engine, now = asking.studio.engine, context.now()
    return _in_cell(cells.take(engine, found.name, place, body.asset, by=asking.by, now=now))


@router.post("/character-cells", **puts_in(KIND.right))
async def draw_cells(
    asking: Keeping,
    body: CharacterCells,
    wait: Wait = 0,
    webhook: Webhook = "",
    where: Where = HERE,
) -> Response:
    """Draw cells of a character's matrix: the empty ones of an action, or those that are named."""
    return await put(asking, asked(asking, KIND.name, body, webhook, where), wait)


@router.post("/characters/{character}/sheets", **puts_in(SHEET.right))
async def make_character_sheet(
    asking: Keeping,
    character: Name,
    body: CharacterSheet,
    wait: Wait = 0,
    webhook: Webhook = "",
    where: Where = HERE,
) -> Response:
    """Make an animation sheet of an action, with a tag for each direction."""

    def checked(mark: str | None) -> table.Job | submit.Ready:
        _found(asking, character)
        told = character_rows.payload(
            asking.studio, character, body.action, body.directions, body.duration_ms
        )
        return asked(asking, SHEET.name, read(Sheet, told), webhook, where)(mark)

    return await put(asking, checked, wait)


def _found(asking: Caller, name: str) -> kept.Revision:
    with looked_up():
        return kept.current(asking.studio.engine, name)


def _in_cell(one: cells.Filled) -> CharacterCell:
    names = ("asset", "revision", "way", "seed", "by", "at")
    return CharacterCell(cell=one.cell.name, **{name: getattr(one, name) for name in names})


def _told(one: kept.Revision) -> GameCharacter:
    return GameCharacter(
        name=one.name,
        revision=one.revision,
        character=kept.told(one),
        by=one.by,
        at=one.at,
        page=f"/Characters?character={one.name}",
    )

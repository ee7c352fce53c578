"""The matrix of a character: for each action its poses by 4 directions, and what is in each
cell."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Engine, Row

from studio import numbers
from studio.accounts.rights import check
from studio.characters import poses
from studio.characters.characters import CHANGE, RIGHT
from studio.characters.poses import ACTIONS, DIRECTIONS
from studio.characters.tables import character_cells
from studio.database import ledger
from studio.database.engine import bump, writing
from studio.database.ledger import stamp
from studio.errors import StudioError

WAYS = ("pose", "reference")
COPIED = ("asset", "revision", "way", "seed", "job", "by", "at")  # of an earlier picture


@dataclass(frozen=True)
class Cell:
    """A place in the matrix; `pose` counts from 1."""

    action: str
    direction: str
    pose: int

    @property
    def name(self) -> str:
        """As people and programs write it: walk/east/3."""
        return f"{self.action}/{self.direction}/{self.pose}"

    @property
    def stem(self) -> str:
        """The same as a file's name has it."""
        return self.name.replace("/", "-")


@dataclass(frozen=True)
class Filled:
    """What is in a cell: the picture's id, the character's revision that it was drawn by, in which
    of WAYS, with which seed, by whom and when (ISO UTC)."""

    cell: Cell
    asset: str
    revision: int
    way: str
    seed: int
    job: int | None
    by: str
    at: str


def all_of(action: str) -> tuple[Cell, ...]:
    """The cells of an action, direction by direction. StudioError for one that there is not."""
    if action not in ACTIONS:
        raise StudioError(
            f"There is no action {numbers.shown(action)}.", f"Known: {', '.join(ACTIONS)}."
        )
    count = len(poses.poses(action))
    return tuple(Cell(action, way, pose) for way in DIRECTIONS for pose in range(1, count + 1))


def named(text: str) -> Cell:
    """The cell of that name. StudioError where there is none."""
    found = re.fullmatch(r"([a-z]+)/([a-z]+)/([1-9])", text)
    cell = Cell(found[1], found[2], int(found[3])) if found else None
    if cell is None or cell.action not in ACTIONS or cell not in all_of(cell.action):
        raise StudioError(
            f"There is no cell {numbers.shown(text)}.",
            f"Write it as walk/east/3: {' or '.join(ACTIONS)}; {', '.join(DIRECTIONS)}; "
            "poses count from 1.",
        )
    return cell


def filled(engine: Engine, character: str, action: str = "") -> dict[Cell, Filled]:
    """What is in the cells of a character, of one action or of all; empty ones are left out."""
    c = character_cells.c
    mine = c.character == character
    if action:
        mine &= c.action == action
    newest = sa.select(sa.func.max(c.number)).where(mine).group_by(c.action, c.direction, c.pose)
    query = sa.select(character_cells).where(c.number.in_(newest))
    with engine.connect() as connection:
        found = [_filled(row) for row in connection.execute(query)]
    return {one.cell: one for one in found}


def history(engine: Engine, character: str, cell: Cell) -> list[Filled]:
    """All that was drawn into a cell, the newest first."""
    c = character_cells.c
    mine = (c.character == character) & (c.action == cell.action)
    mine &= (c.direction == cell.direction) & (c.pose == cell.pose)
    query = sa.select(character_cells).where(mine).order_by(c.number.desc())
    with engine.connect() as connection:
        return [_filled(row) for row in connection.execute(query)]


def put(
    engine: Engine,
    character: str,
    drawn: Sequence[tuple[Cell, str]],
    *,
    revision: int,
    way: str,
    seed: int,
    job: int | None,
    by: str,
    now: datetime,
) -> None:
    """Put pictures, by their ids, into cells. What is in a cell already is not put in again."""
    c = character_cells.c
    with writing(engine) as connection:
        query = sa.select(c.asset).where(
            (c.character == character) & c.asset.in_([asset for _, asset in drawn])
        )
        there = set(connection.scalars(query))
        rows = [
            {
                "character": character,
                "action": cell.action,
                "direction": cell.direction,
                "pose": cell.pose,
                "asset": asset,
                "revision": revision,
                "way": way,
                "seed": seed,
                "job": job,
                "by": str(by),
                "at": stamp(now),
            }
            for cell, asset in drawn
            if asset not in there
        ]
        if rows:
            connection.execute(character_cells.insert(), rows)
            bump(connection)


def take(
    engine: Engine, character: str, cell: Cell, asset: str, *, by: str, now: datetime
) -> Filled:
    """Have an earlier picture of a cell in it again. StudioError for one that was never in it."""
    check(by, RIGHT)
    before = history(engine, character, cell)
    found = next((one for one in before if one.asset == asset), None)
    if found is None:
        raise StudioError(
            f"The picture {numbers.shown(asset)} was never in {cell.name} of {character}.",
            f"These were: {', '.join(dict.fromkeys(one.asset for one in before)) or 'none'}.",
        )
    if found is before[0]:
        return found
    new = replace(found, by=str(by), at=stamp(now))
    row = {name: getattr(new, name) for name in COPIED}
    place = {"action": cell.action, "direction": cell.direction, "pose": cell.pose}
    with writing(engine) as connection:
        connection.execute(character_cells.insert().values(character=character, **place, **row))
        ledger.record(
            connection,
            at=now,
            actor=by,
            action=CHANGE,
            reason=f"{character}: {cell.name} has {asset} again",
        )
    return new


def in_order(cells: Iterable[Cell]) -> list[Cell]:
    """Each once, as `all_of` has them, action by action."""
    known = {cell: number for number, cell in enumerate(c for a in ACTIONS for c in all_of(a))}
    return sorted(set(cells), key=known.__getitem__)


def _filled(row: Row[Any]) -> Filled:
    cell = Cell(row.action, row.direction, row.pose)
    return Filled(cell, row.asset, row.revision, row.way, row.seed, row.job, row.by, row.at)

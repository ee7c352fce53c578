"""Boards: named collections of assets. A link to one holds its id, and so outlives its name."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Engine, Row

from studio.accounts.rights import check, check_own
from studio.assets.tables import assets, board_assets, boards
from studio.database import ledger
from studio.database.engine import bump, revision, writing
from studio.database.ledger import stamp
from studio.errors import StudioError
from studio.text.decoding import cleaned

NAME, NOTE = 80, 2_000  # characters
MOST = 2_000  # assets that are put on one at once
MOST_BOARDS = 1_000
BATCH = 500  # of one statement


@dataclass(frozen=True)
class Board:
    """One board: who made it and when (ISO UTC), how many assets are on it, and the id of the
    newest of them, "" for none."""

    id: str
    name: str
    note: str
    by: str
    at: str
    count: int
    cover: str


def create(engine: Engine, name: str, note: str = "", *, by: str, now: datetime) -> Board:
    """A new board; StudioError where the name is no name or another board has it."""
    check(by, "edit boards")
    id = secrets.token_hex(6)
    row = {"id": id, **_named(name, note), "by": by, "at": stamp(now)}
    with writing(engine) as connection:
        count = connection.execute(sa.select(sa.func.count()).select_from(boards)).scalar_one()
        if count >= MOST_BOARDS:
            raise StudioError(f"There are {count:,} boards.", "Delete some that nobody needs.")
        _check_free(connection, row["folded"], "")
        connection.execute(boards.insert(), row)
        _record(connection, "create board", row["name"], by, now)
        bump(connection)
    return get(engine, id)


def describe(
    engine: Engine, id: str, name: str, note: str, seen: Board, *, by: str, now: datetime
) -> Board:
    """Another name and note; `seen` is the board as the person saw it, so that nobody overwrites
    what they have not seen."""
    _check_right(by, seen)
    values = _named(name, note)
    with writing(engine) as connection:
        held = _row(connection, id)
        if (held.name, held.note) != (seen.name, seen.note):
            raise StudioError(
                f"Somebody changed the board meanwhile; it is now called {held.name!r}.",
                "Look at it again, then change it.",
            )
        _check_free(connection, values["folded"], id)
        connection.execute(boards.update().where(boards.c.id == id).values(**values))
        if held.name != values["name"]:
            _record(connection, "rename board", f"{held.name} to {values['name']}", by, now)
        bump(connection)
    return get(engine, id)


def delete(engine: Engine, id: str, *, by: str, now: datetime) -> None:
    """Delete the board; what is on it stays in the gallery."""
    _check_right(by, get(engine, id))
    with writing(engine) as connection:
        held = _row(connection, id)
        on = board_assets.delete().where(board_assets.c.board == held.number)
        count = connection.execute(on).rowcount
        connection.execute(boards.delete().where(boards.c.id == id))
        _record(connection, "delete board", f"{held.name}, {count:,} pictures stay", by, now)
        bump(connection)


def put_on(engine: Engine, id: str, chosen: Sequence[str], *, by: str, now: datetime) -> list[str]:
    """Put assets on a board; the ids of those that were not on it before."""
    check(by, "edit boards")
    with writing(engine) as connection:
        board = _row(connection, id).number
        found = _numbers(connection, chosen)
        on = sa.select(board_assets.c.asset).where(board_assets.c.board == board)
        there = set(connection.scalars(on))
        new = {id: number for id, number in found.items() if number not in there}
        rows = [{"board": board, "asset": n, "by": by, "at": stamp(now)} for n in new.values()]
        if rows:
            connection.execute(board_assets.insert(), rows)
            bump(connection)
    return list(new)


def take_off(engine: Engine, id: str, chosen: Sequence[str], *, by: str) -> list[str]:
    """Take assets off a board; the ids of those that were on it."""
    check(by, "edit boards")
    with writing(engine) as connection:
        board = _row(connection, id).number
        found = _numbers(connection, chosen)
        on = sa.select(board_assets.c.asset).where(board_assets.c.board == board)
        there = set(connection.scalars(on))
        gone = {id: number for id, number in found.items() if number in there}
        numbers = list(gone.values())
        for first in range(0, len(numbers), BATCH):
            mine = board_assets.c.asset.in_(numbers[first : first + BATCH])
            connection.execute(board_assets.delete().where(board_assets.c.board == board, mine))
        if gone:
            bump(connection)
    return list(gone)


def get(engine: Engine, id: str) -> Board:
    """The board `id`; StudioError where it was deleted."""
    found = _boards(engine, boards.c.id == id)
    if not found:
        raise StudioError(f"There is no board {id[:40]!r} any more.", "Choose one in the gallery.")
    return found[0]


def named(engine: Engine, word: str) -> Board:
    """The board with this id or name; StudioError where there is none."""
    found = _boards(engine, (boards.c.id == word) | (boards.c.folded == _folded(word)))
    if not found:
        raise StudioError(f"There is no board {word[:80]!r}.", "See `boards list`.")
    return found[0]


def all_of(engine: Engine) -> list[Board]:
    """Every board, by name."""
    return list(_all(engine, revision(engine)))


def of_asset(engine: Engine, id: str) -> list[Board]:
    """The boards that an asset is on, by name."""
    on = sa.select(board_assets.c.board).join(assets, assets.c.number == board_assets.c.asset)
    return _boards(engine, boards.c.number.in_(on.where(assets.c.id == id)))


def file_name(board: Board) -> str:
    """The board's name as a part of a file's."""
    return "-".join(re.findall(r"[a-z0-9]+", board.name.casefold()))[:60] or board.id


def _boards(engine: Engine, where: sa.ColumnElement[bool]) -> list[Board]:
    told = (
        sa.select(
            board_assets.c.board,
            sa.func.count().label("count"),
            sa.func.max(board_assets.c.asset).label("cover"),
        )
        .group_by(board_assets.c.board)
        .subquery()
    )
    names = (boards.c[name] for name in ("id", "name", "note", "by", "at"))
    query = (
        sa.select(
            *names,
            sa.func.coalesce(told.c.count, 0).label("count"),
            sa.func.coalesce(assets.c.id, "").label("cover"),
        )
        .select_from(
            boards.outerjoin(told, told.c.board == boards.c.number).outerjoin(
                assets, assets.c.number == told.c.cover
            )
        )
        .where(where)
        .order_by(boards.c.folded)
    )
    with engine.connect() as connection:
        return [Board(**row._mapping) for row in connection.execute(query)]


@lru_cache(maxsize=8)
def _all(engine: Engine, revision: int) -> tuple[Board, ...]:
    return tuple(_boards(engine, sa.true()))


def _row(connection: Connection, id: str) -> Row[Any]:
    row = connection.execute(sa.select(boards).where(boards.c.id == id)).first()
    if row is None:
        raise StudioError(f"There is no board {id[:40]!r} any more.", "Choose one in the gallery.")
    return row


def _numbers(connection: Connection, ids: Sequence[str]) -> dict[str, int]:
    """The numbers of those assets that are there, in this order."""
    if len(ids) > MOST:
        raise StudioError(f"{len(ids):,} pictures are chosen.", f"Choose at most {MOST:,}.")
    found: dict[str, int] = {}
    for first in range(0, len(ids), BATCH):
        mine = assets.c.id.in_(ids[first : first + BATCH])
        rows = connection.execute(sa.select(assets.c.id, assets.c.number).where(mine))
        found |= {id: number for id, number in rows}
    return {id: found[id] for id in ids if id in found}


def _check_right(by: str, board: Board) -> None:
    check(by, "edit boards")
    check_own(by, board.by, "change others' boards")


def _check_free(connection: Connection, folded: str, id: str) -> None:
    query = sa.select(boards.c.name).where(boards.c.folded == folded, boards.c.id != id)
    if name := connection.execute(query).scalar():
        raise StudioError(f"There is a board {name!r} already.", "Choose another name.")


def _record(connection: Connection, action: str, reason: str, by: str, now: datetime) -> None:
    ledger.record(connection, at=now, actor=by, action=action, reason=reason)


def _named(name: str, note: str) -> dict[str, str]:
    """Name and note as they are stored; StudioError where they are too long or the name is none."""
    name, note = " ".join(cleaned(name).split()), cleaned(note).strip()
    if not 1 <= len(name) <= NAME:
        raise StudioError(f"The name has {len(name)} characters.", f"Use 1 to {NAME}.")
    if len(note) > NOTE:
        raise StudioError(f"The note has {len(note):,} characters.", f"Use at most {NOTE:,}.")
    return {"name": name, "folded": _folded(name), "note": note}


def _folded(name: str) -> str:
    return " ".join(name.split()).casefold()

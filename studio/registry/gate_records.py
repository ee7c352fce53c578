"""The gates as they were shown when a move was made: kept with its row of the ledger for ever."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy import Connection, Engine

from studio.registry.gates import Checked
from studio.registry.tables import gate_checks

Kept = list[tuple[Checked, str]]  # each with the reason why it was overridden, or ""


def keep(connection: Connection, row_id: int, checked: Sequence[Checked], override: str) -> None:
    """Write the gates down with a row of the ledger."""
    for one in checked:
        connection.execute(
            gate_checks.insert().values(
                move=row_id,
                gate=one.gate,
                asks=one.asks,
                says=one.says,
                state=one.state,
                overridden="" if one.met else override.strip(),
            )
        )


def at(engine: Engine, move: int) -> Kept:
    """The gates of one move."""
    return of(engine, [move]).get(move, [])


def of(engine: Engine, moves: Sequence[int]) -> dict[int, Kept]:
    """Those of several moves that have any, by the ids of their rows."""
    query = sa.select(gate_checks).where(gate_checks.c.move.in_(moves)).order_by(gate_checks.c.id)
    found: dict[int, Kept] = {}
    with engine.connect() as connection:
        for row in connection.execute(query):
            checked = Checked(row.gate, row.asks, row.says, row.state)
            found.setdefault(row.move, []).append((checked, row.overridden))
    return found

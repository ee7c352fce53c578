"""The ledger: who did what, when and why. Rows are added; only an intent's outcome is filled in.

The database itself refuses any other change (triggers in migrations/).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

import sqlalchemy as sa
from sqlalchemy import Connection, Engine

from studio.db import bump, ledger

State = Literal["intent", "done", "failed"]


@dataclass(frozen=True)
class LedgerRow:
    """One row. `at` is ISO UTC with microseconds; `previous` is the version before, if any."""

    id: int
    at: str
    actor: str
    action: str
    style: str | None
    version: int | None
    from_stage: str | None
    to_stage: str | None
    previous: int | None
    reason: str
    state: State


def stamp(moment: datetime) -> str:
    """A moment as the ledger writes it: UTC, fixed width, so that text sorts as time does."""
    if moment.tzinfo is None:
        raise ValueError(f"a moment in the ledger needs a time zone: {moment!r}")
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def record(
    connection: Connection,
    *,
    at: datetime,
    actor: str,
    action: str,
    reason: str,
    style: str | None = None,
    version: int | None = None,
    from_stage: str | None = None,
    to_stage: str | None = None,
    previous: int | None = None,
    state: State = "done",
) -> int:
    """Add a row within the caller's transaction and return its id."""
    row = ledger.insert().values(
        at=stamp(at),
        actor=actor,
        action=action,
        style=style,
        version=version,
        from_stage=from_stage,
        to_stage=to_stage,
        previous=previous,
        reason=reason,
        state=state,
    )
    key = connection.execute(row).inserted_primary_key
    bump(connection)
    assert key is not None
    return int(key[0])


def settle(connection: Connection, row_id: int, state: Literal["done", "failed"]) -> None:
    """Fill in the outcome of an intent; a row that has one already is refused by the database."""
    connection.execute(ledger.update().where(ledger.c.id == row_id).values(state=state))
    bump(connection)


def rows(source: Engine | Connection, style: str | None = None) -> list[LedgerRow]:
    """The rows, oldest first; all styles when none is given."""
    query = sa.select(ledger).order_by(ledger.c.id)
    if style is not None:
        query = query.where(ledger.c.style == style)
    if isinstance(source, Engine):
        with source.connect() as connection:
            return [LedgerRow(**row._mapping) for row in connection.execute(query)]
    return [LedgerRow(**row._mapping) for row in source.execute(query)]

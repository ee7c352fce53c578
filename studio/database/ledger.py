"""The ledger: who did what, when and why. Rows are only ever added; so is an intent's outcome.

The database itself refuses any other change (triggers in migrations/), and each row carries the
hash of the one before it, so that a file changed behind the studio's back is found (`flaws`).
Not covered: whoever rewrites all rows after one together with their hashes; against that the
newest hash of a style is kept in MLflow too (`studio.registry.stage_state`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy import Connection, Engine

from studio.database.engine import bump, ledger

State = Literal["intent", "done", "failed"]
# What a row's hash is made of, after the hash of the row before.
HASHED = (
    "at",
    "actor",
    "action",
    "style",
    "version",
    "from_stage",
    "to_stage",
    "previous",
    "reason",
    "state",
    "settles",
)
_ALL = sa.select(ledger).order_by(ledger.c.id)
_OF_STYLE = _ALL.where(ledger.c.style == sa.bindparam("style"))


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
    """Add a row within the caller's writing transaction and return its id."""
    return _add(
        connection,
        at=stamp(at),
        actor=str(actor),
        action=action,
        style=style,
        version=version,
        from_stage=from_stage,
        to_stage=to_stage,
        previous=previous,
        reason=reason,
        state=state,
        settles=None,
    )


def settle(connection: Connection, row_id: int, state: Literal["done", "failed"]) -> None:
    """Add the outcome of an intent; a second one of the same is refused by the database."""
    intent = connection.execute(sa.select(ledger).where(ledger.c.id == row_id)).one()._mapping
    if intent["state"] != "intent":
        raise ValueError(f"row {row_id} of the ledger is {intent['state']}, not an intent")
    values = {name: intent[name] for name in HASHED}
    _add(connection, **{**values, "reason": "", "state": state, "settles": row_id})


def rows(source: Engine | Connection, style: str | None = None) -> list[LedgerRow]:
    """What was done, oldest first; all styles when none is given. Outcomes are in `state`."""
    if isinstance(source, Engine):
        with source.connect() as connection:
            return rows(connection, style)
    told = source.execute(_ALL) if style is None else source.execute(_OF_STYLE, {"style": style})
    found = [dict(row._mapping) for row in told]
    outcomes = {row["settles"]: row["state"] for row in found if row["settles"]}
    plain = [
        LedgerRow(**{name: row[name] for name in LedgerRow.__dataclass_fields__})
        for row in found
        if not row["settles"]
    ]
    return [replace(row, state=outcomes.get(row.id, row.state)) for row in plain]


def head(source: Connection, style: str) -> str:
    """The hash of the style's newest row; empty where it has none."""
    query = sa.select(ledger.c.hash).where(ledger.c.style == style)
    return str(source.execute(query.order_by(ledger.c.id.desc()).limit(1)).scalar() or "")


def newest(source: Engine) -> int:
    """The id of the newest row; 0 where there is none."""
    with source.connect() as connection:
        return int(connection.execute(sa.select(sa.func.max(ledger.c.id))).scalar() or 0)


def flaws(engine: Engine) -> list[str]:
    """Where the chain does not hold, in words; empty where every row is as it was written."""
    said, before, last = [], "", 0
    with engine.connect() as connection:
        for row in connection.execute(sa.select(ledger).order_by(ledger.c.id)):
            values = dict(row._mapping)
            if values["hash"] != _hash(before, values):
                said.append(
                    f"Row {values['id']} of the ledger ({values['action']} by {values['actor']}, "
                    f"{values['at']}) is not as it was written, or a row between {last} and it "
                    "is missing."
                )
            before, last = values["hash"], values["id"]
    return said


def holds(source: Connection, hash: str) -> bool:
    """Whether a row with this hash is there."""
    query = sa.select(ledger.c.id).where(ledger.c.hash == hash)
    return source.execute(query).first() is not None


def _add(connection: Connection, **values: Any) -> int:
    newest = sa.select(ledger.c.hash).order_by(ledger.c.id.desc()).limit(1)
    before = connection.execute(newest).scalar() or ""
    made = connection.execute(ledger.insert().values(**values, hash=_hash(before, values)))
    bump(connection)
    assert made.inserted_primary_key is not None
    return int(made.inserted_primary_key[0])


def _hash(before: str, values: Mapping[str, Any]) -> str:
    told = [before, *(values[name] for name in HASHED)]
    text = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()

"""Differences between the ledger and MLflow: found, told and settled.

An interrupted change is finished; a move by hand in MLflow is taken as done and recorded.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Literal

from sqlalchemy import Connection, Engine

from studio import notifications
from studio.database import ledger
from studio.database.engine import writing
from studio.database.ledger import LedgerRow
from studio.registry import history_text, models
from studio.registry.stage_state import (
    ALIASES,
    DISPLACED,
    STAGES,
    after,
    head_lost,
    lock,
    named,
    project,
    standing,
)
from studio.tracking import audit

if TYPE_CHECKING:
    from mlflow import MlflowClient


BY_HAND = "mlflow"  # who moved an alias there without the studio's way to it


def reconcile(
    engine: Engine, client: MlflowClient, style: str | None = None, *, now: datetime, mend: bool
) -> list[str]:
    """Differences between ledger and MLflow, in words; with `mend` they are settled.

    Interrupted changes are finished; then a move by hand in MLflow is taken as done and recorded
    with who made it on MLflow's pages, or with the actor "mlflow" where it went another way; tags
    are written again as the ledger has them. A ledger that is not as it was written is told each
    time: that is nothing to be mended.
    """
    names = [style] if style is not None else _all_styles(engine, client)
    said = ledger.flaws(engine)
    with lock(engine):
        for name in names:
            said += _interrupted(engine, client, name, now, mend)
            said += _moved_by_hand(engine, client, name, now, mend)
            said += _tags_astray(engine, client, name, mend)
            if head_lost(engine, client, name):
                said.append(
                    f"MLflow knows a change of {name!r} that the ledger does not hold: rows were "
                    "taken from its end, or an older backup was restored."
                )
    return said


def catch_up(engine: Engine, client: MlflowClient, style: str, now: datetime) -> None:
    """Before a change: what happened without us is recorded, so that it is not overwritten.

    The caller holds the lock.
    """
    _finish_open(engine, client, style, now)
    _moved_by_hand(engine, client, style, now, True)


def settle_done(connection: Connection, style: str, row_id: int, now: datetime) -> None:
    """Add the outcome of a change that is in MLflow, and the notice of it."""
    ledger.settle(connection, row_id, "done")
    row = next(row for row in ledger.rows(connection, style) if row.id == row_id)
    text = f"{style}: {history_text.sentence(row)}. {row.reason}"
    notifications.tell(
        connection,
        row.action,
        text,
        now,
        style,
        version=row.version,
        stage=row.to_stage,
        previous=row.previous,
        by=row.actor,
        reason=row.reason,
    )


def _finish_open(
    engine: Engine, client: MlflowClient, style: str, now: datetime
) -> list[tuple[LedgerRow, str]]:
    """Finish what a dead process left: the lock is ours, so nobody is at work on it."""
    finished: list[tuple[LedgerRow, str]] = []
    for row in ledger.rows(engine, style):
        if row.state != "intent":
            continue
        outcome: Literal["done", "failed"] = "done"
        if row.version not in models.stage_tags(client, style):
            outcome = "failed"  # its version was deleted meanwhile
        else:
            project(client, style, after(engine, style, row.id))
        with writing(engine) as connection:
            if outcome == "done":
                settle_done(connection, style, row.id, now)
            else:
                ledger.settle(connection, row.id, "failed")
        finished.append((row, outcome))
    return finished


def _interrupted(
    engine: Engine, client: MlflowClient, style: str, now: datetime, mend: bool
) -> list[str]:
    if mend:
        ended = _finish_open(engine, client, style, now)
        return [
            f"{_words(row)} was interrupted; "
            + ("finished." if outcome == "done" else "its version is gone, marked as failed.")
            for row, outcome in ended
        ]
    return [
        f"{_words(row)} was interrupted."
        for row in ledger.rows(engine, style)
        if row.state == "intent"
    ]


def _moved_by_hand(
    engine: Engine, client: MlflowClient, style: str, now: datetime, mend: bool
) -> list[str]:
    if not mend and any(row.state == "intent" for row in ledger.rows(engine, style)):
        return []  # the aliases may be the interrupted change's own
    said = []
    before, held = ledger.rows(engine, style), models.aliases(client, style)
    for alias in ALIASES:
        state = standing(engine, style)
        recorded, found = state.holder(alias), held.get(alias)
        if found == recorded:
            continue
        who = audit.who_moved(before, alias, recorded, found)
        where = f"{who}, on MLflow's pages" if who else "by hand"
        ended = f"; recorded as moved {'by ' if who else ''}{where}." if mend else "."
        said.append(
            f"{alias.capitalize()} of {style!r} is {named(recorded)} in the ledger and "
            f"{named(found)} in MLflow{ended}"
        )
        moved = found if found is not None else recorded
        if not mend or moved is None:
            continue
        if alias == "staging" and found is not None and state.of(found) == "production":
            continue  # one version, one stage: the projection takes staging off again
        with writing(engine) as connection:
            ledger.record(
                connection,
                at=now,
                actor=who or BY_HAND,
                action="move",
                style=style,
                version=moved,
                from_stage=state.of(moved),
                to_stage=alias if found is not None else DISPLACED[alias],
                previous=recorded if found is not None else None,
                reason="moved on MLflow's pages" if who else "moved by hand in MLflow",
                state="done",
            )
            notifications.tell(connection, "move", said[-1], now, style, version=moved)
    if said and mend:
        project(client, style, standing(engine, style))
    return said


def _tags_astray(engine: Engine, client: MlflowClient, style: str, mend: bool) -> list[str]:
    state = standing(engine, style)
    said = [
        f"The stage tag of {style!r} version {number} says {tag!r}, the ledger "
        f"{state.of(number)!r}{'; written again.' if mend else '.'}"
        for number, tag in sorted(models.stage_tags(client, style).items())
        if tag and tag != state.of(number)
    ]
    if said and mend:
        project(client, style, state)
    return said


def _all_styles(engine: Engine, client: MlflowClient) -> list[str]:
    recorded = {row.style for row in ledger.rows(engine) if row.style and row.to_stage in STAGES}
    return sorted(recorded | set(models.styles(client)))


def _words(row: LedgerRow) -> str:
    return f"{row.action.capitalize()} of {row.style!r} version {row.version} to {row.to_stage}"

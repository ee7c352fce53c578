"""A file that people decide on, put in its place together with its row in the ledger."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine

from studio.database import ledger
from studio.database.engine import writing
from studio.store.publish import publishing


def publish(
    engine: Engine,
    target: Path,
    text: str,
    *,
    at: datetime,
    actor: str,
    action: str,
    reason: str,
    style: str | None = None,
) -> None:
    """Write `text` to `target` and down who did it; the caller holds the file's lock.

    The row is stored first: whoever is killed in between leaves a row of what did not come about,
    never a change that nobody is known to have made. StudioError where either can't be written.
    """
    with publishing(target) as aside:
        aside.write_text(text, "utf-8")
        with writing(engine) as connection:
            ledger.record(connection, at=at, actor=actor, action=action, style=style, reason=reason)


def last_change(engine: Engine, action: str, style: str | None = None) -> str:
    """Who did `action` last and when, in words: " by bo on 2026-03-31"; empty where nobody did."""
    for row in reversed(ledger.rows(engine, style)):
        if row.action == action:
            return f" by {row.actor} on {row.at[:10]}"
    return ""

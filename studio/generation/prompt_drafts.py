"""What a person has typed and set on the page Generate: their draft, one for each.

It outlasts a reload, another page and another browser; the newest of several tabs is kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Engine

from studio.accounts.rights import check
from studio.database.engine import writing
from studio.database.ledger import stamp
from studio.errors import StudioError
from studio.generation.tables import drafts

LONGEST = 20_000  # characters of a text in it


def read(engine: Engine, person: str) -> dict[str, Any]:
    """What is kept of the person, by name; empty where nothing is."""
    query = sa.select(drafts.c.kept).where(drafts.c.person == str(person))
    with engine.connect() as connection:
        found = connection.execute(query).scalar()
    return dict(found) if isinstance(found, dict) else {}


def keep(engine: Engine, changes: Mapping[str, Any], *, by: str, now: datetime) -> None:
    """Change what is kept of `by`: plain JSON by name; None takes a name away. What stands there
    already is not written again. StudioError for a text of more than LONGEST characters."""
    check(by, "look")
    for name, value in changes.items():
        if isinstance(value, str) and len(value) > LONGEST:
            raise StudioError(
                f"{name} has {len(value):,} characters.", f"A draft keeps at most {LONGEST:,}."
            )
    before = read(engine, by)
    if _changed(before, changes) == before:
        return
    with writing(engine) as connection:
        held = connection.execute(
            sa.select(drafts.c.kept).where(drafts.c.person == str(by))
        ).scalar()
        row = {"kept": _changed(held or {}, changes), "at": stamp(now)}
        if held is None:
            connection.execute(drafts.insert().values(person=str(by), **row))
        else:
            connection.execute(drafts.update().where(drafts.c.person == str(by)).values(**row))


def _changed(held: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in {**held, **changes}.items() if value is not None}

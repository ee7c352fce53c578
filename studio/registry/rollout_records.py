"""Rollouts as the table has them: which is under way, and who gets it in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Engine

from studio.registry.tables import rollouts

UNDER_WAY = ("running", "paused")
_UNDER_WAY = sa.select(rollouts).where(rollouts.c.state.in_(UNDER_WAY))
_CURRENT = _UNDER_WAY.where(rollouts.c.style == sa.bindparam("style"))


@dataclass(frozen=True)
class Rollout:
    """Version `version` beside `against`, which was in production when it began.

    `percent` of all people get it, and `people` in any case: names, or "@artist" for a role.
    """

    id: int
    style: str
    name: str
    version: int
    against: int
    percent: float
    people: tuple[str, ...]
    state: str
    begun_by: str
    begun_at: str
    ended_at: str | None


def current(source: Engine | Connection, style: str) -> Rollout | None:
    """The style's rollout that is running or paused."""
    return next(iter(_read(source, _CURRENT, style=style)), None)


def under_way(engine: Engine) -> list[Rollout]:
    """Those of every style that are running or paused."""
    return _read(engine, _UNDER_WAY)


def shares(going: Rollout) -> str:
    """Who gets it, in words: "10 % of the people, and to ana, bo"."""
    named = ", ".join(
        name.removeprefix("@") + "s" if name[0] == "@" else name for name in going.people
    )
    share = f"{going.percent:g} % of the people" if going.percent else ""
    return f"{share}{' and ' if share and named else ''}{named}"


def get(connection: Connection, id: int) -> Rollout:
    """The rollout of this number, which must be there."""
    return _read(connection, sa.select(rollouts).where(rollouts.c.id == id))[0]


def _read(source: Engine | Connection, query: sa.Select[Any], **named: str) -> list[Rollout]:
    if isinstance(source, Engine):
        with source.connect() as connection:
            return _read(connection, query, **named)
    found = [dict(row._mapping) for row in source.execute(query, named)]
    return [Rollout(**{**row, "people": tuple(row["people"])}) for row in found]

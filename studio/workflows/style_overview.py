"""Every style at a glance: what is in production since when, and what waits there for somebody."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy import Engine

from studio.context import Studio
from studio.database.engine import ledger
from studio.registry import requests, rollout_records
from studio.registry.models import Version
from studio.registry.rollout_records import Rollout
from studio.workflows.todo import candidates


@dataclass(frozen=True)
class Promoted:
    """When a version was put into production (ISO UTC), by whom and why."""

    version: int
    at: str
    by: str
    why: str


@dataclass(frozen=True)
class Overview:
    """One style: what is in production, if anything, since when; its newest version; how many
    candidates wait to be decided on, how many people ask for one; the rollout under way."""

    style: str
    newest: Version
    live: Version | None
    promoted: Promoted | None
    candidates: int
    requests: int
    rollout: Rollout | None


def overviews(studio: Studio, versions: list[Version]) -> list[Overview]:
    """Those with something in production first, by name; `versions` has the newest first."""
    newest: dict[str, Version] = {}
    for version in versions:
        newest.setdefault(version.style, version)
    live = {v.style: v for v in versions if v.stage == "production"}
    since = promoted(studio.engine)
    waiting = Counter(v.style for v in candidates(versions))
    asked = Counter(one.style for one in requests.listing(studio.engine, state="open"))
    going = {one.style: one for one in rollout_records.under_way(studio.engine)}
    found = [
        Overview(
            style,
            version,
            live.get(style),
            one if (one := since.get(style)) and _is(one, live.get(style)) else None,
            waiting[style],
            asked[style],
            going.get(style),
        )
        for style, version in newest.items()
    ]
    return sorted(found, key=lambda one: (one.live is None, one.style))


def promoted(engine: Engine) -> dict[str, Promoted]:
    """The newest move into production of each style, as the ledger has it."""
    c = ledger.c
    last = sa.select(sa.func.max(c.id)).where(c.to_stage == "production", c.state == "done")
    # The row that settles an intent repeats it, but for the reason.
    told = sa.func.coalesce(c.settles, c.id).label("told")
    numbers = sa.select(told).where(c.id.in_(last.group_by(c.style)))
    query = sa.select(c.style, c.version, c.at, c.actor, c.reason).where(c.id.in_(numbers))
    with engine.connect() as connection:
        return {row.style: Promoted(*row[1:]) for row in connection.execute(query)}


def _is(promoted: Promoted, live: Version | None) -> bool:
    return live is not None and live.number == promoted.version

"""The rows that the report counts: pictures with their verdicts, exports and uses, and the random
sample of them. Pictures belong to the month in which they were drawn, by UTC."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Engine

from studio.assets import uses
from studio.generation.gallery_table import pictures
from studio.jobs.table import jobs
from studio.pixels.seams import CUT, OPEN
from studio.review import hand_minutes
from studio.review.success_figures import Fate, Judged, Time
from studio.workflows import exported

SAMPLE = 100  # pictures of a style and month that stand for all
_SEAMS = sa.cast(pictures.c.recipe, sa.Text).like('%"seams": {"%')


@dataclass(frozen=True)
class Drawn:
    """A picture as far as the report counts it. `asked_at`: when it was asked for, else when it was
    drawn (both ISO UTC)."""

    id: str
    version: int
    at: str
    asked_at: str
    category: str
    verdict: str | None
    reasons: tuple[str, ...]
    judge: str


def drawn(engine: Engine, style: str, month: str = "") -> list[Drawn]:
    """The pictures that versions of a style drew in a month ("2026-11"), or ever, by their age."""
    c = pictures.c
    query = (
        sa.select(
            *(c[name] for name in ("id", "version", "at", "category", "verdict", "reasons")),
            c.judged_by,
            sa.func.coalesce(jobs.c.asked_at, c.at).label("asked_at"),
        )
        .select_from(pictures.outerjoin(jobs, jobs.c.id == c.job))
        .where(*_of(style, month))
        .order_by(c.number)
    )
    with engine.connect() as connection:
        return [
            Drawn(
                row.id,
                row.version,
                row.at,
                row.asked_at,
                row.category,
                row.verdict,
                tuple(row.reasons or ()),
                row.judged_by or "",
            )
            for row in connection.execute(query)
        ]


def seams_fit(engine: Engine, style: str, month: str = "") -> list[bool]:
    """Of each seamless picture whether all its edges fit; those that can't be told, since they are
    transparent, are left out."""
    query = sa.select(pictures.c.recipe).where(*_of(style, month), _SEAMS)
    found = []
    with engine.connect() as connection:
        for recipe in connection.scalars(query):
            verdicts = [axis["verdict"] for axis in recipe["seams"].values()]
            if CUT in verdicts or OPEN not in verdicts:
                found.append(CUT not in verdicts)
    return found


def months(engine: Engine, style: str) -> list[str]:
    """The months in which versions of a style drew something, the newest first."""
    month = sa.func.substr(pictures.c.at, 1, 7)
    query = sa.select(month).where(*_of(style, "")).distinct()
    with engine.connect() as connection:
        return sorted(connection.scalars(query), reverse=True)


def styles(engine: Engine) -> list[str]:
    """The styles that something was drawn in, by name."""
    query = sa.select(pictures.c.style).where(pictures.c.version > 0).distinct()
    with engine.connect() as connection:
        return sorted(style for style in connection.scalars(query) if style)


def counts(engine: Engine, month: str) -> dict[str, int]:
    """How many pictures each style's versions drew in a month."""
    c = pictures.c
    query = sa.select(c.style, sa.func.count()).group_by(c.style)
    query = query.where(c.version > 0, sa.func.substr(c.at, 1, len(month)) == month)
    with engine.connect() as connection:
        return {style: int(count) for style, count in connection.execute(query)}


def categories(engine: Engine) -> list[str]:
    """The categories of the pictures that lists asked for, by name."""
    query = sa.select(pictures.c.category).where(pictures.c.category != "").distinct()
    with engine.connect() as connection:
        return sorted(connection.scalars(query))


def sampled(found: Sequence[Drawn], most: int = SAMPLE) -> list[Drawn]:
    """At most so many pictures drawn at random: those whose ids' hashes are the smallest, so that
    it is the same sample however often one looks, and nobody's choice."""
    ranked = sorted(found, key=lambda one: hashlib.sha256(one.id.encode()).digest())
    return ranked[:most]


def judged(sample: Sequence[Drawn]) -> list[Judged]:
    """What is said of the pictures of a sample."""
    return [Judged(one.verdict, one.reasons, one.judge) for one in sample]


def fates(engine: Engine, found: Sequence[Drawn]) -> list[Fate]:
    """What became of the approved pictures among these."""
    approved = [one for one in found if one.verdict == "approved"]
    ids = [one.id for one in approved]
    out, used = exported.of(engine, ids), uses.of(engine, ids)
    return [
        Fate(one.judge, one.id in out, used[one.id].use if one.id in used else None)
        for one in approved
    ]


def times(engine: Engine, found: Sequence[Drawn]) -> tuple[list[Time], int]:
    """The times of the exported pictures among these; and how many more there are whose category
    has no time by hand."""
    out = exported.of(engine, [one.id for one in found])
    known = hand_minutes.read(engine)
    counted, without = [], 0
    for one in found:
        if one.id not in out:
            continue
        minutes = hand_minutes.of(known, one.category)
        if minutes is None:
            without += 1
        else:
            counted.append(Time(minutes, _minutes(one.asked_at, out[one.id].first_at)))
    return counted, without


def by_hand(engine: Engine, found: Sequence[Drawn]) -> float | None:
    """What an approved picture among these takes by hand on average, in minutes; None where no
    category of theirs has a time."""
    known = hand_minutes.read(engine)
    each = [hand_minutes.of(known, one.category) for one in found if one.verdict == "approved"]
    minutes = [one for one in each if one is not None]
    return sum(minutes) / len(minutes) if minutes else None


def _minutes(begun: str, ended: str) -> float:
    passed = datetime.fromisoformat(ended) - datetime.fromisoformat(begun)
    return passed.total_seconds() / 60


def _of(style: str, month: str) -> list[sa.ColumnElement[Any]]:
    c = pictures.c
    found: list[sa.ColumnElement[Any]] = [c.style == style, c.version > 0]
    if month:
        found.append(sa.func.substr(c.at, 1, len(month)) == month)
    return found

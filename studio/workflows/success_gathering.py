"""The rows that the report counts: pictures with their verdicts, exports and uses, and the random
sample of them. Pictures belong to the month in which they were drawn, by UTC.

What was finished by hand, edited or enlarged is an asset beside the one that it was made from. Here
both are one picture, asked for when the first was: else what is exported finished would count as
drawn twice and used once, and as asked for when somebody finished it.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Engine

from studio.assets import uses
from studio.assets.tables import asset_parents
from studio.assets.uses import Use
from studio.generation.gallery_table import pictures
from studio.jobs.table import jobs
from studio.pixels.seams import CUT, OPEN
from studio.review import hand_minutes
from studio.review.success_figures import MINIMAL, Fate, Judged, Time
from studio.workflows import exported
from studio.workflows.exported import Exported

SAMPLE = 100  # pictures of a style and month that stand for all
# What the recipe has of a picture that was made from another by work on it.
WORKED_ON = ("finishing", "picture_edits", "upscaling")
_RECIPE = sa.cast(pictures.c.recipe, sa.Text)
_SEAMS = _RECIPE.like('%"seams": {"%')
_WORKED_ON = sa.or_(*(_RECIPE.like(f'%"{name}": %') for name in WORKED_ON))


@dataclass(frozen=True)
class Drawn:
    """A picture as far as the report counts it: its newest form, `id`, and the `ids` of all of its
    forms, the oldest first. `at` is when the first was drawn, `asked_at` when it was asked for, or
    the same (both ISO UTC). `verdict`, `reasons` and `judge` are the newest form's that was judged;
    `approver` approved one of them, the newest; None: nobody did."""

    id: str
    ids: tuple[str, ...]
    version: int
    at: str
    asked_at: str
    category: str
    verdict: str | None
    reasons: tuple[str, ...]
    judge: str
    approver: str | None


def drawn(engine: Engine, style: str, month: str = "") -> list[Drawn]:
    """The pictures that versions of a style drew in a month ("2026-11"), or ever, by their age."""
    c = pictures.c
    query = (
        sa.select(
            *(c[name] for name in ("number", "id", "version", "at", "category", "verdict")),
            c.reasons,
            c.judged_by,
            sa.func.coalesce(jobs.c.asked_at, c.at).label("asked_at"),
        )
        .select_from(pictures.outerjoin(jobs, jobs.c.id == c.job))
        .where(*_of(style))
        .order_by(c.number)
    )
    worked_on = sa.select(c.number).where(*_of(style), _WORKED_ON)
    link = asset_parents.c
    links = sa.select(link.asset, link.parent).where(link.asset.in_(worked_on))
    with engine.connect() as connection:
        rows = connection.execute(query).all()
        parents = defaultdict[int, list[int]](list)
        for asset, parent in connection.execute(links):
            parents[asset].append(parent)
    forms = _forms(rows, parents)
    return [_drawn(some) for some in forms if some[0].at.startswith(month)]


def _forms(rows: Sequence[Any], parents: Mapping[int, Sequence[int]]) -> list[list[Any]]:
    """The rows of each picture, the oldest first. A parent is older than what was made from it."""
    first, found = dict[int, int](), dict[int, list[Any]]()
    for row in rows:
        above = [first[one] for one in parents.get(row.number, ()) if one in first]
        first[row.number] = min(above, default=row.number)
        found.setdefault(first[row.number], []).append(row)
    return list(found.values())


def _drawn(forms: Sequence[Any]) -> Drawn:
    begun, newest = forms[0], forms[-1]
    said = next((one for one in reversed(forms) if one.verdict is not None), newest)
    approved = (one.judged_by or "" for one in reversed(forms) if one.verdict == "approved")
    return Drawn(
        id=newest.id,
        ids=tuple(one.id for one in forms),
        version=newest.version,
        at=begun.at,
        asked_at=begun.asked_at,
        category=newest.category,
        verdict=said.verdict,
        reasons=tuple(said.reasons or ()),
        judge=said.judged_by or "",
        approver=next(approved, None),
    )


def seams_fit(engine: Engine, style: str, found: Sequence[Drawn]) -> list[bool]:
    """Of each seamless picture among these of a style whether all its edges fit; those that can't
    be told, since they are transparent, are left out."""
    query = sa.select(pictures.c.id, pictures.c.recipe).where(*_of(style), _SEAMS)
    wanted, fit = {one.id for one in found}, []
    with engine.connect() as connection:
        for id, recipe in connection.execute(query):
            if id not in wanted:
                continue
            verdicts = [axis["verdict"] for axis in recipe["seams"].values()]
            if CUT in verdicts or OPEN not in verdicts:
                fit.append(CUT not in verdicts)
    return fit


def months(engine: Engine, style: str) -> list[str]:
    """The months in which versions of a style drew something, the newest first."""
    month = sa.func.substr(pictures.c.at, 1, 7)
    query = sa.select(month).where(*_of(style), ~_WORKED_ON).distinct()
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
    query = query.where(c.version > 0, sa.func.substr(c.at, 1, len(month)) == month, ~_WORKED_ON)
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
    """What became of the approved pictures among these, in the form that went out last."""
    approved = [one for one in found if one.approver is not None]
    ids = [id for one in approved for id in one.ids]
    out, used = exported.of(engine, ids), uses.of(engine, ids)
    return [_fate(one, out, used) for one in approved]


def _fate(one: Drawn, out: Mapping[str, Exported], used: Mapping[str, Use]) -> Fate:
    judge, went = one.approver or "", [id for id in one.ids if id in out]
    if not went:
        return Fate(judge)
    use = used.get(sorted(went, key=lambda id: out[id].at)[-1])
    if use is None:
        return Fate(judge, True)
    raised = use.use in MINIMAL and use.measured not in MINIMAL
    return Fate(judge, True, use.use, (use.corrected_by or "") if raised else "")


def times(engine: Engine, found: Sequence[Drawn]) -> tuple[list[Time], int]:
    """The times of the exported pictures among these; and how many more there are whose category
    has no time by hand."""
    out = exported.of(engine, [id for one in found for id in one.ids])
    known = hand_minutes.read(engine)
    counted, without = [], 0
    for one in found:
        went = [out[id].first_at for id in one.ids if id in out]
        if not went:
            continue
        minutes = hand_minutes.of(known, one.category)
        if minutes is None:
            without += 1
        else:
            counted.append(Time(minutes, _minutes(one.asked_at, min(went))))
    return counted, without


def by_hand(engine: Engine, found: Sequence[Drawn]) -> float | None:
    """What an approved picture among these takes by hand on average, in minutes; None where no
    category of theirs has a time."""
    known = hand_minutes.read(engine)
    each = [hand_minutes.of(known, one.category) for one in found if one.approver is not None]
    minutes = [one for one in each if one is not None]
    return sum(minutes) / len(minutes) if minutes else None


def _minutes(begun: str, ended: str) -> float:
    passed = datetime.fromisoformat(ended) - datetime.fromisoformat(begun)
    return passed.total_seconds() / 60


def _of(style: str) -> list[sa.ColumnElement[Any]]:
    c = pictures.c
    return [c.style == style, c.version > 0]

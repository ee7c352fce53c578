"""The job of a rating round: what versions drew on their sheets is kept, and the ratings open."""

from __future__ import annotations

from datetime import date
from typing import Any

from studio.context import Studio, now
from studio.errors import StudioError
from studio.registry import models
from studio.review import rating_rounds, rubrics
from studio.worker.context import Context
from studio.worker.kind import Kind, Outcome
from studio.worker.payload import Counted, Payload, Text
from studio.workflows import review_sources


class OpenRound(Payload):
    """Ratings of what versions of a style drew on their sheets, by `rubric` (name@version)."""

    style: Text
    versions: list[Counted]
    rubric: Text
    wanted: Counted = 0
    due: Text | None = None


def check(studio: Studio, ask: OpenRound) -> OpenRound:
    """The sheets and the rubric are there."""
    review_sources.drawn(studio, ask.style, ask.versions)
    rubrics.named(studio.home, ask.rubric)
    if ask.due is not None:
        try:
            date.fromisoformat(ask.due)
        except ValueError:
            raise StudioError(f"{ask.due!r} is no date.", "Write it as 2026-12-31.") from None
    return ask


def commit(context: Context, ask: OpenRound, outcome: Outcome) -> dict[str, Any]:
    """Keep the pictures and open the ratings."""
    studio = context.studio
    number = max(ask.versions)
    made = rating_rounds.open_round(
        studio.engine,
        studio.home,
        drawn=review_sources.drawn(studio, ask.style, ask.versions),
        rubric=rubrics.named(studio.home, ask.rubric),
        by=context.job.asked_by,
        now=now(),
        wanted=ask.wanted,
        due=date.fromisoformat(ask.due) if ask.due else None,
        strip=review_sources.strip(studio, models.get(studio.client, ask.style, number)),
    )
    return {"round": made.id}


KIND = Kind(
    name="round",
    label="Preparing ratings of {style}",
    payload=OpenRound,
    right="open ballots",
    lane="short",
    check=check,
    commit=commit,
)

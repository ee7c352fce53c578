"""The job of a rating round: what versions drew on their sheets is kept, and the ratings open."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from studio.context import Studio, now
from studio.registry import models
from studio.review import rating_rounds, rubrics
from studio.worker.payloads import day
from studio.workflows import review_sources

if TYPE_CHECKING:
    from studio.worker.context import Context


@dataclass(frozen=True)
class OpenRound:
    """Ratings of what versions of a style drew on their sheets, by `rubric` (name@version)."""

    style: str
    versions: list[int]
    rubric: str
    wanted: int = 0
    due: str | None = None


def check_round(studio: Studio, ask: OpenRound) -> OpenRound:
    """The sheets and the rubric are there."""
    review_sources.drawn(studio, ask.style, ask.versions)
    rubrics.named(studio.home, ask.rubric)
    return ask


def open_round(context: Context, ask: OpenRound) -> dict[str, Any]:
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
        due=day(ask.due),
        strip=review_sources.strip(studio, models.get(studio.client, ask.style, number)),
    )
    return {"round": made.id}

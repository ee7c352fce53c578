"""A rater's sitting at a round. What a browser is sent tells no version, as in `voter_sitting`."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from studio.errors import StudioError
from studio.review import blinding, rating_rounds, rubrics, sitting
from studio.review.rating_rounds import Round
from studio.review.ratings import rate, standing, undo
from studio.review.sitting import Action, Sitting


def take(engine: Engine, home: Path, sat: Sitting, actions: Any, now: datetime) -> None:
    """Do what the browser asks: rate a picture with `scores`, undo of a rating, skip."""

    def do(action: Action) -> None:
        if action.say == "undo":
            undone = undo(engine, sat.at, sat.person, str(action.of), now)
            if undone is not None:
                sitting.back(sat, undone.picture)
        elif action.say == "rate" and isinstance(action.item, int):
            if not isinstance(action.scores, dict):
                raise StudioError("The rating has no scores.", "Load the page again.")
            kept = rate(
                engine, home, sat.at, sat.person, action.item, action.scores, action.id, now
            )
            sitting.done(sat, action.item)
            if kept.key != action.id:
                sat.said = "You rated that picture in another window; that rating counts."

    sitting.take(sat, actions, do)


def view(engine: Engine, home: Path, sat: Sitting) -> dict[str, Any]:
    """All that the browser is sent while somebody rates."""
    round = rating_rounds.get(engine, sat.at)
    rubric = rubrics.named(home, round.rubric)
    left = rating_rounds.unrated(engine, round.id, sat.person)
    open_ones, held = set(left), {*sat.queue, *sat.passed}
    sitting.refill(
        sat,
        lambda picture: picture not in open_ones,
        lambda count: [one for one in left if one not in held][:count],
    )
    mine = standing(engine, round.id, sat.person)
    return {
        "at": round.id,
        "person": sat.person,
        "queue": [_shown(engine, round, sat.person, picture) for picture in sat.queue],
        "done": len(mine),
        "total": len(mine) + len(left),
        "taken": sat.taken[-20:],
        "last": {
            "id": mine[-1].key,
            "words": f"{mine[-1].score:.2f}",
            "scores": mine[-1].scores,
            **_shown(engine, round, sat.person, mine[-1].picture),
        }
        if mine
        else None,
        "size": round.size,
        "strip": sitting.strip_urls(round.strip),
        "said": sat.said,
        "criteria": [
            {
                "name": one.name,
                "help": one.help,
                "low": one.low,
                "high": one.high,
                "anchors": [f"{number} {text}" for number, text in one.anchors],
            }
            for one in rubric.criteria
        ],
    }


def _shown(engine: Engine, round: Round, rater: str, picture: int) -> dict[str, Any]:
    key = blinding.secret(engine)
    return {
        "item": picture,
        "prompt": rating_rounds.pictures_of(engine, round.id)[picture].prompt,
        "picture": sitting.ROUTE + blinding.address(key, rater, "r", picture, "l"),
    }

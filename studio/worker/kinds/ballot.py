"""The job of a ballot: same-seed pictures are drawn and kept before anybody is asked to vote."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, get_args

from pydantic import Field

from studio.context import Studio, now
from studio.errors import StudioError
from studio.evaluation import prompt_sets
from studio.registry import models
from studio.review import ballots, pairing
from studio.review.pictures import Drawn
from studio.worker.context import Context
from studio.worker.kind import Kind, Needs, Outcome, Work
from studio.worker.kinds import ballot_pictures
from studio.worker.kinds.ballot_pictures import SideAsk, side_of
from studio.worker.payload import Counted, Payload, Text
from studio.workflows import review_sources

SIDES = 6


class OpenBallot(Payload):
    """A ballot to be opened. `prompts`: version of the prompt set of `of`, "" the current one;
    `form` makes a second send of it the same ballot; the rest is as `ballots.open_ballot` has it.
    """

    question: Text
    sides: list[SideAsk]
    of: Text
    form: Text
    prompts: Text = ""
    voters: Counted = 5
    invited: list[Text] = Field(default_factory=list)
    asks: Text | None = None
    share: Counted | None = None
    due: Text | None = None
    repeats: Counted = 0
    golds: Counted = 0


def check(studio: Studio, ask: OpenBallot) -> OpenBallot:
    """Question, sides, prompts and people can be used; the prompt set is pinned."""
    people = list(dict.fromkeys(ask.invited))
    ballots.checked(ask.question, len(people) or ask.voters, ask.repeats, ask.golds)
    sides = [side_of(studio, side) for side in ask.sides]
    if len(set(sides)) < max(2, len(ask.sides)) or len(sides) > SIDES:
        raise StudioError(f"A ballot compares 2 to {SIDES} versions that differ.", "Choose others.")
    if ask.asks is not None and ask.asks not in get_args(ballots.Asks):
        raise StudioError(f"asks is {ask.asks!r}.", f"Give {', '.join(get_args(ballots.Asks))}.")
    if ask.due is not None:
        try:
            date.fromisoformat(ask.due)
        except ValueError:
            raise StudioError(f"{ask.due!r} is no date.", "Write it as 2026-12-31.") from None
    version = prompt_sets.load(studio.home, ask.of, ask.prompts or None).version
    return ask.model_copy(update={"prompts": version, "invited": people})


def prepare(context: Context, ask: OpenBallot) -> Work:
    """What no sheet holds of the prompt set, and was not drawn for a ballot before."""
    return ballot_pictures.work(context, _sides(context.studio, ask))


def commit(context: Context, ask: OpenBallot, outcome: Outcome) -> dict[str, Any]:
    """Keep the pictures, open the ballot."""
    studio, drawn = context.studio, _sides(context.studio, ask)
    context.report(f"Keeping {len(pairing.common(drawn)) * len(drawn)} pictures.")
    ballot = ballots.open_ballot(
        studio.engine,
        studio.home,
        drawn=drawn,
        question=ask.question,
        voters=ask.voters,
        by=context.job.asked_by,
        key=ask.form,
        now=now(),
        asks=ask.asks,  # type: ignore[arg-type]
        share=ask.share,
        due=date.fromisoformat(ask.due) if ask.due else None,
        strip=_strip(studio, ask.sides),
        invited=ask.invited,
        repeats=ask.repeats,
        golds=ask.golds,
        within=context.visible,
    )
    context.report(f"Ballot {ballot.id} is open: {ballot.share} pairs for each voter.")
    return {"ballot": ballot.id, "pairs": ballot.share}


def _sides(studio: Studio, ask: OpenBallot) -> list[Drawn]:
    """What each side shows."""
    known = prompt_sets.load(studio.home, ask.of, ask.prompts)
    cells = [(prompt, seed) for prompt in known.prompts for seed in known.seeds]
    for one in ask.sides:  # nothing is drawn that no picture by hand can stand against
        if one.hand:
            cells = list(review_sources.by_hand(studio.home, one.hand, cells))
    return [ballot_pictures.shown(studio, one, known.version, cells) for one in ask.sides]


def _strip(studio: Studio, asked: Sequence[SideAsk]) -> list[str]:
    """Real pictures of the first version's style."""
    for one in asked:
        if one.version:
            return review_sources.strip(studio, models.get(studio.client, one.style, one.version))
    return []


KIND = Kind(
    name="ballot",
    label="Preparing the ballot: {question}",
    payload=OpenBallot,
    right="open ballots",
    lane="short",
    check=check,
    prepare=prepare,
    compute=ballot_pictures.compute,
    apply=ballot_pictures.apply,
    commit=commit,
    needs=Needs(device=True, memory_gb=2.0),
    resumable=True,
)

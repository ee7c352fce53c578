"""The job of a voter's own prompts: every side of the ballot draws them, ahead of the vote."""

from __future__ import annotations

from typing import Any

from studio.context import Studio, now
from studio.errors import StudioError
from studio.review import ballots, invitations
from studio.review import voter_prompts as voters_prompts
from studio.review.pictures import Drawn
from studio.worker.context import Context
from studio.worker.kind import Kind, Needs, Outcome, Work
from studio.worker.kinds import ballot_pictures
from studio.worker.kinds.ballot_pictures import SideAsk
from studio.worker.payload import Counted, Payload, Text

SEED = 11  # of voters' own prompts, on all sides


class OwnPrompts(Payload):
    """A voter's own prompts for a ballot."""

    ballot: Counted
    prompts: list[Text]


def check(studio: Studio, ask: OwnPrompts) -> OwnPrompts:
    """The ballot asks for prompts, and these are as many as it asks for."""
    ballot = ballots.get(studio.engine, ask.ballot)
    if not ballot.open or not ballot.own:
        raise StudioError("This ballot takes no prompts.", "Load the page again.")
    found = voters_prompts.prompts(ballot, "\n".join(ask.prompts))
    return ask.model_copy(update={"prompts": found})


def prepare(context: Context, ask: OwnPrompts) -> Work:
    """What the sides of the ballot have not drawn of the prompts; StudioError for a voter who was
    removed meanwhile."""
    invitations.refuse(context.studio.engine, ask.ballot, context.job.asked_by)
    return ballot_pictures.work(context, _sides(context.studio, ask))


def commit(context: Context, ask: OwnPrompts, outcome: Outcome) -> dict[str, Any]:
    """Add the pairs of what every side drew."""
    made = voters_prompts.add(
        context.studio.engine,
        context.studio.home,
        ask.ballot,
        context.job.asked_by,
        _sides(context.studio, ask),
        now(),
        within=context.visible,
    )
    return {"ballot": ask.ballot, "pairs": made}


def _sides(studio: Studio, ask: OwnPrompts) -> list[Drawn]:
    """What each side of the ballot shows."""
    cells = [(prompt, SEED) for prompt in ask.prompts]
    asked = [
        SideAsk(style=s.style, version=s.number)
        for s in ballots.get(studio.engine, ask.ballot).sides
    ]
    return [ballot_pictures.shown(studio, one, "", cells) for one in asked]


KIND = Kind(
    name="own",
    label="Drawing your prompts",
    payload=OwnPrompts,
    right="vote",
    lane="short",
    check=check,
    prepare=prepare,
    compute=ballot_pictures.compute,
    apply=ballot_pictures.apply,
    commit=commit,
    needs=Needs(device=True, memory_gb=2.0),
    resumable=True,
)

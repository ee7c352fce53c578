"""The job of a voter's own prompts: every side of the ballot draws them, ahead of the vote."""

from __future__ import annotations

from typing import Any

from studio.context import Studio, now
from studio.errors import StudioError
from studio.review import ballots, invitations
from studio.review import voter_prompts as voters_prompts
from studio.worker.context import Context
from studio.worker.kind import Kind, Needs, Outcome
from studio.worker.kinds.ballot_pictures import SideAsk, draw
from studio.worker.payload import Payload, Text

SEED = 11  # of voters' own prompts, on all sides


class OwnPrompts(Payload):
    """A voter's own prompts for a ballot."""

    ballot: int
    prompts: list[Text]


def check(studio: Studio, ask: OwnPrompts) -> OwnPrompts:
    """The ballot asks for prompts, and these are as many as it asks for."""
    ballot = ballots.get(studio.engine, ask.ballot)
    if not ballot.open or not ballot.own:
        raise StudioError("This ballot takes no prompts.", "Load the page again.")
    found = voters_prompts.prompts(ballot, "\n".join(ask.prompts))
    return ask.model_copy(update={"prompts": found})


def commit(context: Context, ask: OwnPrompts, outcome: Outcome) -> dict[str, Any]:
    """Draw a voter's prompts by every side of the ballot."""
    studio, voter = context.studio, context.job.asked_by
    ballot = ballots.get(studio.engine, ask.ballot)
    invitations.refuse(studio.engine, ballot.id, voter)
    cells = [(prompt, SEED) for prompt in ask.prompts]
    drawn = [
        draw(
            studio,
            SideAsk(style=side.style, version=side.number),
            "",
            cells,
            context.report,
            context.step,
        )
        for side in ballot.sides
    ]
    made = voters_prompts.add(studio.engine, studio.home, ballot.id, voter, drawn, now())
    return {"ballot": ballot.id, "pairs": made}


KIND = Kind(
    name="own",
    label="Drawing your prompts",
    payload=OwnPrompts,
    right="vote",
    lane="short",
    check=check,
    commit=commit,
    needs=Needs(device=True, memory_gb=2.0),
    resumable=True,
)

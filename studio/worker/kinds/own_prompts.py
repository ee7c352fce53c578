"""The job of a voter's own prompts: every side of the ballot draws them, ahead of the vote."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from studio.context import Studio, now
from studio.errors import StudioError
from studio.review import ballots, invitations
from studio.review import own_prompts as voters_prompts
from studio.worker.kinds.ballot_pictures import SideAsk, draw

if TYPE_CHECKING:
    from studio.worker.context import Context

SEED = 11  # of voters' own prompts, on all sides


@dataclass(frozen=True)
class OwnPrompts:
    """A voter's own prompts for a ballot."""

    ballot: int
    prompts: list[str]


def check_own(studio: Studio, ask: OwnPrompts) -> OwnPrompts:
    """The ballot asks for prompts, and these are as many as it asks for."""
    ballot = ballots.get(studio.engine, ask.ballot)
    if not ballot.open or not ballot.own:
        raise StudioError("This ballot takes no prompts.", "Load the page again.")
    return replace(ask, prompts=voters_prompts.prompts(ballot, "\n".join(map(str, ask.prompts))))


def own_prompts(context: Context, ask: OwnPrompts) -> dict[str, Any]:
    """Draw a voter's prompts by every side of the ballot."""
    studio, voter = context.studio, context.job.asked_by
    ballot = ballots.get(studio.engine, ask.ballot)
    invitations.refuse(studio.engine, ballot.id, voter)
    cells = [(prompt, SEED) for prompt in ask.prompts]
    drawn = [
        draw(studio, SideAsk(side.style, side.number), "", cells, context.report, context.step)
        for side in ballot.sides
    ]
    made = voters_prompts.add(studio.engine, studio.home, ballot.id, voter, drawn, now())
    return {"ballot": ballot.id, "pairs": made}

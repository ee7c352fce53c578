"""What waits for a person today, by name, and where it is done."""

from __future__ import annotations

from dataclasses import dataclass, field

from studio import context
from studio.accounts.rights import allowed
from studio.assets.search import Wanted
from studio.generation.gallery_table import search
from studio.registry import requests
from studio.registry.models import Version
from studio.review import invitations, rating_rounds, votes
from studio.workflows import retraining


@dataclass(frozen=True)
class Task:
    """One thing to do: what, how far it is, and the page with its address."""

    what: str
    about: str
    page: str
    address: dict[str, str] = field(default_factory=dict)


def tasks(studio: context.Studio, who: str, versions: list[Version]) -> list[Task]:
    """Ballots and ratings first, then candidates to decide on, then pictures to judge."""
    reminded = invitations.waits_for(studio.engine, who)
    found = [
        Task(
            f"Vote: {ballot.question}",
            f"{ballot.style}, {cast} of {ballot.asked} pairs done"
            + (f", due {ballot.due}" if ballot.due else "")
            + (f"; {reminded[ballot.id]} reminds you" if ballot.id in reminded else ""),
            "pages/Vote.py",
            {"ballot": str(ballot.id)},
        )
        for ballot, cast in votes.waiting(studio.engine, who)
    ]
    found += [
        Task(
            f"Rate pictures of {round.style}",
            f"{done} of {count} done" + (f", due {round.due}" if round.due else ""),
            "pages/Rate.py",
            {"round": str(round.id)},
        )
        for round, done, count in rating_rounds.waiting(studio.engine, who)
    ]
    if allowed(who, "promote"):
        found += [
            Task(
                f"Decide on {request.style} version {request.version}",
                f"{request.asked_by} asks for it in production: {request.why[:120]}",
                "pages/Registry.py",
                {"style": request.style, "show": "Release"},
            )
            for request in requests.listing(studio.engine, state="open")
        ]
    if allowed(who, "train"):
        found += [
            Task(
                f"Train {one.style} again",
                f"{one.new} new picture{'s' * (one.new != 1)} in dataset {one.dataset} since "
                f"version {one.since} learned from {one.learned}",
                "pages/Train.py",
                {"style": one.style, "data": one.dataset},
            )
            for one in retraining.grown(studio, versions)
        ]
    for version in _undecided(versions):
        if version.metrics:
            found.append(
                Task(
                    f"Decide on {version.style} version {version.number}",
                    "measured and waiting: look at its sheet, promote or archive it",
                    "pages/Registry.py",
                    {"style": version.style, "version": str(version.number)},
                )
            )
        else:
            found.append(
                Task(
                    f"Measure {version.style} version {version.number}",
                    "trained, its sheet is not drawn yet",
                    "pages/Evaluate.py",
                    {"style": version.style, "versions": str(version.number)},
                )
            )
    mine = search(studio.engine, Wanted(verdict="open", by=who), size=1).total
    if mine:
        found.append(
            Task(
                f"Judge {mine} of your pictures",
                "approve, ask for an edit or reject",
                "pages/Generate.py",
                {"verdict": "Not judged yet", "by": who},
            )
        )
    return found


def _undecided(versions: list[Version]) -> list[Version]:
    """Candidates that are newer than what is in production: older ones were passed over."""
    live = {v.style: v.number for v in versions if v.stage == "production"}
    return [v for v in versions if v.stage == "candidate" and v.number > live.get(v.style, 0)]

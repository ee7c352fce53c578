"""What waits for a person today, by style and kind, and where it is done."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import groupby, islice

from studio import context
from studio.accounts.rights import allowed
from studio.assets.search import Wanted
from studio.charges import settling
from studio.generation.gallery_table import search
from studio.registry import requests
from studio.registry.models import Version
from studio.review import invitations, rating_rounds, votes
from studio.workflows import retraining

# Of a style's candidates that are newer than production, so many of the newest wait for a
# decision: who trained past one does not wait for it any more.
NEWEST = 3


@dataclass(frozen=True)
class Task:
    """One thing to do: what, how far it is, and the page with its address. `count` tasks of its
    kind wait for the `style` ("" for all styles); this is the first of them, and `others` says
    what the rest are."""

    what: str
    about: str
    page: str
    address: dict[str, str] = field(default_factory=dict)
    style: str = ""
    others: str = ""
    count: int = 1


@dataclass(frozen=True)
class _Asked:
    """Who asks, in which studio, and all versions, the newest of a style first."""

    studio: context.Studio
    who: str
    versions: list[Version]


def tasks(studio: context.Studio, who: str, versions: list[Version]) -> list[Task]:
    """What the person has a right to do: ballots and ratings first, then versions to decide on,
    then pictures to judge; one task a style and kind."""
    asked = _Asked(studio, who, versions)
    return [
        task for right, found in KINDS if allowed(who, right) for task in _grouped(found(asked))
    ]


def candidates(versions: Iterable[Version]) -> list[Version]:
    """The versions that wait for a decision: those newer than what is in production and among the
    NEWEST such candidates of their style. Older ones were passed over, and wait for nobody."""
    known = sorted(versions, key=lambda version: (version.style, -version.number))
    live = {v.style: v.number for v in known if v.stage == "production"}
    fresh = [v for v in known if v.stage == "candidate" and v.number > live.get(v.style, 0)]
    return [v for _, of in groupby(fresh, lambda v: v.style) for v in islice(of, NEWEST)]


def _grouped(found: Iterable[Task]) -> list[Task]:
    """One task a style, the first, with how many there are."""
    kept: dict[str, Task] = {}
    for task in found:
        first = kept.setdefault(task.style, replace(task, count=0))
        kept[task.style] = replace(first, count=first.count + 1)
    return [
        replace(task, about=f"{task.about}; and {_counted(task.count - 1, f'more {task.others}')}")
        if task.count > 1
        else task
        for task in kept.values()
    ]


def _counted(number: int, what: str) -> str:
    return f"{number:,} {what}{'s' * (number != 1)}"


def _ballots(asked: _Asked) -> Iterator[Task]:
    reminded = invitations.waits_for(asked.studio.engine, asked.who)
    for ballot, cast in votes.waiting(asked.studio.engine, asked.who):
        due = f", due {ballot.due}" if ballot.due else ""
        asks = f"; {reminded[ballot.id]} reminds you" if ballot.id in reminded else ""
        yield Task(
            f"Vote: {ballot.question}",
            f"{ballot.style}, {cast} of {ballot.asked} pairs done{due}{asks}",
            "pages/Vote.py",
            {"ballot": str(ballot.id)},
            ballot.style,
            "ballot",
        )


def _ratings(asked: _Asked) -> Iterator[Task]:
    for round, done, count in rating_rounds.waiting(asked.studio.engine, asked.who):
        yield Task(
            f"Rate pictures of {round.style}",
            f"{done} of {count} done" + (f", due {round.due}" if round.due else ""),
            "pages/Rate.py",
            {"round": str(round.id)},
            round.style,
            "round",
        )


def _requests(asked: _Asked) -> Iterator[Task]:
    for request in requests.listing(asked.studio.engine, state="open"):
        yield Task(
            f"Decide on {request.style} version {request.version}",
            f"{request.asked_by} asks for it in production: {request.why[:120]}",
            "pages/Registry.py",
            {"style": request.style, "show": "Release"},
            request.style,
            "request",
        )


def _grown(asked: _Asked) -> Iterator[Task]:
    for one in retraining.grown(asked.studio, asked.versions):
        yield Task(
            f"Train {one.style} again",
            f"{_counted(one.new, 'new picture')} in dataset {one.dataset} since "
            f"version {one.since} learned from {one.learned}",
            "pages/Train.py",
            {"style": one.style, "data": one.dataset},
            one.style,
            "dataset",
        )


def _measured(asked: _Asked) -> Iterator[Task]:
    open = requests.listing(asked.studio.engine, state="open")
    wanted = {(one.style, one.version) for one in open}
    for version in candidates(asked.versions):
        # Where somebody asks for one, that is what is decided on.
        if version.metrics and (version.style, version.number) not in wanted:
            yield Task(
                f"Decide on {version.style} version {version.number}",
                "measured and waiting: look at its sheet, promote or archive it",
                "pages/Registry.py",
                {"style": version.style, "version": str(version.number)},
                version.style,
                "candidate",
            )


def _unmeasured(asked: _Asked) -> Iterator[Task]:
    for version in candidates(asked.versions):
        if not version.metrics:
            yield Task(
                f"Measure {version.style} version {version.number}",
                "trained, its sheet is not drawn yet",
                "pages/Evaluate.py",
                {"style": version.style, "versions": str(version.number)},
                version.style,
                "candidate",
            )


def _own_pictures(asked: _Asked) -> Iterator[Task]:
    mine = search(asked.studio.engine, Wanted(verdict="open", by=asked.who), size=1).total
    if mine:
        yield Task(
            f"Judge {mine:,} of your pictures",
            "approve, ask for an edit or reject",
            "pages/Generate.py",
            {"verdict": "Not judged yet", "by": asked.who},
        )


def _lost_calls(asked: _Asked) -> Iterator[Task]:
    engine = asked.studio.engine
    for one in settling.unconfirmed(engine) + settling.without_cost(engine, context.now()):
        lost = "its cost was not said" if one.state == "accepted" else "its answer was lost"
        yield Task(
            f"Settle a call of {one.provider}",
            f"{lost}: {one.what[:120]} may cost {one.amount}",
            "pages/Costs.py",
            {"show": "Unconfirmed"},
            one.style,
            "call",
        )


# What there is to do and the right that it takes, in the order in which it is shown.
KINDS: tuple[tuple[str, Callable[[_Asked], Iterator[Task]]], ...] = (
    ("vote", _ballots),
    ("rate", _ratings),
    ("promote", _requests),
    ("manage costs", _lost_calls),
    ("stage", _measured),
    ("evaluate", _unmeasured),
    ("train", _grown),
    ("judge pictures", _own_pictures),
)

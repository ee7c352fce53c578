"""A sitting: what lies before a voter or rater, and what their browser sends back.

The browser holds a few pictures ahead and sends every action until it is told that it arrived, so
actions may come twice, late or several at once.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from studio.database.availability import DatabaseAway
from studio.errors import StudioError

AHEAD = 4  # things that a browser holds; it loads their pictures before they are shown
ROUTE = "/picture/side/"


@dataclass
class Sitting:
    """One window of one person at one ballot or rating round, `at`.

    `queue`: what was sent ahead, the first is shown; `passed`: what was skipped and comes again
    last; `taken`: ids of actions done, the newest last; `said`: what the person must be told;
    `shown`: what the browser was sent last, as it is sent again while the database is away;
    `name` and `count`, of all actions, give an action on the page itself an id that is new.
    """

    at: int
    person: str
    queue: list[int] = field(default_factory=list)
    passed: list[int] = field(default_factory=list)
    taken: list[str] = field(default_factory=list)
    said: str = ""
    count: int = 0
    shown: dict[str, Any] = field(default_factory=dict)
    name: str = field(default_factory=lambda: secrets.token_hex(6))

    @property
    def next_id(self) -> str:
        """The id of the next action; the same until an action is done."""
        return f"{self.name}-{self.count}"


@dataclass(frozen=True)
class Action:
    """One thing that a person did: `say` is what, `item` on which pair or picture, `of` the
    earlier action that an undo takes back. All but `id` as the browser sent it, unchecked."""

    id: str
    say: Any
    item: Any
    of: Any
    scores: Any


def take(sitting: Sitting, actions: Any, do: Callable[[Action], None]) -> None:
    """Do the actions of a list that were not done before; skips are done here.

    A StudioError is told to the person, and its action counts as done: sending it again would
    not help. Where the database is away it is not, nor is what comes after it: the browser holds
    them and sends them again.
    """
    for sent in actions if isinstance(actions, list) else []:
        id = sent.get("id") if isinstance(sent, dict) else None
        if not isinstance(id, str) or not 1 <= len(id) <= 64 or id in sitting.taken:
            continue
        action = Action(id, *(sent.get(name) for name in ("say", "item", "of", "scores")))
        sitting.said = ""
        try:
            if action.say == "skip" and action.item in sitting.queue:
                sitting.queue.remove(action.item)
                sitting.passed.append(action.item)
            else:
                do(action)
        except DatabaseAway as error:
            sitting.said = f"{error.message} Your answers are kept here and sent again."
            return
        except StudioError as error:
            sitting.said = f"{error.message} {error.remedy}"
        sitting.taken = [*sitting.taken, id][-100:]
        sitting.count += 1


def seen(sitting: Sitting, view: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """What the browser is sent: `view()`, or what it has already while the database is away."""
    try:
        sitting.shown = view()
    except DatabaseAway as error:
        if not sitting.shown:
            raise
        kept = f"{error.message} Your answers are kept here and sent again."
        # Without what was answered just before: nobody is to answer that twice.
        queue = [one for one in sitting.shown["queue"] if one["item"] in sitting.queue]
        return {**sitting.shown, "queue": queue, "taken": sitting.taken[-20:], "said": kept}
    return sitting.shown


def done(sitting: Sitting, item: int) -> None:
    """What was answered lies before the person no more, whether or not more can be fetched."""
    sitting.queue = [one for one in sitting.queue if one != item]


def back(sitting: Sitting, item: int) -> None:
    """Put what was taken back before everything else."""
    sitting.queue = [item, *(one for one in sitting.queue if one != item)]


def refill(
    sitting: Sitting, done: Callable[[int], bool], more: Callable[[int], Sequence[int]]
) -> None:
    """Bring the queue up to date: without what is done, with `more(count)` of what is to come."""
    sitting.queue = [one for one in sitting.queue if not done(one)]
    sitting.passed = [one for one in sitting.passed if not done(one)]
    if len(sitting.queue) < AHEAD:
        sitting.queue += more(AHEAD - len(sitting.queue))
    if not sitting.queue:
        sitting.queue, sitting.passed = sitting.passed[:AHEAD], sitting.passed[AHEAD:]


def strip_urls(hashes: Sequence[str]) -> list[str]:
    """Addresses of the real pictures that stay in view."""
    return [f"/picture/data/{hash}?side=128" for hash in hashes[:8]]

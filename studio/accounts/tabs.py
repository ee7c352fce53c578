"""Several tabs of one person at one draft (`unsaved`). Each writes the fields that it changed
itself; what one writes over of another's stays beside the draft, until it is taken back or
forgotten.

A tab is known by a sign of its own. Values are JSON by the names of fields; None: the field is as
it was saved.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Engine

from studio.accounts import unsaved
from studio.accounts.unsaved import Unsaved
from studio.database.ledger import stamp

TABS, BESIDE = "tab", "beside"  # names of the draft: which tab typed each field, another's values
EMPTY: tuple[Any, ...] = ("", [], None)  # what nobody misses


@dataclass(frozen=True)
class Beside:
    """What another tab had put into fields, by name, and until when (ISO UTC) it stood there."""

    fields: dict[str, Any]
    at: str


def typed(draft: Unsaved | None) -> dict[str, Any]:
    """The fields of a draft, without what is noted about tabs."""
    held = draft.fields if draft else {}
    return {name: value for name, value in held.items() if name not in (TABS, BESIDE)}


def beside(draft: Unsaved | None) -> Beside | None:
    """What another tab had typed in place of which something else is in the draft now."""
    held = draft.fields.get(BESIDE) if draft else None
    if not draft or not held:
        return None
    if isinstance(held, str):  # of before: a prompt
        return Beside({"prompt": held}, draft.at)
    return Beside(dict(held["fields"]), held["at"])


def keep(
    engine: Engine,
    person: str,
    subject: str,
    changes: Mapping[str, Any],
    *,
    tab: str,
    was: Mapping[str, Any],
    now: datetime,
) -> None:
    """Keep what a tab changed beside what is kept already. `was` is what this tab kept or found
    last: what another one put there since stays beside. StudioError where all is too long."""
    unsaved.revise(
        engine, person, subject, lambda draft: _written(draft, changes, tab, was), now=now
    )


def put_beside(
    engine: Engine, person: str, subject: str, fields: Mapping[str, Any], *, now: datetime
) -> None:
    """Have these stand beside the draft, in place of what did; none: nothing does."""
    kept = {name: value for name, value in fields.items() if value not in EMPTY}

    def made(draft: Unsaved | None) -> dict[str, Any]:
        return _noted(draft.fields if draft else {}, Beside(kept, stamp(now)))

    unsaved.revise(engine, person, subject, made, now=now)


def drop(
    engine: Engine, person: str, subject: str, shown: Mapping[str, Sequence[Any]], *, now: datetime
) -> None:
    """The fields were saved, or are not wanted, by a tab that kept, found or shows these values.
    Where another tab has put another one into the draft since, that stays, as all that is beside
    it."""

    def made(draft: Unsaved | None) -> dict[str, Any]:
        left = {n: v for n, v in typed(draft).items() if n in shown and v not in shown[n]}
        held = {**left, TABS: {n: t for n, t in _tabs(draft).items() if n in left}}
        return _with(held, beside(draft))

    unsaved.revise(engine, person, subject, made, now=now)


def _written(
    draft: Unsaved | None, changes: Mapping[str, Any], tab: str, was: Mapping[str, Any]
) -> dict[str, Any]:
    before, tabs = typed(draft), _tabs(draft)
    new = {name: value for name, value in {**before, **changes}.items() if value is not None}
    lost = {
        name: before[name]
        for name, value in changes.items()
        if name in before and tabs.get(name, tab) != tab
        if before[name] not in (*EMPTY, value, was.get(name))
    }
    other = beside(draft)
    if draft and lost:
        other = Beside({**(other.fields if other else {}), **lost}, draft.at)
    tabs = {name: tab if name in changes else tabs.get(name, tab) for name in new}
    return _with({**new, TABS: tabs}, other)


def _with(held: Mapping[str, Any], other: Beside | None) -> dict[str, Any]:
    """A draft with this beside it, as far as that is another than what stands in it."""
    if other is None:
        return _noted(held, Beside({}, ""))
    fields = {name: value for name, value in other.fields.items() if value != held.get(name)}
    return _noted(held, Beside(fields, other.at))


def _noted(held: Mapping[str, Any], other: Beside) -> dict[str, Any]:
    """A draft with just this beside it; without a field and anything beside it nothing is left."""
    told = {name: value for name, value in held.items() if name != BESIDE}
    if other.fields:
        told[BESIDE] = {"fields": other.fields, "at": other.at}
    return {} if set(told) <= {TABS} else told


def _tabs(draft: Unsaved | None) -> dict[str, str]:
    """Which tab typed each field."""
    held = draft.fields.get(TABS) if draft else None
    if isinstance(held, str):  # of before: the same one all of them
        return dict.fromkeys(typed(draft), held)
    return dict(held or {})

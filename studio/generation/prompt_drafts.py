"""What a person has typed and set on the page Generate: one draft of each, among their others.

It outlasts a reload, another page and another browser. Of several tabs each keeps what stands in
it, and the draft is what was typed and set last; what a tab wrote over of another's stays beside it
(`accounts.tabs`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Engine

from studio.accounts import tabs, unsaved
from studio.accounts.tabs import Beside

SUBJECT = "generate"
# What goes together: set in one tab, none of it is left from another one.
TOGETHER = (("style", "version"), ("seeds", "seed"), ("start", "part", "mask", "change"))


def read(engine: Engine, person: str) -> dict[str, Any]:
    """What is kept of the person, by name; empty where nothing is."""
    return tabs.typed(unsaved.find(engine, person, SUBJECT))


def beside(engine: Engine, person: str) -> Beside | None:
    """What one tab wrote over of another's."""
    return tabs.beside(unsaved.find(engine, person, SUBJECT))


def changed(now: Mapping[str, Any], was: Mapping[str, Any]) -> dict[str, Any]:
    """What a tab has in its fields `now` and kept or found otherwise, with what goes together with
    it."""
    new = {name for name, value in now.items() if value != was.get(name)}
    for group in TOGETHER:
        if new & set(group):
            new |= set(group) & set(now)
    return {name: value for name, value in now.items() if name in new}


def keep(
    engine: Engine,
    changes: Mapping[str, Any],
    *,
    tab: str,
    was: Mapping[str, Any],
    by: str,
    now: datetime,
) -> None:
    """Change what is kept of `by`: plain JSON by name; None takes a name away. `tab` is a sign of
    the tab, `was` what it kept or found last. StudioError where all is too long."""
    tabs.keep(engine, by, SUBJECT, changes, tab=tab, was=was, now=now)


def set_aside(engine: Engine, fields: Mapping[str, Any], *, by: str, now: datetime) -> None:
    """Have these stand beside what stands in the draft, in place of what did."""
    tabs.put_beside(engine, by, SUBJECT, fields, now=now)

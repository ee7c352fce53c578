"""What a person has typed and set on the page Generate: one draft of each, among their others.

It outlasts a reload, another page and another browser. Of several tabs each keeps what stands in
it, and the draft is what was typed last; a prompt that a tab wrote over another's stays beside it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Engine

from studio.accounts import unsaved

SUBJECT = "generate"
TAB, BESIDE = "tab", "beside"  # names of the draft: which tab typed last, another one's prompt


def read(engine: Engine, person: str) -> dict[str, Any]:
    """What is kept of the person, by name; empty where nothing is."""
    found = unsaved.find(engine, person, SUBJECT)
    return dict(found.fields) if found else {}


def keep(
    engine: Engine, changes: Mapping[str, Any], *, tab: str, was: str, by: str, now: datetime
) -> None:
    """Change what is kept of `by`: plain JSON by name; None takes a name away. `tab` is a sign of
    the tab, `was` the prompt that it kept or found last. StudioError where all is too long."""
    held, new = read(engine, by), changes.get("prompt")
    other = held.get("prompt") or ""
    fresh = new is not None and held.get(TAB) != tab
    beside = other if fresh and other not in ("", new, was) else held.get(BESIDE)
    told = {TAB: tab, BESIDE: None if beside == new else beside}
    unsaved.change(engine, by, SUBJECT, {**told, **changes}, now=now)

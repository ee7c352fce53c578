"""The versions of all styles, read from MLflow once for each change of one of them."""

from __future__ import annotations

from threading import Lock

from studio.context import Studio
from studio.database.engine import revision
from studio.errors import StudioError
from studio.registry import models
from studio.registry.models import Mark, Version

_lock = Lock()
# Of which studio, at which revision of its database, with which mark, and the versions.
_held: tuple[object, int, Mark, list[Version]] | None = None


def of(studio: Studio, style: str | None = None) -> list[Version]:
    """The versions of one style or all, the newest first within each."""
    global _held
    now = revision(studio.engine)
    with _lock:
        held = _held
    if held is None or held[0] is not studio.engine or held[1] != now:
        mark = models.mark(studio.client)
        same = held is not None and held[0] is studio.engine and held[2] == mark
        found = held[3] if held is not None and same else models.list_versions(studio.client)
        held = studio.engine, now, mark, found
        with _lock:
            _held = held
    return [one for one in held[3] if style in (None, one.style)]


def of_style(studio: Studio, style: str) -> list[Version]:
    """A style's versions. StudioError where there is no such style."""
    found = of(studio, style)
    if not found:
        names = sorted({one.style for one in of(studio)})
        there = f"Styles: {', '.join(names)}." if names else "There is none yet: train one first."
        raise StudioError(f"There is no style {style[:80]!r}.", there)
    return found


def version_of(studio: Studio, style: str, number: int) -> Version:
    """A version by its number. StudioError where there is none, names what there is."""
    known = of_style(studio, style)
    found = next((one for one in known if one.number == number), None)
    if found is None:
        numbers = ", ".join(str(one.number) for one in reversed(known))
        raise StudioError(f"Style {style!r} has no version {number}.", f"It has: {numbers}.")
    return found

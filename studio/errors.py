"""The one exception that a person is meant to read."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from studio.masking import masked


class StudioError(Exception):
    """Something a person can mend: `message` names the value, `remedy` says what to do.

    Both are masked: what could not be read or reached may be an address with its password."""

    def __init__(self, message: str, remedy: str = "") -> None:
        self.message = masked(message)
        self.remedy = masked(remedy)
        super().__init__(f"{self.message} {self.remedy}".strip())


class ChangedMeanwhile(StudioError):
    """Somebody else changed it since the person saw it; looked at again, it can be decided."""


def nearest(name: str, known: Iterable[str]) -> str:
    """ "Did you mean rank? ", to begin a remedy with, for a name that is much like one of the known
    ones, else ""."""
    found = difflib.get_close_matches(name[:80], list(known), 1, 0.7)
    return f"Did you mean {found[0]}? " if found else ""

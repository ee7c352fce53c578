"""What a person can be called: the name stands in records, so no two may look alike."""

from __future__ import annotations

import re
import unicodedata

from studio.errors import StudioError

LONGEST = 40
RESERVED = ("the studio", "studio", "mlflow", "sign-in")  # who else stands in the records


def fold(name: str) -> str:
    """What two names must not have in common: case, width and spaces make no difference."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def check_name(name: str) -> str:
    """The name without needless spaces, or StudioError."""
    found = " ".join(unicodedata.normalize("NFKC", name).split())
    if fold(found) in RESERVED:
        raise StudioError(f"{found} can't be a person's name: the studio uses it.", "Use another.")
    if len(found) > LONGEST or not re.fullmatch(r"\w[\w .'-]*", found):
        raise StudioError(
            f"{name[:60]!r} can't be a person's name.",
            f"Use 1 to {LONGEST} letters, digits, spaces or . _ - '",
        )
    return found

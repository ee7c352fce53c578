"""Why somebody decided something about money, in a sentence that is kept."""

from __future__ import annotations

from studio.errors import StudioError
from studio.text.decoding import cleaned

LENGTH = range(3, 501)  # characters


def checked(why: str) -> str:
    """The reason in one line; StudioError where it is none, or a book."""
    told = " ".join(cleaned(why).split())
    if len(told) not in LENGTH:
        raise StudioError(
            f"The reason has {len(told)} characters.",
            f"Say why, in {LENGTH.start} to {LENGTH.stop - 1} characters: it is kept.",
        )
    return told

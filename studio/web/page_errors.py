"""What a page shows in place of an error that its code or a callback let through."""

from __future__ import annotations

from studio.errors import StudioError
from studio.tracking import client
from studio.web import failures, ui


def show(error: Exception) -> bool:
    """A box with what can be done, or with the number that the error has in the log. True: it is
    shown, and Streamlit shows nothing of its own."""
    told = error if isinstance(error, StudioError) else client.away(error)
    ui.failed(told or failures.unforeseen(error, "a page"))
    return True

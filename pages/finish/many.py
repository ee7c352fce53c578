"""Many pictures before and after on a wall, those first that need a look."""

from __future__ import annotations

from pages.finish.which import Asked
from studio import context


def show(studio: context.Studio, asked: Asked) -> None:
    """The wall."""

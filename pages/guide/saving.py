"""Keeping a change of a guide; what is refused is told once, above everything."""

from collections.abc import Callable
from typing import Any

from studio import context
from studio.errors import StudioError
from studio.registry import style_guides
from studio.registry.style_guides import Guide
from studio.web import session, ui


def only(disabled: bool = False, help: str | None = None) -> dict[str, Any]:
    """For a control that changes a guide."""
    return ui.only("change style guides", disabled=disabled, help=help)


def keep(style: str, before: Guide, change: Callable[[], Guide]) -> bool:
    """Keep what `change` makes of the guide `before`, which the person saw; whether it was kept.
    A StudioError is shown, and nothing that was typed is lost."""
    try:
        style_guides.save(
            session.studio().engine,
            style,
            change(),
            after=before.version,
            by=ui.person(),
            now=context.now(),
        )
    except StudioError as error:
        ui.failed(error)
        return False
    return True

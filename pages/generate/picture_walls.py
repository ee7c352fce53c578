"""Pictures of the gallery on a page: a wall of them, and one to be used."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st
from PIL import Image

from studio.assets import verdicts
from studio.assets.listing import Listed
from studio.errors import StudioError
from studio.generation import lists
from studio.generation.gallery_table import Picture
from studio.web import components, session


def tile(one: Picture | Listed, said: str, url: str, href: str) -> dict[str, Any]:
    """One thing on a wall, as the browser is told of it: `said` is what it shows, in words."""
    return {
        "id": one.id,
        "url": url,
        "href": href,
        "width": one.width,
        "height": one.height,
        "alt": said,
        "said": f"{one.name} {one.variant}: {said}" if one.name else said,
        "about": f"{one.style} v{one.version} · {one.by or 'unknown'}",
        "verdict": one.verdict or "",
        "mark": verdicts.NAMES[one.verdict] if one.verdict else "",
    }


def wall(
    found: Sequence[Picture],
    key: str,
    side: int = 160,
    on_opened: Callable[[str], None] | None = None,
    current: str = "",
) -> None:
    """Pictures of the gallery, each with its verdict; a click opens one on a page of its own, or
    calls `on_opened` with its id; `current` is framed."""
    tiles = [
        tile(one, one.prompt, f"/picture/made/{one.id}", f"/Picture?id={one.id}") for one in found
    ]
    data = {"tiles": tiles, "side": side, "current": current}

    def opened_one() -> None:
        if on_opened:
            on_opened(str(st.session_state[key].opened))

    shown = components.screen("wall")(key=key, data=data, on_opened_change=opened_one)
    if shown.opened and not on_opened:
        st.switch_page("pages/Picture.py", query_params={"id": str(shown.opened)})


def to_use(picture: Picture) -> Image.Image:
    """A picture of the gallery as RGBA: painted over where it is."""
    try:
        return lists.open_picture(session.studio().home, picture)
    except OSError as error:
        raise StudioError(f"The file of picture {picture.id} is gone.", "Draw it again.") from error

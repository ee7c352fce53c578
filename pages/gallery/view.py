"""One picture as large as whole pixels allow, to be looked at closely, pinned, copied, pasted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from pages.guide import beside
from studio.generation.gallery_table import Picture
from studio.web import components, ui

Do = Callable[[], None]


def view(
    picture: Picture,
    *,
    key: str,
    around: int,
    painted: bool = False,
    pin: tuple[float, float] | None = None,
    on_placed: Do | None = None,
    on_pasted: Do | None = None,
    ways: Mapping[str, str] | None = None,
    on_went: Do | None = None,
) -> None:
    """The picture, or its `painted`-over version where it has one. `around` is how many pixels of
    the window's height other things need.

    A click calls `on_placed`, the state's `placed` being shares of width and height; a picture
    pasted calls `on_pasted`, `pasted` being its file as base64. Keys in `ways` call `on_went`, with
    what they lead to as `went`. The key C shows it in the game's scene, where its style has one.
    """
    url = f"/picture/made/{picture.id}"
    if painted and picture.painted:
        url = f"/picture/painted/{picture.id}/{Path(picture.painted).stem}"
    data = {
        "url": url,
        "raw": ui.raw_address(picture) or "",
        # A painted-over version may have another size, which the browser sees.
        "width": 0 if painted and picture.painted else picture.width,
        "height": 0 if painted and picture.painted else picture.height,
        "alt": picture.prompt,
        "pin": pin,
        "pinning": on_placed is not None,
        "pasting": on_pasted is not None,
        "copied": f"/download/picture/{picture.id}?factor=1",
        "ways": dict(ways or {}),
        "around": around,
        "scene": beside.scene(picture),
    }
    components.screen("view")(
        key=key,
        data=data,
        on_placed_change=on_placed or _nothing,
        on_pasted_change=on_pasted or _nothing,
        on_went_change=on_went or _nothing,
    )


def _nothing() -> None:
    """Streamlit calls something for each thing that a component may say."""

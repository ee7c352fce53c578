"""Pictures repeated without end, to be dragged, with what is said of their edges."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import streamlit as st

from studio.generation import seam_verdicts
from studio.generation.gallery_table import Picture
from studio.web import components

NAME = "repeated"  # in the address
NOTHING: Mapping[str, str] = {}


def is_on() -> bool:
    """Whether the address asks for it."""
    return st.query_params.get(NAME) == "true"


def switch() -> None:
    """The button between the picture alone and repeated."""
    st.button(
        "One alone" if is_on() else "Repeat it",
        icon=":material/crop_square:" if is_on() else ":material/grid_on:",
        key="repeat-switch",
        shortcut="T",
        on_click=_turn,
        help="Shows it beside itself, as a texture: drag it, or move it with the arrow keys.",
    )


def show(
    found: Sequence[Picture],
    *,
    key: str,
    around: int,
    ways: Mapping[str, str] = NOTHING,
    on_went: Callable[[], None] | None = None,
) -> None:
    """One of `found` at a time; `around`, `ways` and `on_went` as in `view.view`."""
    pictures = [
        {
            "url": f"/picture/made/{one.id}",
            "width": one.width,
            "height": one.height,
            "alt": one.prompt,
            "way": one.seamless,
            "verdict": seam_verdicts.told(one.seams),
        }
        for one in found
    ]
    data = {"pictures": pictures, "around": around, "ways": dict(ways)}
    components.screen("repeat")(key=key, data=data, on_went_change=on_went or _nothing)


def _turn() -> None:
    if is_on():
        del st.query_params[NAME]
    else:
        st.query_params[NAME] = "true"


def _nothing() -> None:
    """Streamlit calls something for what a component may say."""

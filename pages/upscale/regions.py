"""Regions with prompts of their own: places of the result that are drawn once more."""

from __future__ import annotations

from typing import Any

import streamlit as st

from pages.upscale.which import RIGHT
from studio.web import drafts, ui
from studio.web.drafts import Draft

MOST = 20
PADDING, SIDE = 64, 512  # pixels, to begin with
FORM = "upscale-region"


def show(draft: Draft, size: tuple[int, int]) -> None:
    """Those that there are, and fields for another."""
    st.caption("A place of the result, in its pixels, that is drawn once more with its own words.")
    for place, one in enumerate(drafts.value(draft, "regions")):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(
                f"{one['width']} x {one['height']} at {one['x']}, {one['y']}: "
                + ui.plain(one["prompt"] or "the prompt for all")
            )
            st.button(
                "Remove",
                key=f"upscale-region-{place}",
                type="tertiary",
                on_click=_remove,
                args=(draft, place),
                **ui.only(RIGHT),
            )
    if len(drafts.value(draft, "regions")) >= MOST:
        st.caption(f"There are {MOST}, as many as can be.")
        return
    with st.form(FORM, border=False, clear_on_submit=True):
        columns = st.columns(4)
        for column, (name, low, high, first) in zip(columns, _numbers(size), strict=True):
            column.number_input(
                name.capitalize(), low, high, first, key=f"{FORM} {name}", **ui.only(RIGHT)
            )
        for name, label in (("prompt", "Prompt"), ("negative", "Negative prompt")):
            st.text_input(
                f"{label} of the region", key=f"{FORM} {name}", max_chars=2000, **ui.only(RIGHT)
            )
        st.number_input(
            "Padding",
            0,
            512,
            PADDING,
            key=f"{FORM} padding",
            **ui.only(RIGHT, help="Pixels around it that are seen while it is drawn."),
        )
        st.form_submit_button("Add the region", on_click=_add, args=(draft, size), **ui.only(RIGHT))


def _numbers(size: tuple[int, int]) -> tuple[tuple[str, int, int, int], ...]:
    """Name, least, most and first value of the four."""
    width, height = size
    return (
        ("left", 0, width - 1, 0),
        ("top", 0, height - 1, 0),
        ("width", 1, width, min(SIDE, width)),
        ("height", 1, height, min(SIDE, height)),
    )


def _add(draft: Draft, size: tuple[int, int]) -> None:
    state = st.session_state
    left, top, width, height, padding = (
        int(state[f"{FORM} {name}"]) for name in ("left", "top", "width", "height", "padding")
    )
    new: dict[str, Any] = {
        "x": left,
        "y": top,
        "width": min(width, size[0] - left),
        "height": min(height, size[1] - top),
        "padding": padding,
        **{name: state[f"{FORM} {name}"].strip() for name in ("prompt", "negative")},
    }
    drafts.put(draft, regions=[*drafts.value(draft, "regions"), new])


def _remove(draft: Draft, place: int) -> None:
    kept = list(drafts.value(draft, "regions"))
    drafts.put(draft, regions=kept[:place] + kept[place + 1 :])

"""Regions with prompts of their own: places of the result that are drawn once more."""

from __future__ import annotations

from typing import Any

import streamlit as st

from pages.upscale.which import RIGHT
from studio.web import drafts, ui
from studio.web.drafts import Draft

MOST = 20
PADDING = 64


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
    with st.form("upscale-region", border=False, clear_on_submit=True):
        columns = st.columns(4)
        numbers = [
            columns[0].number_input("Left", 0, max(0, size[0] - 1), 0, **ui.only(RIGHT)),
            columns[1].number_input("Top", 0, max(0, size[1] - 1), 0, **ui.only(RIGHT)),
            columns[2].number_input("Width", 1, size[0], min(512, size[0]), **ui.only(RIGHT)),
            columns[3].number_input("Height", 1, size[1], min(512, size[1]), **ui.only(RIGHT)),
        ]
        prompt = st.text_input("Prompt of the region", max_chars=2000, **ui.only(RIGHT))
        negative = st.text_input("Negative prompt of the region", max_chars=2000, **ui.only(RIGHT))
        padding = st.number_input(
            "Padding",
            0,
            512,
            PADDING,
            **ui.only(RIGHT, help="Pixels around it that are seen while it is drawn."),
        )
        if st.form_submit_button("Add the region", **ui.only(RIGHT)):
            x, y, width, height = map(int, numbers)
            new: dict[str, Any] = {
                "x": x,
                "y": y,
                "width": min(width, size[0] - x),
                "height": min(height, size[1] - y),
                "padding": int(padding),
                "prompt": prompt.strip(),
                "negative": negative.strip(),
            }
            drafts.put(draft, regions=[*drafts.value(draft, "regions"), new])
            st.rerun(scope="fragment")


def _remove(draft: Draft, place: int) -> None:
    kept = list(drafts.value(draft, "regions"))
    drafts.put(draft, regions=kept[:place] + kept[place + 1 :])

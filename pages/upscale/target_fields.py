"""How large it becomes: by a factor, by its long side, or exactly."""

from __future__ import annotations

from typing import Any

import streamlit as st

from pages.upscale import field_help
from pages.upscale.which import RIGHT
from studio.upscaling.sizes import LONG_SIDES, MOST_SIDE
from studio.web import drafts, ui
from studio.web.drafts import Draft

FACTOR, LONG, EXACT = "factor", "long side", "exact"
WAYS = {FACTOR: "By a factor", LONG: "By the long side", EXACT: "Exact size"}
MOST_FACTOR = 32.0
WHOLE = ("nearest", "epx")  # methods that take whole factors alone
FIELDS: dict[str, Any] = {
    "target": FACTOR,
    "factor": 2.0,
    "long_side": LONG_SIDES[-2],
    "exact_width": 0,
    "exact_height": 0,
}


def show(draft: Draft) -> None:
    """The way of saying it, and its numbers."""
    whole = drafts.value(draft, "method") in WHOLE
    st.segmented_control(
        "Target",
        list(WAYS),
        format_func=WAYS.__getitem__,
        required=True,
        **field(draft, "target", "How the size of the result is said."),
    )
    way = drafts.value(draft, "target")
    if way == FACTOR:
        st.number_input(
            field_help.label("factor"),
            1.0,
            MOST_FACTOR,
            step=1.0 if whole else 0.5,
            format="%g",
            **field(draft, "factor"),
        )
    elif way == LONG:
        st.number_input(
            field_help.label("long_side"), 1, MOST_SIDE, step=256, **field(draft, "long_side")
        )
        with st.container(horizontal=True, gap="small"):
            for side in LONG_SIDES:
                st.button(
                    f"{side:,}",
                    key=f"upscale-long-{side}",
                    type="tertiary",
                    on_click=_put,
                    args=(draft, side),
                    **ui.only(RIGHT),
                )
    else:
        for column, name in zip(st.columns(2), ("exact_width", "exact_height"), strict=True):
            column.number_input(field_help.label(name), 0, MOST_SIDE, **field(draft, name))


def field(draft: Draft, name: str, help: str | None = None) -> dict[str, Any]:
    """For a field that who may not enlarge can't set, with its one line of help."""
    line = help or field_help.line(name)
    return {**drafts.field(draft, name), **ui.only(RIGHT, help=line)}


def _put(draft: Draft, side: int) -> None:
    drafts.put(draft, long_side=side)

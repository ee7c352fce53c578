"""Adapters: every version as a file, brought in, merged, compared, labelled and deleted."""

import streamlit as st

from pages.adapters import adding, comparing, listing, merging
from studio.web import ui

ALL, ADD, MERGE, COMPARE = "All adapters", "Bring one in", "Merge", "Compare"
SHOWN = {
    ALL: listing.look,
    ADD: adding.look,
    MERGE: merging.look,
    COMPARE: comparing.look,
}

ABOUT = "The LoRA files behind the versions: for other programs, from other programs, and mixed."
with ui.page("Adapters", ABOUT) as studio:
    listing.told()
    part = st.segmented_control(
        "Show",
        list(SHOWN),
        default=ALL,
        required=True,
        key="show",
        bind="query-params",
        label_visibility="collapsed",
    )
    SHOWN[part or ALL](studio)

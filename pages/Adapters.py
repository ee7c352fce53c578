"""Adapters: every version as a file, brought in, merged, compared, labelled and deleted."""

import streamlit as st

from pages.adapters import comparison, listing, merging, upload
from studio.web import addresses, page_frame

ALL, ADD, MERGE, COMPARE = "All adapters", "Bring one in", "Merge", "Compare"
SHOWN = {
    ALL: listing.look,
    ADD: upload.look,
    MERGE: merging.look,
    COMPARE: comparison.look,
}

ABOUT = "The LoRA files behind the versions: for other programs, from other programs, and mixed."
with page_frame.page("Adapters", ABOUT) as studio:
    listing.told()
    part = st.segmented_control(
        "Show",
        list(SHOWN),
        required=True,
        label_visibility="collapsed",
        **addresses.one_of("show", list(SHOWN)),
    )
    SHOWN[part or ALL](studio)

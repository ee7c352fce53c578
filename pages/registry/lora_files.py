"""The LoRA files behind the versions: for other programs, from other programs, and mixed."""

import streamlit as st

from pages.adapters import comparison, listing, merging, upload
from studio import context
from studio.web import addresses

ALL, ADD, MERGE, COMPARE = "All files", "Bring one in", "Merge", "Compare"
SHOWN = {
    ALL: listing.look,
    ADD: upload.look,
    MERGE: merging.look,
    COMPARE: comparison.look,
}


def look(studio: context.Studio) -> None:
    """One of its parts."""
    part = st.segmented_control(
        "Of the files",
        list(SHOWN),
        required=True,
        label_visibility="collapsed",
        **addresses.one_of("files", list(SHOWN)),
    )
    SHOWN[part](studio)

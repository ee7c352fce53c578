"""Export: assets into a game by its profile, the profiles themselves, and what was exported."""

import streamlit as st

from pages.export import history, profile_form, which, writing
from studio.web import addresses, page_frame

WRITE, PROFILES, HISTORY = "Export", "Profiles", "History"
PARTS = (WRITE, PROFILES, HISTORY)

with page_frame.page(
    "Export", "Assets into the game: named files, and what its engine reads beside them."
) as studio:
    part = st.segmented_control(
        "Part of the page",
        PARTS,
        required=True,
        label_visibility="collapsed",
        **addresses.one_of("show", PARTS, unsaid=WRITE, key="export-show"),
    )
    if part == PROFILES:
        profile_form.show(studio)
    elif part == HISTORY:
        history.show(studio)
    else:
        writing.show(studio, which.asked(studio))

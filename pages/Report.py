"""What was promised of the studio, and what came of it: for a producer's table, and printed."""

import streamlit as st

from pages.admin.done import told
from pages.report import chosen, figures, hand_minutes_form, uses_list
from studio.web import addresses, page_frame

ABOUT = (
    "What was promised of each style, and what is known of it: met, not met, or not shown as long "
    "as too little is known. Ctrl+P prints it."
)
SHOWN = {
    "Figures": figures.shown,
    "Used": uses_list.shown,
    "Minutes by hand": hand_minutes_form.shown,
}

with page_frame.page("Report", ABOUT) as studio:
    with st.container(key="report-choices"):
        show = st.segmented_control(
            "Show",
            list(SHOWN),
            required=True,
            label_visibility="collapsed",
            **addresses.one_of("show", list(SHOWN)),
        )
        asked = chosen.choice(studio, everything=show == "Minutes by hand")
    told()
    SHOWN[show](studio, asked)

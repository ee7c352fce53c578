"""Everything that was made: found by filters, chosen and judged, and collected on boards."""

import streamlit as st

from pages.gallery import board_details, browsing, judging
from studio.web import addresses, page_frame

PICTURES, BOARDS = "Everything", "Boards"

if st.query_params.get("mode") == "judge":
    with page_frame.page("Judge") as studio:
        judging.desk(studio)
else:
    with page_frame.page("Gallery", "Everything that was made, the newest first.") as studio:
        show = st.segmented_control(
            "Show",
            [PICTURES, BOARDS],
            required=True,
            label_visibility="collapsed",
            **addresses.one_of(
                "show", [PICTURES, BOARDS], unsaid=PICTURES, spelled=str.lower, key="gallery-show"
            ),
        )
        if show == BOARDS:
            board_details.every(studio)
        else:
            browsing.browse(studio)

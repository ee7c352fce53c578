"""Animate: frames become an animation sheet; one picture in motion; a sheet cut into frames."""

import streamlit as st

from pages.animate import bringing, draft, making, motions, one_sheet, set_choice, starting
from studio.web import addresses, page_frame

FRAMES, MOTION, SHEETS = "Frames", "Motion", "Sheets"

with page_frame.page(
    "Animate", "Frames become an animation sheet for the game; a picture moves without a model."
) as studio:
    starting.tell()
    job = starting.watched(studio)
    begun = draft.begin()
    bringing.of_address(studio, begun)
    first = SHEETS if st.query_params.get("sheet") else FRAMES
    parts = (FRAMES, MOTION, SHEETS)
    part = st.segmented_control(
        "Part of the page",
        parts,
        required=True,
        label_visibility="collapsed",
        **addresses.one_of("show", parts, first=first, key="animate-show"),
    )
    if part == FRAMES:
        making.show(studio, begun)
        bringing.show(studio, begun)
    elif part == MOTION:
        motions.show(studio, begun)
    else:
        chosen = set_choice.chosen(studio)
        if chosen:
            one_sheet.show(studio, chosen, begun)

"""Upscale: a sprite, a tile, a background enlarged, in the house style where it is drawn."""

import streamlit as st

from pages.upscale import many, models_part, single, which
from studio.web import addresses, page_frame

ENLARGE, MODELS = "Enlarge", "Models"

with page_frame.page(
    "Upscale", "Any picture, as large as you need it: by pixels, by a model, or drawn in the style."
) as studio:
    part = st.segmented_control(
        "Part of the page",
        (ENLARGE, MODELS),
        required=True,
        label_visibility="collapsed",
        **addresses.one_of("show", (ENLARGE, MODELS), unsaid=ENLARGE),
    )
    if part == MODELS:
        models_part.show(studio)
    else:
        asked = which.asked(studio)
        if asked.one:
            single.show(studio, asked)
        elif asked.found:
            many.show(studio, asked)
        else:
            which.choosing(studio)

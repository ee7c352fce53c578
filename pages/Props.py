"""Props: from a wish or a picture to a thing that one can put into the game, flat or in 3D."""

import streamlit as st

from pages.props import beginning, history, one_prop, shapes, wish
from pages.upscale import which as pictures
from studio.web import addresses, page_frame

MAKE, HISTORY = "Make", "History"

with page_frame.page(
    "Props", "From a wish or a picture to a thing for the game, flat or in 3D."
) as studio:
    part = st.segmented_control(
        "Part of the page",
        (MAKE, HISTORY),
        required=True,
        label_visibility="collapsed",
        **addresses.one_of("show", (MAKE, HISTORY), unsaid=MAKE, key="props-show"),
    )
    asked = st.query_params
    if part == HISTORY:
        history.show(studio)
    elif asked.get("prop"):
        one_prop.show(studio, asked["prop"])
    elif asked.get("wish"):
        wish.show(studio, asked["wish"])
    elif (found := pictures.asked(studio)).found:
        shapes.show(studio, found)
    else:
        beginning.show(studio)

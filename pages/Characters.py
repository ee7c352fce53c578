"""Characters: a reference sheet, and a matrix of poses by directions, each cell drawn alone."""

import streamlit as st

from pages.characters import fields, matrix, starting, which
from studio.web import addresses, page_frame

MATRIX, CHARACTER, NEW = "Matrix", "Character", "New character"

with page_frame.page(
    "Characters", "Who walks through the game: a reference sheet, and poses by directions."
) as studio:
    starting.tell()
    starting.watched(studio)
    found = which.chosen(studio)
    parts = (MATRIX, CHARACTER, NEW) if found else (NEW,)
    part = st.segmented_control(
        "Part of the page",
        parts,
        required=True,
        label_visibility="collapsed",
        **addresses.one_of("show", parts, key="characters-show"),
    )
    if found is None or part == NEW:
        fields.show(studio, None)
    elif part == CHARACTER:
        fields.show(studio, found)
    else:
        matrix.show(studio, found)

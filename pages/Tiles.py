"""Tiles: two terrains become a tileset; a map painted with it, its files, its quarter-tiles."""

import streamlit as st

from pages.tiles import exporting, making, map_painter, quarters, set_choice
from studio.web import page_frame

with page_frame.page(
    "Tiles", "Two terrains become a tileset: borders are drawn, and every edge meets."
) as studio:
    chosen = set_choice.chosen(studio)
    if chosen:
        map_painter.show(chosen)
        exporting.show(chosen)
        quarters.show(studio, chosen)
        set_choice.about(studio, chosen)
    st.header("New tileset")
    making.form(studio)

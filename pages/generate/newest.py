"""The newest pictures, and the way to all of them."""

from __future__ import annotations

import streamlit as st

from pages.generate.picture_walls import wall
from studio import context
from studio.assets.search import Wanted
from studio.generation import gallery_table

COUNT = 8


def strip(studio: context.Studio) -> None:
    """The newest pictures of everybody and every style."""
    found = gallery_table.search(studio.engine, Wanted(), size=COUNT).found
    if found:
        st.header("Newest")
        wall(found, key="newest", side=128)
    st.page_link("pages/Gallery.py", label="Gallery", icon=":material/photo_album:")

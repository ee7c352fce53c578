"""Where a prop begins: a wish in words, a picture of the gallery, or a file."""

from __future__ import annotations

import streamlit as st

from pages.props import which, wish_form
from studio import context


def show(studio: context.Studio) -> None:
    """Both ways beside each other."""
    left, right = st.columns(2, gap="large")
    with left:
        st.subheader("From a wish")
        wish_form.show(studio)
    with right:
        st.subheader("From a picture")
        with st.container(horizontal=True):
            st.page_link(
                "pages/Gallery.py", label="Choose in the gallery", icon=":material/photo_album:"
            )
            st.page_link("pages/Generate.py", label="Draw one", icon=":material/brush:")
        which.newest(studio)
        which.dropping(studio)
        which.barred()

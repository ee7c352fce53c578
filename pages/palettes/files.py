"""A palette as a file, in each format that editors read."""

from __future__ import annotations

from urllib.parse import quote

import streamlit as st

from studio.finishing.palette_files import FORMATS
from studio.finishing.palettes import Palette


def export(palette: Palette) -> None:
    """One format is chosen, with what opens it, and taken."""
    st.header("Export")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        format = st.selectbox(
            "Format",
            list(FORMATS),
            list(FORMATS).index("gpl"),
            key="palette-format",
            width=360,
            format_func=lambda one: f"{FORMATS[one][0]} · {FORMATS[one][1]}",
        )
        st.link_button(
            "Download",
            f"/download/palette/{format}/{quote(palette.mark, safe='')}",
            icon=":material/download:",
        )
    st.caption(".gpl and .ase keep names and ramps; the others keep the colours in their order.")

"""In which colours pictures are taken: as they are, or as indexed PNG in a palette's order."""

from __future__ import annotations

from urllib.parse import urlencode

import streamlit as st

from studio.finishing import palettes
from studio.finishing.colour_table import MOST
from studio.web import session

PLACES = {"0": "First in the table (0)", "last": "Last in the table", "none": "No transparency"}


def query(label: str) -> str:
    """A choice, where there is a palette to choose; what it adds to the address of a download."""
    known = {one.name: one for one in palettes.listing(session.studio().engine)}
    if not known:
        return ""
    name = st.selectbox(
        "Colours",
        [None, *known],
        key=f"indexed {label}",
        width=260,
        format_func=lambda one: f"Indexed PNG: {one}" if one else "PNG as it is",
        help="Indexed: 8 bits, the palette's order; each pixel takes its nearest colour.",
    )
    if name is None:
        return ""
    chosen = known[name]
    places = dict(PLACES)
    if len(chosen.colours) == MOST:  # a transparent place would be one too many
        places = {"none": PLACES["none"]}
    place = st.selectbox(
        "Transparent",
        list(places),
        key=f"transparent {label}",
        width=220,
        format_func=places.__getitem__,
    )
    at = str(len(chosen.colours)) if place == "last" else place
    return "&" + urlencode({"indexed": chosen.mark, "transparent": at})

"""From one picture to those before and after it among what the gallery's filter found."""

from __future__ import annotations

import streamlit as st

from pages.gallery import address
from studio import context
from studio.assets import search
from studio.assets.search import Neighbours, Wanted


def beside(studio: context.Studio, wanted: Wanted, id: str) -> Neighbours:
    """The pictures before and after this one; the address says among which."""
    return search.neighbours(studio.engine, "", address.pictures(wanted), id)


def back(wanted: Wanted, page: dict[str, str]) -> None:
    """The way back to where the gallery was."""
    st.page_link(
        "pages/Gallery.py",
        label="Gallery",
        icon=":material/arrow_back:",
        query_params={**address.told(wanted), **page},
    )


def ways(beside: Neighbours) -> None:
    """Previous and next, and how far one is."""
    st.button(
        "Previous",
        icon=":material/chevron_left:",
        shortcut="Left",
        on_click=go,
        args=(beside.before,),
        disabled=not beside.before,
    )
    st.button(
        "Next",
        icon=":material/chevron_right:",
        shortcut="S",
        on_click=go,
        args=(beside.after,),
        disabled=not beside.after,
    )
    if beside.place:
        st.markdown(f"{beside.place:,} of {beside.total:,}", width="content")


def go(id: str) -> None:
    """To another picture; what else the address says stays."""
    if id:
        st.query_params["id"] = id

"""A palette's revisions: which one is looked at, and the way to each."""

from __future__ import annotations

import streamlit as st

from studio.context import Studio
from studio.finishing import palettes
from studio.finishing.palettes import Palette
from studio.web import ui

SHOWN = 20


def chosen(studio: Studio, name: str) -> Palette:
    """The revision that the address names, else the newest."""
    return palettes.get(studio.engine, name, ui.number_of("revision"))


def newest() -> None:
    """As a callback of another choice: its newest one."""
    st.query_params.pop("revision", None)


def listed(studio: Studio, palette: Palette) -> None:
    """Every revision with who made it; recipes may name any of them."""
    found = palettes.revisions(studio.engine, palette.name)
    if len(found) < 2:
        return
    with st.expander(f"Revisions ({len(found)})", icon=":material/history:"):
        for one in found[:SHOWN]:
            approved = f" · approved by {one.approved_by}" if one.approved_by else ""
            label = f"{one.revision} · {one.by}, {ui.moment(one.at)}{approved}"
            query = {"palette": one.name, "revision": str(one.revision)}
            if one.revision == one.newest:
                query.pop("revision")
            st.page_link(
                "pages/Palettes.py",
                label=ui.plain(label),
                query_params=query,
                disabled=one.revision == palette.revision,
            )

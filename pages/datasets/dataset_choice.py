"""Which dataset the page is about, and the way to a new one."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from pages.datasets import tab_state
from studio.web import addresses, ui


def gone(names: Sequence[str]) -> None:
    """Say so when the address names a dataset that is not there; links outlive things."""
    asked = st.query_params.get("set")
    if asked and asked not in names:
        st.session_state["gone"] = asked[:80]
    if missing := st.session_state.get("gone"):
        st.warning(
            f"There is no dataset {ui.plain(missing)} any more.", icon=":material/search_off:"
        )


def follow(arrived: str, names: Sequence[str]) -> None:
    """Where this person's upload has just been added, go: to its pictures, the new ones first."""
    if arrived in names:
        st.session_state["set"] = arrived
        tab_state.go("Pictures")
        tab_state.reveal()
        _other()


def choose(names: Sequence[str]) -> str:
    """The dataset that is chosen; a button begins a new one."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name: str = st.selectbox(
            "Dataset", names, width=360, on_change=_other, **addresses.one_of("set", names)
        )
        st.button(
            "New dataset",
            icon=":material/add:",
            key="new",
            on_click=tab_state.go,
            args=("New",),
            **ui.only("edit datasets"),
        )
    return name


def _other() -> None:
    """Another dataset: its filters and pictures are others, the tab stays."""
    st.session_state.pop("gone", None)
    st.session_state.update(tab_state.ALL)
    if st.session_state.get("tab") == "New":
        st.session_state["tab"] = "Pictures"
    for key in ("version", "picture", "mask", "before", "after"):
        st.query_params.pop(key, None)

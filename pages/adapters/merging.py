"""Two or more adapters of one base become a new candidate, each with its weight."""

from __future__ import annotations

import streamlit as st

from pages.adapters import upload
from pages.adapters.listing import name
from studio import context
from studio.registry import imported_adapters
from studio.web import record_cache, ui
from studio.worker import submit
from studio.workflows.model_kinds import table as kinds


def look(studio: context.Studio) -> None:
    """The choice of adapters, their weights, and the style of the result."""
    found = {name(v): v for v in record_cache.versions() if kinds.is_adapter(v)}
    chosen = st.multiselect("Adapters to merge", list(found), key="merge", max_selections=8)
    weights = {
        one: st.slider(f"Weight of {ui.plain(one)}", -2.0, 2.0, 1.0, 0.05, key=f"weight-{one}")
        for one in chosen
    }
    left, right = st.columns(2)
    style = left.text_input(
        "Style that the result becomes a version of", key="merge-style", max_chars=63
    )
    word = right.text_input("Trigger word", key="merge-word", max_chars=100)
    exact = st.checkbox("Exact: the ranks add up", value=True, key="merge-exact")
    rank = None if exact else st.number_input("Rank", 1, 512, 16, key="merge-rank")
    st.caption(
        "Exact keeps everything, and the file is as large as all of them together. A lower "
        "rank keeps the strongest directions of the sum: smaller, but not the same."
    )
    ready = len(chosen) > 1 and bool(style)
    if st.button(
        "Merge", type="primary", key="merge-do", **ui.only(imported_adapters.RIGHT, not ready)
    ):
        parts = [
            {"style": found[one].style, "version": found[one].number, "weight": weights[one]}
            for one in chosen
        ]
        payload = {"style": style, "parts": parts, "trigger_word": word, "rank": rank}
        submit.ask(studio, "merge", payload, asked_by=ui.person(), now=context.now())
        st.rerun()
    upload.jobs(studio, "merge")

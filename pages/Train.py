"""Teach a base a style: from what, how, how long it will take, and how it goes."""

import streamlit as st

from pages.train import asking, beside, night, sweeps, watching
from studio.web import ui

SHOWN = {
    "New": asking.form,
    watching.WATCH: watching.one,
    night.QUEUE: night.queued,
    "Side by side": beside.several,
    sweeps.SWEEPS: sweeps.one,
}

with ui.page("Train", "Teach a base the look of your pictures.") as studio:
    if "job" in st.query_params and "show" not in st.query_params:
        st.session_state.setdefault("show", watching.WATCH)
    show = st.segmented_control(
        "Show",
        list(SHOWN),
        default="New",
        required=True,
        key="show",
        bind="query-params",
        label_visibility="collapsed",
    )
    if refused := st.session_state.pop("refused", None):
        ui.failed(refused)
    SHOWN[show](studio)

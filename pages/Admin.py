"""Who may come in, what runs, what is full, what was refused, and which settings are in force."""

import streamlit as st

from pages.admin import backups, job_table, people, refused, services, settings_table
from studio.web import page_frame

SHOWN = {
    "Services": services.shown,
    "Jobs": job_table.shown,
    "People": people.section,
    "Log": refused.shown,
    "Settings": settings_table.shown,
    "Backups": backups.shown,
}

with page_frame.page("Admin", "What runs, who may come in, and how the studio is set.") as studio:
    if "job" in st.query_params and "show" not in st.query_params:
        st.session_state.setdefault("show", "Jobs")
    show = st.segmented_control(
        "Show",
        list(SHOWN),
        default="Services",
        required=True,
        key="show",
        bind="query-params",
        label_visibility="collapsed",
    )
    SHOWN[show](studio)

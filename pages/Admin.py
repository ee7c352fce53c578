"""Who may come in, what runs and where, what is full, what was refused, and which
settings are in force."""

import streamlit as st

from pages.admin import (
    backups,
    job_table,
    machines,
    people,
    refused,
    services,
    settings_table,
    webhooks,
)
from studio.web import addresses, page_frame

SHOWN = {
    "Services": services.shown,
    "Jobs": job_table.shown,
    "Machines": machines.shown,
    "People": people.section,
    "Webhooks": webhooks.shown,
    "Log": refused.shown,
    "Settings": settings_table.shown,
    "Backups": backups.shown,
}

with page_frame.page("Admin", "What runs, who may come in, and how the studio is set.") as studio:
    first = "Jobs" if "job" in st.query_params else "Services"
    show = st.segmented_control(
        "Show",
        list(SHOWN),
        required=True,
        label_visibility="collapsed",
        **addresses.one_of("show", list(SHOWN), first=first),
    )
    SHOWN[show](studio)

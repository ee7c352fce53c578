"""What the studio is doing, and what happened lately."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from studio import context, notifications
from studio.jobs.table import Job
from studio.web import job_boxes, ui

AT_ONCE = 4  # jobs: each is asked about once a second
LATELY = 5  # notices


def jobs(running: Sequence[Job]) -> None:
    """The jobs that have not ended, those that run first."""
    st.header("At work")
    if not running:
        st.caption("No job is running.")
    for job in sorted(running, key=lambda job: (job.state != "running", job.id))[:AT_ONCE]:
        with st.container(border=True):
            job_boxes.show(job.id)
            st.caption(f"Asked by {ui.plain(job.asked_by)}, {ui.moment(job.asked_at)}")
    if len(running) > AT_ONCE:
        st.page_link(
            "pages/Admin.py",
            label=f"And {len(running) - AT_ONCE:,} more jobs",
            icon=":material/list:",
            query_params={"show": "Jobs"},
        )


def lately(studio: context.Studio) -> None:
    """The newest notices."""
    if found := notifications.newest(studio.engine, LATELY):
        st.header("Lately")
        told = (f"{ui.plain(one.text[:300])}  \n:small[{ui.moment(one.at)}]" for one in found)
        with st.container(border=True):
            st.markdown("\n\n".join(told))

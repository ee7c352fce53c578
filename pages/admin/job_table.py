"""Jobs: what was asked for lately, one of them with its log, and the way to cancel it."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from studio import context
from studio.jobs import queue
from studio.jobs.table import Job, State
from studio.masking import masked
from studio.web import addresses, job_boxes, ui
from studio.webhooks import deliveries
from studio.worker.kind_table import title

MOST = 50
STATES: dict[str, tuple[State, ...]] = {
    "All": (),
    "Waiting": ("queued",),
    "Running": ("running",),
    "Failed": ("failed",),
    "Done": ("done",),
    "Cancelled": ("cancelled",),
}


def shown(studio: context.Studio) -> None:
    """The newest jobs of a state, and one of them."""
    st.header("Jobs")
    state = st.segmented_control(
        "State", list(STATES), required=True, **addresses.one_of("state", list(STATES))
    )
    jobs = queue.listing(studio.engine, states=STATES[state], limit=MOST)
    ui.gone("job", [job.id for job in jobs], "job {} among the newest")
    if not jobs:
        st.caption("No such job has been asked for yet.")
        return
    _one(studio, jobs)
    st.dataframe(
        [
            {
                "job": j.id,
                "what": title(j),
                "state": j.state,
                "where": j.where,
                "asked by": j.asked_by,
                "asked at": ui.moment(j.asked_at),
                "says": j.error or j.says,
            }
            for j in jobs
        ],
        hide_index=True,
    )
    if len(jobs) == MOST:
        st.caption(f"The newest {MOST}; `python -m studio jobs list` has all.")


def _one(studio: context.Studio, jobs: Sequence[Job]) -> None:
    """One job: how far it is, who asked, and what it said."""
    known = {job.id: job for job in jobs}
    number = st.selectbox(
        "Job",
        list(known),
        format_func=lambda id: f"{id}: {title(known[id])}, {known[id].state}",
        **addresses.one_of("job", list(known)),
    )
    job = known[number]
    with st.container(border=True):
        job_boxes.show(job.id)
        st.caption(f"Asked by {ui.plain(job.asked_by)}, {ui.moment(job.asked_at)}")
        if job.request_id:
            st.caption(
                f"Request {ui.plain(job.request_id)}",
                help="In X-Request-Id of what asked for it, and in every line of the job's log.",
            )
        for one in deliveries.listing(studio.engine, job=job.id):
            st.caption(f"Webhook {ui.plain(masked(one.url))}: {one.state}. {ui.plain(one.error)}")
    if not ui.may("see settings"):
        return
    box = st.expander("What it said", key=f"log-{job.id}", on_change="rerun")
    if box.open:
        box.code(queue.read_log(studio.home, job) or "Nothing yet.", language=None)

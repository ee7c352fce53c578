"""Lists so far: how far they are, and the way to judge them."""

import streamlit as st

from studio import context
from studio.assets.search import Wanted
from studio.generation import gallery_table
from studio.jobs import queue
from studio.jobs.table import Job
from studio.web import job_boxes, ui

SHOWN = 30


def seams(studio: context.Studio, job: Job) -> None:
    """The way to those of a list that do not fit at their edges."""
    if cut := gallery_table.count(studio.engine, Wanted(job=job.id, seam="cut")):
        st.page_link(
            "pages/Gallery.py",
            label=f"{cut:,} cut at a seam",
            query_params={"job": str(job.id), "seam": "cut"},
            icon=":material/content_cut:",
        )


def earlier(studio: context.Studio) -> None:
    """Lists so far, the newest first."""
    jobs = queue.listing(studio.engine, kind="batch", limit=SHOWN)
    if not jobs:
        st.caption("No list has been drawn yet.")
    for job in jobs:
        counts = gallery_table.tally(studio.engine, Wanted(job=job.id))
        drawn, assets = sum(counts.values()), job.payload["assets"]
        wanted = sum(asset["count"] for asset in assets)
        named = job.payload.get("set") or f"{len(assets):,} line{'' if len(assets) == 1 else 's'}"
        number = job.payload.get("version")
        by = f"{job.payload['style']}{f' version {number}' if number else ''}"
        with st.container(border=True):
            st.markdown(
                f"**{ui.plain(named)}** of {ui.plain(by)} · asked by {ui.plain(job.asked_by)}, "
                f"{ui.moment(job.asked_at)}"
            )
            if job.state != "done":
                job_boxes.show(job.id)
            st.caption(
                f"{drawn} of {wanted} drawn, {counts.get('open', 0)} not judged yet, "
                f"{counts.get('approved', 0)} approved"
            )
            if drawn:
                with st.container(horizontal=True):
                    st.page_link(
                        "pages/Gallery.py",
                        label="Judge and download",
                        query_params={"mode": "judge", "job": str(job.id)},
                        icon=":material/keyboard:",
                    )
                    st.page_link(
                        "pages/Finish.py",
                        label="Finish",
                        query_params={"job": str(job.id)},
                        icon=":material/auto_fix_high:",
                    )
                    seams(studio, job)

"""The page's job: put in however often a button is hit, named by the address, and watched."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from pages.gallery import refusals
from studio import context
from studio.errors import StudioError
from studio.jobs import idempotency, queue, workers
from studio.jobs.table import Job
from studio.web import job_boxes, session, ui, where_boxes
from studio.worker import submit
from studio.workflows.animation_files import KIND

JOB = "animate-job"  # asked for in a callback; the address says it once the page is drawn


def ask(payload: Mapping[str, Any]) -> None:
    """As a callback: have a sheet made."""
    studio, who = session.studio(), ui.person()
    with refusals.kept():
        where = where_boxes.chosen(KIND)
        key = idempotency.key(studio.engine, KIND, {**payload, "where": where}, who)
        job = submit.ask(
            studio, KIND, payload, asked_by=who, now=context.now(), key=key, where=where
        )
        st.session_state[JOB] = job.id


def tell() -> None:
    """What was refused, and the job that was asked for last, in the address."""
    refusals.tell()
    if (id := st.session_state.pop(JOB, None)) is not None:
        st.query_params["job"] = str(id)


def watched(studio: context.Studio) -> Job | None:
    """The job that the address names, how far it is, and the way to what came of it."""
    named, number = st.query_params.get("job", ""), ui.number_of("job")
    if not named:
        return None
    try:
        job = queue.get(studio.engine, number or 0)
    except StudioError:
        job = None
    if job is None or job.kind != KIND:
        st.warning(
            f"There is no job {ui.plain(named[:80])} of sheets any more.",
            icon=":material/search_off:",
        )
        return None
    job_boxes.show(job.id)
    if job.state == "queued" and not workers.alive(studio.engine, context.now()):
        st.warning("No worker answers, so this waits until one is started. Admin tells more.")
    if job.state == "done" and job.result:
        ui.next_step(
            "Look at the sheet", "pages/Animate.py", "animation", sheet=str(job.result["sheet"])
        )
    return job

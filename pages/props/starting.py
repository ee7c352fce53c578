"""Jobs of the page: put in however often a button is hit, named by the address, watched, and what
came of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from pages.gallery import refusals
from pages.props import which
from studio import context
from studio.errors import StudioError
from studio.jobs import idempotency, queue, workers
from studio.jobs.table import Job
from studio.web import job_boxes, session, ui, where_boxes
from studio.worker import submit
from studio.workflows.props import RIGHT

JOB = "props-job"  # asked for in a callback; the address says it once the page is drawn
KINDS = (
    *("prop", "prop_edit", "prop_sheet", "picture_edit"),
    *("prop_by_provider", "prop_by_model", "expand_wishes", "generate"),
)
PAID = ("prop_by_provider", "expand_wishes")  # asked for anew where their price stands


def ask(kind: str, payload: Mapping[str, Any], seeded: Mapping[str, Any] | None = None) -> None:
    """As a callback: have a job do this. `seeded` is the same with what nobody chose, a seed say,
    which is another each time and no part of the wish."""
    studio, who = session.studio(), ui.person()
    with refusals.kept():
        where = where_boxes.chosen(kind)
        key = idempotency.key(studio.engine, kind, {**payload, "where": where}, who)
        job = submit.ask(
            studio,
            kind,
            seeded or payload,
            asked_by=who,
            now=context.now(),
            key=key,
            where=where,
        )
        st.session_state[JOB] = job.id


def tell() -> None:
    """What was refused, and the job that was asked for last, in the address."""
    refusals.tell()
    if (id := st.session_state.pop(JOB, None)) is not None:
        st.query_params["job"] = str(id)


def watched(studio: context.Studio) -> Job | None:
    """The job that the address names, with how far it is; that there is none such is said."""
    named, number = st.query_params.get("job", ""), ui.number_of("job")
    if not named:
        return None
    try:
        job = queue.get(studio.engine, number or 0)
    except StudioError:
        job = None
    if job is None or job.kind not in KINDS:
        st.warning(
            f"There is no job {ui.plain(named[:80])} of props any more.",
            icon=":material/search_off:",
        )
        return None
    job_boxes.show(job.id)
    if job.state == "queued" and not workers.alive(studio.engine, context.now()):
        st.warning("No worker answers, so this waits until one is started. Admin tells more.")
    if job.state in ("failed", "cancelled") and job.kind not in PAID:
        st.button(
            "Try again", icon=":material/replay:", on_click=_again, args=(job,), **ui.only(RIGHT)
        )
    return job


def made(job: Job | None, name: str = "props") -> list[str]:
    """The ids of what came of a job, by what its result calls them; none while it runs."""
    if job is None or job.state != "done" or not job.result:
        return []
    found = job.result.get(name) or job.result.get(name.removesuffix("s"))
    listed = found if isinstance(found, list) else [found]
    return [str(one) for one in listed if one]


def lead(job: Job, to: Mapping[str, str]) -> None:
    """On to what came of a job, once: whoever comes back to it is shown the way."""
    led = st.session_state.setdefault("props-led", set())
    if job.id in led:
        st.page_link(
            "pages/Props.py",
            label="See what came of it",
            icon=":material/arrow_forward:",
            query_params=dict(to),
        )
        return
    led.add(job.id)
    which.go(to)
    st.rerun()


def _again(job: Job) -> None:
    """As a callback: go on with what was cut off."""
    with refusals.kept():
        who, now = ui.person(), context.now()
        again = submit.again(session.studio(), job.id, asked_by=who, now=now, key=f"again:{job.id}")
        st.session_state[JOB] = again.id

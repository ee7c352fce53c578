"""A job that enlarges: how far it is, a way to cancel it and to go on, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from pages.upscale import starting
from pages.upscale.which import RIGHT
from studio import context
from studio.errors import StudioError
from studio.jobs import queue, workers
from studio.jobs.table import Job
from studio.web import job_boxes, ui
from studio.web.upscale_layers import layer
from studio.worker.kinds.upscale import KIND
from studio.workflows import upscale_sources
from studio.workflows.upscale_sources import Source


def of_address(studio: context.Studio) -> Job | None:
    """The job that the address names; that there is none such is said."""
    named, number = st.query_params.get("job", ""), ui.number_of("job")
    if not named:
        return None
    try:
        job = queue.get(studio.engine, number or 0)
    except StudioError:
        job = None
    if job is None or job.kind != KIND.name:
        st.warning(f"There is no enlarging {ui.plain(named[:80])} any more.")
        return None
    return job


def box(studio: context.Studio, job: Job) -> None:
    """How far it is, and what can be done about it."""
    job_boxes.show(job.id)
    if job.state == "queued" and not workers.alive(studio.engine, context.now()):
        st.warning("No worker answers, so this waits until one is started. Admin tells more.")
    if job.state in ("failed", "cancelled"):
        st.button(
            "Resume",
            icon=":material/resume:",
            on_click=starting.go_on,
            args=(job,),
            **ui.only(RIGHT, help="Tiles that are drawn already are not drawn again."),
        )


def result(studio: context.Studio, job: Job) -> Source | None:
    """What came of it; None where nothing did, or it is gone."""
    id = str((job.result or {}).get("picture") or "")
    if job.state != "done" or not id:
        return None
    try:
        return upscale_sources.source(studio, id)
    except StudioError:
        return None


def done(made: Source) -> None:
    """What comes next for a result."""
    with st.container(horizontal=True):
        st.page_link(
            "pages/Picture.py",
            label="Judge the result",
            icon=":material/image:",
            query_params={"id": made.named},
        )
        st.page_link(
            "pages/Upscale.py",
            label="Enlarge it again",
            icon=":material/zoom_out_map:",
            query_params={"id": made.named},
        )
        st.page_link(
            "pages/Finish.py",
            label="Finish",
            icon=":material/auto_fix_high:",
            query_params={"id": made.named},
        )
        address = f"/download/picture/{made.named}?factor=1"
        st.link_button("Download", address, icon=":material/download:")


def after(studio: context.Studio, made: Source | None, sharp: bool) -> Mapping[str, Any] | None:
    """The layer of a result."""
    return layer(studio.home, made, sharp) if made else None

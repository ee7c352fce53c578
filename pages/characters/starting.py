"""The page's jobs, of cells and of sheets: put in, named by the address, and watched."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from pages.gallery import refusals
from studio import context
from studio.characters import cells
from studio.characters.cells import Cell
from studio.errors import StudioError
from studio.jobs import idempotency, queue, workers
from studio.web import job_boxes, session, ui, where_boxes
from studio.worker import submit
from studio.workflows import character_rows

JOB = "characters-job"  # asked for in a callback; the address says it once the page is drawn
CELLS, SHEET = "character", "sheet"  # kinds of job


def ask(payload: Mapping[str, Any]) -> None:
    """As a callback: have cells drawn."""
    with refusals.kept():
        _put_in(CELLS, payload)


def ask_sheet(name: str, action: str, duration_ms: int) -> None:
    """As a callback: have a sheet made of an action's whole rows."""
    with refusals.kept():
        told = character_rows.payload(session.studio(), name, action, (), duration_ms)
        _put_in(SHEET, told)


def take(name: str, cell: Cell, asset: str) -> None:
    """As a callback: have an earlier picture in a cell again."""
    with refusals.kept():
        engine, who = session.studio().engine, ui.person()
        cells.take(engine, name, cell, asset, by=who, now=context.now())


def tell() -> None:
    """What was refused, and the job that was asked for last, in the address."""
    refusals.tell()
    if (id := st.session_state.pop(JOB, None)) is not None:
        st.query_params["job"] = str(id)


def watched(studio: context.Studio) -> None:
    """The job that the address names, how far it is, and the way to what came of it."""
    named, number = st.query_params.get("job", ""), ui.number_of("job")
    if not named:
        return
    try:
        job = queue.get(studio.engine, number or 0)
    except StudioError:
        job = None
    if job is None or job.kind not in (CELLS, SHEET):
        st.warning(
            f"There is no job {ui.plain(named[:80])} of characters any more.",
            icon=":material/search_off:",
        )
        return
    job_boxes.show(job.id)
    if job.state == "queued" and not workers.alive(studio.engine, context.now()):
        st.warning("No worker answers, so this waits until one is started. Admin tells more.")
    if job.kind == SHEET and job.state == "done" and job.result:
        ui.next_step(
            "Look at the sheet", "pages/Animate.py", "animation", sheet=str(job.result["sheet"])
        )


def _put_in(kind: str, payload: Mapping[str, Any]) -> None:
    studio, who = session.studio(), ui.person()
    where = where_boxes.chosen(kind)
    key = idempotency.key(studio.engine, kind, {**payload, "where": where}, who)
    job = submit.ask(studio, kind, payload, asked_by=who, now=context.now(), key=key, where=where)
    st.session_state[JOB] = job.id

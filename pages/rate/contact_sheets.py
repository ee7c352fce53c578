"""Which versions have a test sheet to be judged; one without it gets one from here."""

import streamlit as st

from studio import context
from studio.database import engine as db
from studio.errors import StudioError
from studio.jobs import queue
from studio.registry import models
from studio.web import addresses, job_boxes, record_cache, session, ui
from studio.worker import submit
from studio.workflows import review_sources


def draw_sheet(style: str, number: int, revision: int) -> None:
    """Ask for a sheet; a second click on the same button asks for nothing more."""
    try:
        submit.ask(
            session.studio(),
            "evaluate",
            {"style": style, "version": number},
            asked_by=ui.person(),
            now=context.now(),
            key=f"sheet {style} {number} {revision}",
        )
    except StudioError as error:
        ui.failed(error)


def of_style(key: str) -> tuple[str, list[models.Version]] | None:
    """Let the person choose a style; its versions that have a sheet, newest first.

    Those without can be evaluated from here. None, after saying what to do, where none has one.
    """
    found = record_cache.versions()
    if not found:
        st.info("There is no version to judge yet: train a style first.")
        st.page_link("pages/Train.py", label="Train a style", icon=":material/model_training:")
        return None
    styles = sorted({v.style for v in found})
    style = st.selectbox("Style", styles, **addresses.one_of(key, styles))
    mine = [v for v in found if v.style == style]
    bare = review_sources.without_sheet(session.studio(), style, [v.number for v in mine])
    running = {
        (job.payload["style"], job.payload["version"]): job.id
        for job in queue.listing(
            session.studio().engine, states=("queued", "running"), kind="evaluate"
        )
    }
    for number in bare[:3]:
        if (style, number) in running:
            job_boxes.show(running[style, number])
            continue
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"Version {number} has no test sheet yet.")
            st.button(
                f"Draw the test sheet of version {number}",
                key=f"{key}-sheet-{number}",
                on_click=draw_sheet,
                args=(style, number, db.revision(session.studio().engine)),
                **ui.only("evaluate"),
            )
    ready = [v for v in mine if v.number not in bare]
    if not ready:
        st.info("Without a test sheet there is nothing to judge. Draw one, and come back.")
        return None
    return style, ready

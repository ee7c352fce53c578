"""A job as a page shows it: its name in people's words, how far it is, how it ended."""

from __future__ import annotations

import streamlit as st

from studio import context
from studio.accounts import rights
from studio.errors import StudioError
from studio.jobs import queue
from studio.jobs.table import Lane
from studio.web import session, ui
from studio.worker import schedule_words
from studio.worker.kind_table import title

TOLD: tuple[Lane, ...] = ("work", "elsewhere")  # lanes whose jobs nobody sits and waits for


def show(id: int) -> None:
    """A job's state, kept up to date while it runs: progress, a way to cancel, how it ended."""
    try:
        job = queue.get(session.studio().engine, id)
    except StudioError as error:
        ui.failed(error)
        return
    if not job.ended:
        (_soon if job.lane == "interactive" else _live)(id)
    elif job.state == "done":
        st.success(f"{ui.plain(title(job))}: done", icon=":material/check:")
    elif job.state == "cancelled":
        st.info(f"{ui.plain(title(job))}: {ui.plain(job.error or 'cancelled')}")
    else:
        ui.failed(StudioError(f"{title(job)} failed. {job.error}", job.remedy or ""))


def _going(id: int) -> None:
    """A job that has not ended; when it has, the whole page is drawn anew."""
    studio = session.studio()
    job = queue.get(studio.engine, id)
    if job.ended:
        st.rerun()
    name = ui.plain(title(job))
    if job.state == "queued":
        before, now = queue.ahead(studio.engine, job), context.now()
        says = schedule_words.waits(job, before, now, lambda at: ui.moment(at.isoformat()))
        st.progress(0.0, f"{name}: {says}")
    else:
        share = min(job.done / job.total, 1.0) if job.total else 0.0
        st.progress(share, f"{name}: {ui.plain(job.says) or 'begins'}")
    if job.cancel_by:
        st.caption("Being cancelled.")
    elif rights.allowed_own(ui.person(), job.asked_by, "cancel others' jobs"):
        st.button(
            "Cancel", key=f"cancel-{id}", icon=":material/close:", on_click=_cancel, args=(id,)
        )


_live = st.fragment(run_every=1.0)(_going)
_soon = st.fragment(run_every=0.3)(_going)  # somebody sits and waits for the picture


def _cancel(id: int) -> None:
    queue.cancel(session.studio().engine, id, ui.person(), context.now())


def tell_of_ended() -> None:
    """A notice for each of the person's jobs that has ended since they last looked."""
    studio, who = session.studio(), ui.person()
    ended = [job for lane in TOLD for job in queue.unseen(studio.engine, who, lane=lane)]
    for job in sorted(ended, key=lambda one: one.id)[-3:]:
        said = "is done" if job.state == "done" else f"has {job.state}"
        st.toast(f"{ui.plain(title(job))} {said}.", icon=":material/notifications:")
    if ended:
        queue.mark_seen(studio.engine, who, [job.id for job in ended])

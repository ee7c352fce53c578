"""What trains next: the trainings that wait, their order, when they begin and when all is done."""

from datetime import datetime

import streamlit as st

from pages.train import watching
from studio import nights, ui, workflows
from studio.diffusion import offered
from studio.errors import StudioError
from studio.jobs import queue, waiting, workers
from studio.jobs.table import Job

QUEUE, USUAL = "Queue", "20:00"


def queued(studio: workflows.Studio) -> None:
    """The trainings that wait, each with its times and what can be done with it."""
    now = workflows.now()
    running = [
        job for job in queue.listing(studio.engine, states=("running",)) if job.kind in nights.KINDS
    ]
    for job in running:
        st.markdown(f"**Now:** {ui.plain(ui.job_name(job))} · {ui.plain(job.says)}")
        st.button("Watch it", key=f"watch-{job.id}", on_click=watching.show, args=(job.id,))
    alive = workers.alive(studio.engine, now)
    device = offered.device(studio.settings.device, [w.device for w in alive])
    planned = nights.plan(studio, now, device)
    if not planned:
        st.info(
            "No training waits. Ask for several under New, each to begin at a time, tonight at "
            f"{USUAL} say; they are done one after the other."
        )
        return
    if not alive:
        st.warning("No worker answers. The trainings begin as soon as one is started.")
    last = max(one.ends for one in planned)
    st.metric("All done, estimated", f"about {ui.moment(last.isoformat())}")
    st.caption(
        "One after the other, in this order. Where one fails, the next goes on; the failed one "
        "can be gone on with later. Times are estimates for one worker."
    )
    for place, one in enumerate(planned):
        before = planned[place - 1].job.id if place else None
        after = planned[place + 1].job.id if place + 1 < len(planned) else None
        _row(place + 1, one, before, after)
    ids = [one.job.id for one in planned]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.time_input("Begin all of them at", USUAL, key="night-at", width=160)
        st.button("Set", key="night-set", on_click=_begin, args=(ids, True), **ui.only("train"))
        st.button("Begin now", key="night-now", on_click=_begin, args=(ids, False),
                  **ui.only("train"))  # fmt: skip


def _row(number: int, one: nights.Planned, before: int | None, after: int | None) -> None:
    job = one.job
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        begins, ends = ui.moment(one.begins.isoformat()), ui.moment(one.ends.isoformat())
        if begins[:11] == ends[:11]:  # on one day
            ends = ends[-5:]
        st.markdown(
            f"**{number}. {ui.plain(ui.job_name(job))}** · {ui.plain(_about(job))}  \n"
            f"{begins} to {ends} · asked by {ui.plain(job.asked_by)}"
        )
        st.button("Earlier", key=f"up-{job.id}", icon=":material/arrow_upward:", on_click=_put,
                  args=(job.id, before), **ui.only("train", before is None))  # fmt: skip
        st.button("Later", key=f"down-{job.id}", icon=":material/arrow_downward:", on_click=_put,
                  args=(after, job.id), **ui.only("train", after is None))  # fmt: skip
        st.button("Remove", key=f"remove-{job.id}", icon=":material/close:", on_click=_remove,
                  args=(job.id,), **ui.only("train"))  # fmt: skip


def _about(job: Job) -> str:
    steps = job.payload.get("settings", {}).get("max_train_steps")
    said = str(job.payload["dataset"]).partition("@")[0]
    said += f", {steps:,} steps" if isinstance(steps, int) else ""
    trials = job.payload.get("trials")
    return f"{said}, {trials} trials" if trials else said


def _put(id: int, before: int) -> None:
    _tried(lambda: waiting.put_before(ui.opened().engine, id, before, ui.person()))


def _remove(id: int) -> None:
    _tried(lambda: queue.cancel(ui.opened().engine, id, ui.person(), workflows.now()))


def _begin(ids: list[int], later: bool) -> None:
    moment = at(st.session_state["night-at"]) if later else None
    _tried(lambda: waiting.begin_at(ui.opened().engine, ids, moment, ui.person()))


def at(clock) -> datetime:
    """The next moment at which the person's own clock shows this time of day."""
    return nights.next_at(f"{clock:%H:%M}", workflows.now().astimezone(ui.clock()))


def _tried(act) -> None:
    try:
        act()
    except StudioError as error:
        st.session_state["refused"] = error

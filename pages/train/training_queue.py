"""What trains next: the trainings that wait, their order, when they begin and when all is done;
those that are paused, and how those of the last day ended."""

from collections.abc import Callable
from datetime import datetime, time, timedelta

import streamlit as st

from pages.train import sweep_progress, training_progress
from studio import context
from studio.diffusion import base_offers
from studio.errors import StudioError
from studio.jobs import queue, queue_order, workers
from studio.jobs.table import Job
from studio.web import job_boxes, session, ui
from studio.worker import schedule_words, submit, train_schedule
from studio.worker.kind_table import exclusive, title
from studio.worker.train_schedule import Planned, Schedule

QUEUE, USUAL, FIRST = "Queue", "20:00", time(20, 0)
MORNING = "09:00"
DEADLINE = (
    "When you want them: what will be done later is marked, nothing is cut off. Unset, it is the "
    f"first {MORNING} after one of them begins."
)
DAY = timedelta(days=1)


def queued(studio: context.Studio) -> None:
    """The trainings that wait, each with its times and what can be done with it."""
    now = context.now()
    st.session_state["queue-drawn"] = _mark(studio)  # first: one may begin while this is drawn
    alive = workers.alive(studio.engine, now)
    device = base_offers.device(studio.settings.device, [w.device for w in alive])
    found = train_schedule.schedule(studio, now, device)
    for one in found.running:
        job_boxes.show(one.job.id)
        if one.job.kind == "train":
            watched = (one.job.id,)
            st.button(
                "Watch it",
                key=f"watch-{one.job.id}",
                on_click=training_progress.show,
                args=watched,
            )
    if not found.waiting and not found.paused:
        st.info(
            "No training waits. Ask for several under New, each to begin at a time, tonight at "
            f"{USUAL} say; they are done one after the other."
        )
    elif not alive:
        st.warning("No worker answers. The trainings begin as soon as one is started.")
    if found.waiting:
        _waiting(found)
    if found.paused:
        _paused(found)
    _ended(train_schedule.ended(studio, now - DAY))
    _news()


def _mark(studio: context.Studio) -> list[object]:
    """Another one when a training is asked for, moved, begun or ended."""
    waits = [(job.id, job.not_before) for job in queue_order.waiting(studio.engine, exclusive())]
    running = queue.listing(studio.engine, states=train_schedule.RUNNING)
    return [waits, [job.id for job in running if job.kind in exclusive()]]


@st.fragment(run_every=5.0)
def _news() -> None:
    """Draws the queue anew when the worker or somebody else has changed it."""
    if _mark(session.studio()) != st.session_state.get("queue-drawn"):
        st.rerun()


def _waiting(found: Schedule) -> None:
    left, right = st.columns([2, 1], vertical_alignment="bottom")
    chosen = right.datetime_input(
        "Deadline", None, key="deadline", bind="query-params", width=240, help=DEADLINE
    )
    planned = found.waiting
    last = max(one.ends for one in planned)
    left.metric("All done, estimated", f"about {shown(last)}")
    late = _late(found, chosen)
    st.caption(
        "One after the other, in this order: people in turn, each one's oldest first. Where one "
        "fails, the next goes on; the failed one can be resumed later. Times are estimates for "
        "one worker that does nothing else."
    )
    for place, one in enumerate(planned):
        before = planned[place - 1].job.id if place else None
        behind = planned[place + 1].job.id if place + 1 < len(planned) else None
        _row(place + 1, one, before, behind, one in late)
    ids = [one.job.id for one in planned]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.time_input("Begin all of them at", USUAL, key="night-at", width=160)
        st.button("Set", key="night-set", on_click=_begin, args=(ids, True), **ui.only("train"))
        st.button(
            "Begin now", key="night-now", on_click=_begin, args=(ids, False), **ui.only("train")
        )
        st.button(
            "Pause all",
            key="night-pause",
            icon=":material/pause:",
            on_click=_pause,
            args=(ids,),
            **ui.only("train"),
        )


def _late(found: Schedule, chosen: datetime | None) -> list[Planned]:
    """Those that will not be done by the deadline, after saying so."""
    if chosen:
        by = chosen.replace(tzinfo=ui.clock())
    else:
        first = min(one.begins for one in found.waiting)
        by = train_schedule.next_at(MORNING, first.astimezone(ui.clock()))
    try:
        schedule_words.check_deadline(found, by, shown)
    except StudioError as error:
        ui.failed(error)
        return []
    late = schedule_words.late(found, by)
    (st.warning if late else st.caption)(schedule_words.by_deadline(found, by, shown))
    return late


def _row(number: int, one: Planned, before: int | None, behind: int | None, late: bool) -> None:
    job = one.job
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        begins, ends = shown(one.begins), shown(one.ends)
        if begins[:11] == ends[:11]:  # on one day
            ends = ends[-5:]
        st.markdown(
            f"**{number}. {ui.plain(title(job))}** · {ui.plain(_about(job))}  \n"
            f"{begins} to {ends}{' · :orange[after the deadline]' if late else ''} · asked by "
            f"{ui.plain(job.asked_by)}"
        )
        st.button(
            "Earlier",
            key=f"up-{job.id}",
            icon=":material/arrow_upward:",
            on_click=_put,
            args=(queue_order.put_before, job.id, before),
            **ui.only("train", before is None),
        )
        st.button(
            "Later",
            key=f"down-{job.id}",
            icon=":material/arrow_downward:",
            on_click=_put,
            args=(queue_order.put_after, job.id, behind),
            **ui.only("train", behind is None),
        )
        st.button(
            "Pause",
            key=f"pause-{job.id}",
            icon=":material/pause:",
            on_click=_pause,
            args=([job.id],),
            **ui.only("train"),
        )
        _removing(job)


def _paused(found: Schedule) -> None:
    st.header("Paused")
    for job in found.paused:
        waits = schedule_words.resumes(job, found, shown)
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            st.markdown(
                f"**{ui.plain(title(job))}** · {ui.plain(_about(job))}  \n"
                f"{waits} · asked by {ui.plain(job.asked_by)}"
            )
            st.button(
                "Resume",
                key=f"on-{job.id}",
                icon=":material/play_arrow:",
                on_click=_resume,
                args=([job.id],),
                **ui.only("train"),
            )
            _removing(job)
    if len(found.paused) > 1:
        st.button(
            "Resume all",
            key="night-on",
            icon=":material/play_arrow:",
            on_click=_resume,
            args=([job.id for job in found.paused],),
            **ui.only("train"),
        )


def _removing(job: Job) -> None:
    st.button(
        "Remove",
        key=f"remove-{job.id}",
        icon=":material/close:",
        on_click=_remove,
        args=(job.id,),
        **ui.only("train"),
    )


def _ended(found: list[Job]) -> None:
    """How those of the last day ended: what became of them, or why they did not come to an end."""
    if not found:
        return
    st.header("Since yesterday")
    for job in found:
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            what = f"**{ui.plain(title(job))}** · {ui.plain(_about(job))}"
            when = ui.moment(job.ended_at or "")
            if job.state == "done":
                st.markdown(f"{what}  \n:green[Done] {when}")
                number = (job.result or {}).get("number")
                if number and "style" in job.payload:
                    st.page_link(
                        "pages/Evaluate.py",
                        label=f"Version {number}",
                        query_params={"style": job.payload["style"], "version": str(number)},
                    )
                elif job.kind == "sweep" and job.kept.get("sweep"):
                    st.button(
                        "Its trials",
                        key=f"trials-{job.id}",
                        icon=":material/tune:",
                        on_click=_trials,
                        args=(job.id,),
                    )
                continue
            why = ui.plain(f"{job.error or ''} {job.remedy or ''}".strip())
            if job.state == "failed":
                why = f":red[Failed] {when}. {why}"
            else:
                why = f"{why.rstrip('.') or 'Cancelled'}, {when}"
            st.markdown(f"{what}  \n{why}")
            st.button(
                "Resume",
                key=f"again-{job.id}",
                icon=":material/resume:",
                on_click=_again,
                args=(job.id,),
                **ui.only("train"),
            )


def _trials(id: int) -> None:
    """Turn to the trials of a sweep's job."""
    st.session_state[sweep_progress.ASKED], st.session_state["show"] = id, sweep_progress.SWEEPS


def _about(job: Job) -> str:
    steps = job.payload.get("settings", {}).get("max_train_steps")
    trials = job.payload.get("trials")
    said = [
        str(job.payload.get("dataset", "")).partition("@")[0],
        f"{steps:,} steps" if isinstance(steps, int) else "",
        f"{trials} trials" if trials else "",
    ]
    return ", ".join(filter(None, said))


def _put(does: Callable[..., None], id: int, other: int) -> None:
    _tried(lambda: does(session.studio().engine, id, other, ui.person()))


def _remove(id: int) -> None:
    _tried(lambda: queue.cancel(session.studio().engine, id, ui.person(), context.now()))


def _begin(ids: list[int], later: bool) -> None:
    moment = at(st.session_state["night-at"]) if later else None
    _tried(lambda: queue_order.begin_at(session.studio().engine, ids, moment, ui.person()))


def _pause(ids: list[int]) -> None:
    _tried(lambda: queue_order.pause(session.studio().engine, ids, ui.person()))


def _resume(ids: list[int]) -> None:
    _tried(lambda: queue_order.go_on(session.studio().engine, ids, ui.person()))


def _again(id: int) -> None:
    """Go on with what was cut off; the key gives the same job however often it is hit."""
    studio, who, now = session.studio(), ui.person(), context.now()
    _tried(lambda: submit.again(studio, id, asked_by=who, now=now, key=f"again:{id}"))


def shown(moment: datetime) -> str:
    """A moment as the person's own clock shows it."""
    return ui.moment(moment.isoformat())


def at(clock: time) -> datetime:
    """The next moment at which the person's own clock shows this time of day."""
    return train_schedule.next_at(f"{clock:%H:%M}", context.now().astimezone(ui.clock()))


def _tried(act: Callable[[], object]) -> None:
    try:
        act()
    except StudioError as error:
        st.session_state["refused"] = error

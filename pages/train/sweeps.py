"""A sweep: how far it is, what was tried and how it went, and which trial becomes a version."""

from dataclasses import replace

import streamlit as st

from studio import cards, ui, workflows
from studio.errors import StudioError
from studio.jobs import queue
from studio.jobs.table import Job
from studio.sweeps import charts, study, trying
from studio.sweeps.study import Tried
from studio.training import help, records
from studio.worker import kinds

SWEEPS = "Sweeps"
FIRST = 15  # trials that are shown at once, the best
STATES = {"done": "done", "stopped": "stopped: worse than most", "failed": "failed",
          "running": "running"}  # fmt: skip


def one(studio: workflows.Studio) -> None:
    """The chosen sweep, or a word on how to begin one."""
    jobs = {job.kept.get("sweep", ""): job for job in _jobs(studio)[::-1]}
    for job in _jobs(studio):
        if not job.ended:
            ui.job_box(job.id)
    found = {sweep.id: sweep for sweep in trying.sweeps(studio.home)}
    if not found:
        st.info(
            "No settings were tried yet. Under New, switch on “Try several settings”: the studio "
            "trains with some of them, one after the other, and shows here which suit."
        )
        return

    def spoken(id: str) -> str:
        sweep = found[id]
        return f"{sweep.wish.style} · {ui.moment(sweep.at)} · {sweep.wish.trials} trials"

    id = st.selectbox("Sweep", list(found), format_func=spoken, key="sweep", bind="query-params")
    job = jobs.get(id)
    if job and job.state in ("failed", "cancelled"):
        st.warning(f"{ui.plain(job.error or '')} {ui.plain(job.remedy or '')}")
        st.button("Go on with it", icon=":material/resume:", on_click=_again, args=(job.id,),
                  **ui.only("train"))  # fmt: skip
    going = job is not None and not job.ended
    st.fragment(_trials, run_every=5.0 if going else None)(id, found[id])


def _jobs(studio: workflows.Studio) -> list[Job]:
    return queue.listing(studio.engine, kind="sweep")


def _trials(id: str, sweep: trying.Sweep) -> None:
    tried = study.read(sweep.folder)
    ended = [one for one in tried if one.loss is not None]
    tried_of = ", ".join(f"{help.HELP[n].label}: {r}" for n, r in sweep.wish.ranges.items())
    st.caption(f"{len(ended)} of {sweep.wish.trials} trials have ended. {ui.plain(tried_of)}.")
    if not ended:
        st.caption("The charts come with the first trials.")
        return
    st.header("What was tried, and how it went")
    st.vega_lite_chart(charts.parallel(tried), key=f"parallel-{id}")
    st.caption(
        "A line is a trial. Lower held-out loss is better: its guesses on pictures that it did "
        "not learn from are less wrong. The two on the right are better higher."
    )
    left, right = st.columns([3, 2])
    with left:
        st.header("Style against prompts")
        st.vega_lite_chart(charts.trade_off(tried), key=f"trade-{id}")
    with right:
        st.header("Which to keep")
        best = min(ended, key=lambda one: one.loss or 0)
        front = ", ".join(map(str, sorted(charts.front(tried))))
        st.markdown(
            f"Trial {best.number} guesses best. Of style and prompts, no other trial is better "
            f"in both than {front}. Drawn from few pictures, they tell a direction: make a few "
            "of them versions, and judge those by votes."
        )
    st.header("Trials")
    ranked = sorted(tried, key=lambda one: (one.loss is None, one.loss))
    if len(ranked) > FIRST and not st.toggle(f"Show all {len(ranked)}", key=f"all-{id}"):
        ranked = ranked[:FIRST]
    for one in ranked:
        _trial(sweep, one)


def _trial(sweep: trying.Sweep, one: Tried) -> None:
    """A trial with its previews and the button that makes it a version."""
    training = records.find(ui.opened().home, one.run)
    said = " · ".join(f"{help.HELP[n].label} {value:.3g}" for n, value in one.values.items())
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            loss = "" if one.loss is None else f" · held-out loss {one.loss:.4f}"
            st.markdown(f"**Trial {one.number}** · {ui.plain(said + loss)} · {STATES[one.state]}")
            if training and training.version:
                where = {"style": sweep.wish.style, "version": str(training.version)}
                label = f"Version {training.version}"
                st.page_link("pages/Evaluate.py", label=label, query_params=where)
            elif one.state in ("done", "stopped"):
                st.button("Make it a version", key=f"keep-{sweep.id}-{one.number}",
                          icon=":material/add:", on_click=_keep, args=(sweep, one.number),
                          **ui.only("train"))  # fmt: skip
        if training and (steps := records.preview_steps(training)):
            where = f"/picture/preview/{training.style}/{training.run}"
            ui.pictures(
                [
                    ui.Shown(f"{where}/{p.file}", p.prompt, p.width, p.height)
                    for p in records.previews(training, steps[-1])
                ],
                side=96,
            )
        if one.says:
            st.caption(ui.plain(one.says))


def _keep(sweep: trying.Sweep, number: int) -> None:
    studio = ui.opened()
    acting = replace(studio, settings=replace(studio.settings, user=ui.person()))
    try:
        made = trying.keep(acting, sweep, number)
        cards.write(acting, made.style, made.number)
        st.toast(f"{ui.plain(made.style)} version {made.number} is a candidate.")
    except StudioError as error:
        st.session_state["refused"] = error


def _again(id: int) -> None:
    studio, who = ui.opened(), ui.person()
    try:
        key = f"again:{id}"
        kinds.again(studio, id, asked_by=who, now=workflows.now(), key=key)
    except StudioError as error:
        st.session_state["refused"] = error

"""A sweep: how far it is, what was tried and how it went, and which trial becomes a version."""

from dataclasses import replace

import streamlit as st

from pages.train import machine_load, reused_settings
from studio import context
from studio.errors import StudioError
from studio.jobs import queue
from studio.jobs.table import Job
from studio.training import setting_help, training_folders
from studio.training.config import load_config
from studio.web import addresses, job_boxes, session, ui
from studio.worker import submit
from studio.workflows import model_cards
from studio.workflows.sweeps import charts, cost, disk_cleanup, ranges, study, sweep_run
from studio.workflows.sweeps.study import Tried

SWEEPS = "Sweeps"
SEVERAL = "Tries several settings, one after the other, and shows which suit."
ASKED = "asked-sweep"  # the job of a sweep that this person has just asked for
FIRST = 15  # trials that are shown at once, the best
STATES = {
    "done": "done",
    "stopped": "cut short: worse than most",
    "failed": "failed",
    "running": "running",
}
MEANS = """
- **Style similarity**: how much its pictures look like your own art, from 0 to 1. Too high can
  also mean that it copies.
- **Prompt adherence (CLIP)**: whether a red potion is red and a potion, as a program
  reads it that knows pictures and words (CLIP).
- **Validation loss**: how wrong it is about pictures of yours that it did not learn from. Rising
  means overfitting: pictures are learned by heart.

Every trial draws the same eight prompts from the same seeds and is measured on the same pictures:
only the settings differ.
"""


def one(studio: context.Studio) -> None:
    """The chosen sweep, or a word on how to begin one."""
    known = _jobs(studio)
    jobs = {job.kept.get("sweep", ""): job for job in known[::-1]}
    for job in known:
        if not job.ended:
            job_boxes.show(job.id)
            machine_load.shown(job)
    found = {sweep.id: sweep for sweep in sweep_run.sweeps(studio.home)}
    st.session_state["sweeps-drawn"] = list(found)
    if any(not job.ended and job.kept.get("sweep") not in found for job in known):
        _soon()
    if not found:
        if all(job.ended for job in known):
            st.info(
                "No settings were tried yet. Under New, switch on “Hyperparameter sweep”: the "
                "studio trains with some of them, one after the other, and shows here which suit."
            )
        else:
            st.caption("What is tried, and how it goes, comes here as soon as it has begun.")
        return
    asked = next((job for job in known if job.id == st.session_state.get(ASKED)), None)
    if asked and asked.kept.get("sweep") in found:
        st.session_state["sweep"] = asked.kept["sweep"]
        del st.session_state[ASKED]

    def spoken(id: str) -> str:
        sweep = found[id]
        return f"{sweep.wish.style} · {ui.moment(sweep.at)} · {sweep.wish.trials} trials"

    ui.gone("sweep", found, "sweep {}")
    field = addresses.one_of("sweep", list(found), once=spoken)
    id = st.selectbox("Sweep", list(found), format_func=spoken, **field)
    its = jobs.get(id)
    if its and its.state in ("failed", "cancelled"):
        st.warning(f"{ui.plain(its.error or '')} {ui.plain(its.remedy or '')}")
        st.button(
            "Resume",
            icon=":material/resume:",
            on_click=_again,
            args=(its.id,),
            **ui.only("train"),
        )
    going = its is not None and not its.ended
    st.fragment(_trials, run_every=5.0 if going else None)(id, found[id], going)


@st.fragment(run_every=2.0)
def _soon() -> None:
    """Draws the page anew once a sweep that was asked for is there."""
    found = [sweep.id for sweep in sweep_run.sweeps(session.studio().home)]
    if found != st.session_state.get("sweeps-drawn"):
        st.rerun()


def _jobs(studio: context.Studio) -> list[Job]:
    return queue.listing(studio.engine, kind="sweep")


def _advice(tried: list[Tried]) -> str:
    """Which trials to look at, and why, in words."""
    ended = [one for one in tried if one.loss is not None]
    best = min(ended, key=lambda one: one.loss or 0)
    if len(ended) == 1:
        return (
            f"**Trial {best.number}** has a validation loss of {best.loss:.4f}. What suits is told "
            "as soon as there is another one to compare it with."
        )
    losses = sorted(one.loss or 0 for one in ended)
    said = [
        f"**Trial {best.number}** has the lowest validation loss, {best.loss:.4f}; the middle of "
        f"all is {losses[len(losses) // 2]:.4f}."
    ]
    for start, words in (
        (charts.STYLE_FIGURE, "comes closest to your style"),
        (charts.PROMPT_FIGURE, "shows best what was asked"),
    ):
        known = [(value, one.number) for one in ended if (value := charts.figure(one, start))]
        if known:
            value, number = max(known)
            said.append(f"**Trial {number}** {words}, {value:.3g}.")
    front = sorted(charts.front(tried))
    if len(front) > 1:
        said.append(f"Of style and prompts, none is better in both than {_and(front)}.")
    elif front:
        said.append(f"In style and prompts together none is better than {front[0]}.")
    said.append(
        "These metrics are of eight pictures a trial and tell a direction, no more: make two or "
        "three of these trials versions, and have people vote on them."
    )
    return " ".join(said)


def _and(numbers: list[int]) -> str:
    return f"{', '.join(map(str, numbers[:-1]))} and {numbers[-1]}"


def _trials(id: str, sweep: sweep_run.Sweep, going: bool) -> None:
    if "refused" in st.session_state or st.session_state.get("show") != SWEEPS:
        st.rerun()  # a button here refused, or leads elsewhere: more than this part changes
    tried = study.read(sweep.folder)
    ended = [one for one in tried if one.loss is not None]
    tried_of = "; ".join(f"{setting_help.HELP[n].label} {r}" for n, r in sweep.wish.ranges.items())
    st.caption(
        f"{len(ended)} of {sweep.wish.trials} trials have ended. Tried: {ui.plain(tried_of)}."
    )
    if not ended:
        st.caption("The charts come with the first trials.")
        return
    st.header("Which to keep")
    st.markdown(_advice(tried))
    with st.container(horizontal=True):
        runs = [one.run for one in ended if one.number in disk_cleanup.chosen(tried)]
        st.page_link(
            "pages/Train.py",
            label="Their losses side by side",
            icon=":material/stacked_line_chart:",
            query_params={"show": "Side by side", "runs": ",".join(runs)},
        )
    st.header("What was tried, and how it went")
    ui.chart(charts.parallel(tried), key=f"parallel-{id}")
    st.caption(
        "A line is a trial: from the left what it was trained with, on the right how it went. The "
        "thick line is the trial with the lowest validation loss."
    )
    left, right = st.columns([3, 2])
    with left:
        st.header("Style against prompts")
        if charts.front(tried):
            ui.chart(charts.trade_off(tried), key=f"trade-{id}")
        else:
            st.caption("No trial has both metrics.")
    with right:
        st.header("What the metrics mean")
        st.markdown(MEANS)
    st.header("Trials")
    if (end := disk_cleanup.until(sweep, tried)) and not going:
        room = cost.room(disk_cleanup.size(sweep, tried))
        st.caption(
            f"Their LoRAs take {room} of the disk. Those named above and versions stay; the "
            f"others' are cleared away after {ui.moment(end.isoformat())}, metrics and previews "
            "stay."
        )
    ranked = sorted(tried, key=lambda one: (one.loss is None, one.loss))
    if len(ranked) > FIRST and not st.toggle(f"Show all {len(ranked)}", key=f"all-{id}"):
        ranked = ranked[:FIRST]
    for one in ranked:
        _trial(sweep, one)


def _trial(sweep: sweep_run.Sweep, one: Tried) -> None:
    """A trial with its previews and the button that makes it a version."""
    training = training_folders.find(session.studio().home, one.run)
    said = " · ".join(
        f"{setting_help.HELP[n].label} {value:.4g}" for n, value in one.values.items()
    )
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            loss = "" if one.loss is None else f" · validation loss {one.loss:.4f}"
            st.markdown(f"**Trial {one.number}** · {ui.plain(said + loss)} · {STATES[one.state]}")
            if training and training.version:
                where = {"style": sweep.wish.style, "version": str(training.version)}
                label = f"Version {training.version}"
                st.page_link("pages/Evaluate.py", label=label, query_params=where)
            elif one.state in ("done", "stopped") and not disk_cleanup.has_lora(sweep, one):
                st.caption("LoRA cleared away")
            elif one.state in ("done", "stopped"):
                st.button(
                    "Make it a version",
                    key=f"keep-{sweep.id}-{one.number}",
                    icon=":material/add:",
                    on_click=_keep,
                    args=(sweep, one.number),
                    **ui.only("train"),
                )
            if one.state in ("done", "stopped"):
                st.button(
                    "Train with these",
                    key=f"these-{sweep.id}-{one.number}",
                    icon=":material/tune:",
                    on_click=_these,
                    args=(sweep, one),
                    **ui.only("train", help="Fills them in under New, where you may change more."),
                )
        if training and (steps := training_folders.preview_steps(training)):
            address = f"/picture/preview/{training.style}/{training.run}"
            ui.pictures(
                [
                    ui.Shown(f"{address}/{p.file}", p.prompt, p.width, p.height)
                    for p in training_folders.previews(training, steps[-1])
                ],
                side=96,
            )
        if one.says:
            st.caption(ui.plain(one.says))


def _keep(sweep: sweep_run.Sweep, number: int) -> None:
    studio = session.studio()
    acting = replace(studio, settings=replace(studio.settings, user=ui.person()))
    try:
        made = sweep_run.keep(acting, sweep, number)
        model_cards.write(acting, made.style, made.number)
        st.toast(f"{ui.plain(made.style)} version {made.number} is a candidate.")
    except StudioError as error:
        st.session_state["refused"] = error


def _these(sweep: sweep_run.Sweep, one: Tried) -> None:
    """Turn to a new training with a trial's settings; it begins when somebody says so."""
    wish = sweep.wish
    try:
        config = ranges.chosen(load_config(wish.preset, None, wish.settings), one.values)
        reused_settings.fill(wish.style, wish.dataset, wish.preset, config)
    except StudioError as error:
        st.session_state["refused"] = error


def _again(id: int) -> None:
    studio, who = session.studio(), ui.person()
    try:
        key = f"again:{id}"
        submit.again(studio, id, asked_by=who, now=context.now(), key=key)
    except StudioError as error:
        st.session_state["refused"] = error

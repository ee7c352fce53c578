"""One training: how far it is, its losses, its previews, what it says, and how to go on with it."""

import streamlit as st
from mlflow.exceptions import MlflowException

from pages.train import checkpoint_choice, machine_load
from studio import context
from studio.diffusion import base_offers
from studio.errors import StudioError
from studio.jobs import queue, workers
from studio.jobs.table import Job
from studio.operations import health
from studio.training import disk_cleanup, loss_chart, progress_line, training_folders
from studio.web import addresses, job_boxes, record_cache, session, ui
from studio.worker import submit

WATCH = "Watch"
LOSS_HELP = "How wrong its guesses are. Flat is enough."


def show(id: int) -> None:
    """Turn to this training. For callbacks, in which an address would not reach the browser."""
    st.session_state["show"], st.session_state["watched"] = WATCH, id


def one(studio: context.Studio) -> None:
    """One training: how far, its losses, its previews, what it says."""
    jobs = {job.id: job for job in queue.listing(studio.engine, kind="train", limit=50)}
    wanted = _older(studio, jobs)
    if not jobs:
        st.info("Nobody has started a training here yet. Begin one under New.")
        return
    ids = list(jobs)
    at_work = [id for id in ids if jobs[id].state == "running"]
    first = wanted if wanted in ids else [*at_work, *ids][0]

    def spoken(id: int) -> str:
        job = jobs[id]
        ended = f" · {job.state}" if job.ended else ""
        return f"{job.payload['style']} · {ui.moment(job.asked_at)}{ended}"

    chosen = addresses.one_of("job", ids, first=first, key="watched")
    id = st.selectbox("Training", ids, format_func=spoken, **chosen)
    job_boxes.show(id)
    job = jobs[id]
    if job.state == "queued" and not workers.alive(studio.engine, context.now()):
        st.warning("No worker answers. The training begins as soon as one is started.")
    with st.container(horizontal=True):
        if job.state in ("failed", "cancelled"):
            st.button(
                "Resume",
                icon=":material/resume:",
                on_click=_again,
                args=(id,),
                **ui.only("train"),
            )
        if job.state == "done" and job.result:
            _next(str(job.payload["style"]), int(job.result["number"]))
    if job.state in ("failed", "cancelled"):
        _kept_until(studio, job)
    st.fragment(_live, run_every=None if job.ended else 2.0)(id)


def _next(style: str, number: int) -> None:
    """What to do with the version that it became."""
    version = next((v for v in record_cache.versions(style) if v.number == number), None)
    there = {"style": style, "version": str(number)}
    label = f"Look at version {number} beside others"
    if version and not version.metrics:
        label = f"Next: measure version {number}"
    st.page_link("pages/Evaluate.py", label=label, icon=":material/straighten:", query_params=there)


def _older(studio: context.Studio, jobs: dict[int, Job]) -> int:
    """The job that the address names, brought to the others; that there is none is said."""
    named, number = st.query_params.get("job", ""), ui.number_of("job")
    if not named:
        return 0
    if number in jobs:
        return number
    try:
        job = queue.get(studio.engine, number or 0)
    except StudioError:
        job = None
    if job is None or job.kind != "train":
        st.warning(f"There is no training {ui.plain(named[:80])}; here is the newest.")
        return 0
    jobs[job.id] = job
    return job.id


def _again(id: int) -> None:
    """Go on with a training that was cut off, or ask for the same once more."""
    studio, who = session.studio(), ui.person()
    try:
        key = f"again:{id}"
        show(submit.again(studio, id, asked_by=who, now=context.now(), key=key).id)
    except StudioError as error:
        st.session_state["refused"] = error


def _kept_until(studio: context.Studio, job: Job) -> None:
    """Until when one that was cut off can be resumed."""
    training = training_folders.find(studio.home, job.kept.get("run") or job.payload.get("run", ""))
    if training and disk_cleanup.cleared(training.folder):
        st.caption("Its checkpoints were cleared away: resuming begins anew.")
    elif training and (end := disk_cleanup.until(training.folder)):
        st.caption(f"Its checkpoints are kept until {ui.moment(end.isoformat())}.")


def _live(id: int) -> None:
    """What changes while it runs; drawn anew every two seconds until it has ended."""
    studio = session.studio()
    job = queue.get(studio.engine, id)
    training = training_folders.find(studio.home, job.kept.get("run") or job.payload.get("run", ""))
    if standing := progress_line.read(job.says):
        _standing(standing, ended=job.ended)
    machine_load.shown(job)
    left, right = st.columns(2)
    with left:
        st.header("Training loss", help=LOSS_HELP)
        points = training_folders.losses(training) if training else []
        if points:
            ui.chart(loss_chart.losses({"loss": points}), key=f"loss-{id}")
            st.caption("Raw faint, smoothed bold.")
        else:
            st.caption("The first losses come when the pictures are read and a few steps are done.")
            _fetching(job)
    with right:
        st.header("Previews")
        steps = training_folders.preview_steps(training) if training else []
        if training and steps:
            _previews(training, steps)
        else:
            st.caption("Pictures drawn on the way come here.")
    if training:
        checkpoint_choice.checkpoint(training, ended=job.ended)
    if training and (experiment := _experiment(training.run)):
        where = f"#/experiments/{experiment}/runs/{training.run}"
        address = f"{health.mlflow_address(studio.settings)}/{where}"
        st.link_button("This run in MLflow", address, icon=":material/open_in_new:")
    with st.expander("Log"):
        st.code(queue.read_log(studio.home, job)[-6000:] or "Nothing yet.", language=None)


def _standing(at: progress_line.Standing, ended: bool) -> None:
    step, left, speed = st.columns(3)
    step.metric("Step", f"{at.step:,} of {at.steps:,}")
    left.metric("Time left", "none" if ended else at.left)
    speed.metric("Speed", f"{at.speed:.3g} pictures/s")


def _fetching(job: Job) -> None:
    """How far the base has come from where it is fetched, while it is not here yet."""
    offer = base_offers.known(str(job.payload.get("settings", {}).get("base")))
    if offer and not job.ended and (share := base_offers.fetched(offer)) < 0.99:
        st.progress(
            share,
            f"Fetching {offer.label}: {share * offer.size / 1e9:.1f} of {offer.size / 1e9:.1f} GB",
        )


@st.cache_data(max_entries=500, show_spinner=False)
def _experiment(run: str) -> str:
    """Where MLflow keeps the run; empty where it does not answer or has lost it."""
    try:
        return str(session.studio().client.get_run(run).info.experiment_id)
    except MlflowException:
        return ""


def _previews(training: training_folders.Training, steps: list[int]) -> None:
    """The previews of one step; the newest, until somebody looks at an earlier one."""
    key, newest = f"step-{training.run}", f"newest-{training.run}"
    if st.session_state.get(key) in (None, st.session_state.get(newest)):
        st.session_state[key] = steps[-1]
    st.session_state[newest] = steps[-1]
    step = st.select_slider("Step", steps, key=key) if len(steps) > 1 else steps[0]
    where = f"/picture/preview/{training.style}/{training.run}"
    ui.pictures(
        [
            ui.Shown(f"{where}/{p.file}", p.prompt, p.width, p.height)
            for p in training_folders.previews(training, step)
        ],
        side=128,
    )

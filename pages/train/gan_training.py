"""GANs: a new training of one, and how one goes, with the grid of each epoch."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import streamlit as st

from studio import context
from studio.datasets import manifests
from studio.errors import StudioError
from studio.gan import ini_files
from studio.gan.settings import DEFAULTS, MODELS, GanSettings, load
from studio.jobs import idempotency, queue
from studio.jobs.table import Job
from studio.web import addresses, job_boxes, record_cache, session, ui
from studio.web.markup import Shown
from studio.worker import submit
from studio.workflows import gan_progress
from studio.workflows.gan_task import BATCH

GAN = "GAN"
# Fields of the form; all others are given as text, one a line.
FIELDS = ("base_width", "base_height", "upsample_layers", "num_epochs", "batch_size")
LABELS = {
    "base_width": "Base width",
    "base_height": "Base height",
    "upsample_layers": "Doublings",
    "num_epochs": "Epochs",
    "batch_size": "Batch size",
}


def show(studio: context.Studio) -> None:
    """The form of a new one, and below the one that is watched."""
    st.caption(
        "A generator of your own, learned from your pictures alone, without a base or prompts: "
        "thousands of sprites by seed. For things with names train a LoRA."
    )
    with st.expander("New GAN", expanded=not _jobs(studio)):
        _form(studio)
    _watch(studio)


def _form(studio: context.Studio) -> None:
    names = manifests.names(studio.home)
    if not names:
        st.info("A training learns from a dataset, and there is none yet.")
        return
    left, middle, right = st.columns(3)
    name = left.selectbox("Dataset", names, key="gan-data")
    known = sorted({version.style for version in record_cache.versions()})
    style = middle.selectbox(
        "Style",
        known,
        index=None,
        accept_new_options=True,
        placeholder="Choose one, or type a new name",
        key="gan-style",
    )
    model = right.segmented_control(
        "Model", MODELS, default=MODELS[0], required=True, key="gan-model"
    )
    usual = GanSettings(**DEFAULTS[str(model)])
    values: dict[str, Any] = {"model_type": model}
    for column, field in zip(st.columns(len(FIELDS)), FIELDS, strict=True):
        values[field] = column.number_input(
            LABELS[field], min_value=1, value=getattr(usual, field), key=f"gan-{model}-{field}"
        )
    text = st.text_area(
        "Other settings",
        placeholder="gamma = 2\nclass_conditional = no",
        help="One a line, NAME = VALUE, as in docs/gan.md.",
        height=90,
        key="gan-others",
    )
    file = st.file_uploader(
        "Or an ini file of the older trainer", type=["ini"], key="gan-file", **ui.only("train")
    )
    try:
        found = _settings(values, text, file)
    except StudioError as error:
        ui.failed(error)
        return
    data = record_cache.dataset(name, manifests.heads(studio.home, name)[0].version)
    wide, high = found.size
    st.caption(
        f"{len(data.pictures):,} pictures, drawn at {wide} x {high} by {found.model_type}, "
        f"{found.num_epochs:,} epochs."
    )
    if st.button(
        "Start training",
        type="primary",
        icon=":material/play_arrow:",
        key="gan-start",
        **ui.only("train", not style),
    ):
        asked = {"style": style, "dataset": name, "settings": asdict(found)}
        _ask(studio, asked)


def _settings(values: dict[str, Any], text: str, file: Any) -> GanSettings:
    """The settings of the form; a file's stand for all of it but the lines of text."""
    given = [(name, value, LABELS.get(name, name)) for name, value in values.items()]
    if file is not None:
        given = ini_files.parse(file.getvalue().decode("utf-8", "replace"), file.name)
    for line in filter(None, map(str.strip, text.splitlines())):
        name, equals, value = line.partition("=")
        if not equals:
            raise StudioError(f"{line[:80]!r} has no value.", "Write NAME = VALUE.")
        given.append((name.strip(), value.strip(), name.strip()))
    return load(given)


def _ask(studio: context.Studio, asked: dict[str, Any]) -> None:
    who = ui.person()
    key = idempotency.key(studio.engine, "gan", asked, who)
    try:
        job = submit.ask(studio, "gan", asked, asked_by=who, now=context.now(), key=key)
    except StudioError as error:
        ui.failed(error)
        return
    st.session_state["gan-watched"] = job.id
    st.rerun()


def _jobs(studio: context.Studio) -> dict[int, Job]:
    return {job.id: job for job in queue.listing(studio.engine, kind="gan", limit=50)}


def _watch(studio: context.Studio) -> None:
    jobs = _jobs(studio)
    if not jobs:
        st.info("Nobody has trained a GAN here yet.")
        return

    def spoken(id: int) -> str:
        job = jobs[id]
        ended = f" · {job.state}" if job.ended else ""
        return f"{job.payload['style']} · {ui.moment(job.asked_at)}{ended}"

    ids = list(jobs)
    chosen = addresses.one_of("gan", ids, first=ids[0], key="gan-watched")
    id = st.selectbox("Training", ids, format_func=spoken, **chosen)
    job_boxes.show(id)
    job = jobs[id]
    if job.state == "done" and job.result:
        there = {"style": str(job.payload["style"]), "version": str(job.result["number"])}
        label = f"Measure version {job.result['number']}"
        st.page_link("pages/Evaluate.py", label=label, query_params=there)
    if job.state in ("failed", "cancelled"):
        st.button(
            "Resume",
            icon=":material/resume:",
            key="gan-resume",
            on_click=_again,
            args=(id,),
            **ui.only("train"),
        )
    st.fragment(_live, run_every=None if job.ended else 2.0)(id)


def _again(id: int) -> None:
    """Go on with a training that was cut off."""
    studio, who = session.studio(), ui.person()
    try:
        key = f"again:{id}"
        job = submit.again(studio, id, asked_by=who, now=context.now(), key=key)
        st.session_state["gan-watched"] = job.id
    except StudioError as error:
        st.session_state["refused"] = error


def _live(id: int) -> None:
    """What changes while it runs; drawn anew every two seconds until it has ended."""
    studio = session.studio()
    job = queue.get(studio.engine, id)
    style, run = str(job.payload["style"]), str(job.kept.get("run") or "")
    folder = gan_progress.place(studio.home, style, run)
    left, right = st.columns(2)
    with left:
        st.header("Epochs", help="The same 64 seeds after each epoch.")
        if folder is None or not _grids(folder, style, run):
            st.caption("The first pictures come after an epoch.")
    with right:
        checks = gan_progress.checks(folder) if folder else []
        st.header("Checks", help="KID falls, Vendi and coverage rise. Losses hide a collapse.")
        if checks:
            for name in ("kid", "vendi", "coverage"):
                ui.chart(gan_progress.chart(checks, [name], 130), key=f"gan-{name}-{id}")
        else:
            st.caption("The first check comes after some hundred steps.")
        if folder and (rows := gan_progress.figures(folder)):
            st.header("Losses")
            ui.chart(gan_progress.chart(rows, ["d_loss", "g_loss"]), key=f"gan-losses-{id}")
    with st.expander("Log"):
        st.code(queue.read_log(studio.home, job)[-6000:] or "Nothing yet.", language=None)


def _grids(folder: Path, style: str, run: str) -> bool:
    """The grid of one epoch; the newest, until somebody looks at an earlier one."""
    found = gan_progress.grids(folder)
    if not found:
        return False
    key, newest = f"grid-{run}", f"newest-grid-{run}"
    steps = [one.step for one in found]
    if st.session_state.get(key) in (None, st.session_state.get(newest)):
        st.session_state[key] = steps[-1]
    st.session_state[newest] = steps[-1]
    epochs = {one.step: f"epoch {one.epoch:,}" for one in found}
    step = (
        st.select_slider("Epoch", steps, format_func=epochs.__getitem__, key=key)
        if len(steps) > 1
        else steps[0]
    )
    name = next(one.file for one in found if one.step == step)
    where = f"/picture/gan/{style}/{run}"
    ui.pictures([Shown(f"{where}/{name}", epochs[step], alt="The same seeds")], side=560)
    if (folder / BATCH).is_file():
        with st.expander("What it learns from"):
            ui.pictures(
                [Shown(f"{where}/{BATCH}", "the first batch", alt="Real pictures")], side=560
            )
    return True

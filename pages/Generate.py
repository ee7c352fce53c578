"""Draw with a style: what is in production loads by itself; below, the newest pictures."""

import secrets
from typing import Any

import streamlit as st

from pages.gallery import address
from pages.generate import draft, form, newest, variations
from pages.generate.beginning import easel, is_part
from pages.generate.picture_walls import wall
from pages.picture import repeated
from pages.upscale import which as enlarging
from studio import context
from studio.assets.search import Wanted
from studio.errors import StudioError
from studio.generation import forming, gallery_table, seam_verdicts
from studio.jobs import idempotency, queue, workers
from studio.jobs.table import Job
from studio.web import job_boxes, page_frame, record_cache, session, ui
from studio.web.markup import Shown
from studio.worker import submit
from studio.workflows.model_kinds import table as kinds

AROUND = 330  # pixels of the window's height that a repeated picture does not get


def ask(payload: dict[str, Any]) -> None:
    """Ask for the pictures, however often the button is hit, and show them."""
    studio, who = session.studio(), ui.person()
    key = idempotency.key(studio.engine, "generate", payload, who)
    seed = secrets.randbelow(2**31) if payload["seed"] is None else payload["seed"]
    seeded = {**payload, "seed": seed}
    try:
        job = submit.ask(studio, "generate", seeded, asked_by=who, now=context.now(), key=key)
        st.query_params["job"] = str(job.id)
    except StudioError as error:
        ui.failed(error)


@st.fragment(run_every=0.7)
def on_its_way(job: Job) -> None:
    """The picture that is drawn now, as far as it is."""
    home, asked = session.studio().home, job.payload
    file = forming.of_job(home, asked.get("style") or "", asked.get("version") or 0, job.id)
    if file.is_file():
        at = file.stat().st_mtime_ns
        shown = Shown(f"/picture/forming/{job.id}?at={at}", alt="The picture on its way")
        ui.pictures([shown], 160)


def latest(studio: context.Studio, side: int = 256) -> None:
    """The pictures just asked for: how far, then large, at most `side` pixels each."""
    wanted = ui.number_of("job")
    if wanted is None:
        ui.gone("job", (), "job {}")
        style = st.session_state.get("style", "")
        newest = gallery_table.search(studio.engine, Wanted(style=style), size=4).found
        st.caption(
            "What you draw appears here. Ctrl+Enter draws."
            + (f" The newest of {ui.plain(style)}:" if newest else "")
        )
        if newest:
            wall(newest, key="latest", side=side)
        return
    job = queue.get(studio.engine, wanted)
    if job.state != "done":
        job_boxes.show(job.id)
        if not job.ended:
            on_its_way(job)
        if not job.ended and not workers.alive(studio.engine, context.now()):
            st.warning("No worker answers, so this waits until one is started. Admin tells more.")
    drawn = gallery_table.search(studio.engine, Wanted(job=job.id), size=16).found
    if drawn and repeated.is_on():
        repeated.show(drawn, key="latest-repeated", around=AROUND)
    elif drawn:
        wall(drawn, key="latest", side=side if len(drawn) < 5 else min(side, 160))
    if drawn:
        if said := seam_verdicts.counted(one.seams for one in drawn):
            st.caption(said)
        with st.container(horizontal=True, vertical_alignment="bottom"):
            repeated.switch()
            st.page_link(
                "pages/Upscale.py",
                label="Enlarge" if len(drawn) == 1 else f"Enlarge {len(drawn)}",
                icon=":material/zoom_out_map:",
                query_params=enlarging.of_chosen([one.id for one in drawn]),
            )
            st.page_link(
                "pages/Props.py",
                label="Make a prop of it" if len(drawn) == 1 else f"Make {len(drawn)} props",
                icon=":material/deployed_code:",
                query_params=enlarging.of_chosen([one.id for one in drawn]),
            )


address.lead_on()
with page_frame.page("Generate", "Draw with what the style has learned.") as studio:
    draft.take_over()
    found = record_cache.versions()
    if not any(map(kinds.draws, found)):
        st.info("There is no style yet. A style is learned from pictures of yours.")
        st.page_link("pages/Train.py", label="Train the first", icon=":material/model_training:")
        st.stop()
    if variations.which(found) == variations.VARIATIONS:
        variations.show(studio, found)
        st.stop()
    left, right = st.columns([5, 7], gap="large")
    with left:
        if asked := form.asked(found):
            with asked.beside:
                ask(asked.payload)
    with right:
        if is_part():
            if "job" in st.query_params:
                latest(studio, side=112)
            easel()
        else:
            latest(studio)
    newest.strip(studio)

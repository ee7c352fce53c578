"""What the same keys do wherever one picture is shown: V draws others like it, I begins from it."""

from __future__ import annotations

import secrets

import streamlit as st

from pages.gallery import refusals
from studio import context
from studio.errors import StudioError
from studio.generation import variations
from studio.generation.gallery_table import Picture
from studio.jobs.table import Job
from studio.numbers import SEEDS
from studio.web import record_cache, session, ui
from studio.worker import submit
from studio.workflows.model_kinds import table as kinds


def drawn_on(picture: Picture) -> None:
    """The two buttons, and where the variations asked for last can be seen."""
    st.button(
        "Four variations",
        icon=":material/auto_awesome:",
        shortcut="V",
        on_click=vary,
        args=(picture,),
        **ui.only("generate", help="Others like it: they begin from it, with seeds of their own."),
    )
    if st.button("Begin from it", icon=":material/image:", shortcut="I", **ui.only("generate")):
        st.switch_page("pages/Generate.py", query_params={"from": picture.id})
    if job := st.session_state.get("varied"):
        st.page_link(
            "pages/Gallery.py",
            label="See the variations",
            icon=":material/arrow_forward:",
            query_params={"job": str(job)},
        )


def vary(picture: Picture) -> None:
    """Ask for variations; the person goes on where they are."""
    with refusals.kept():
        job = _asked(picture)
        st.session_state["varied"] = job.id
        st.toast("Four variations are being drawn.", icon=":material/auto_awesome:")


def _asked(picture: Picture) -> Job:
    studio, who = session.studio(), ui.person()
    named = (v for v in record_cache.versions(picture.style) if v.number == picture.version)
    version = next(named, None)
    begins = version is None or kinds.takes(version, "start")
    seed = secrets.randbelow(SEEDS)
    try:
        asked = variations.variations(studio.home, picture, seed=seed, by=who, begins=begins)
    except OSError as error:
        raise StudioError(f"The file of picture {picture.id} is gone.", "Draw it again.") from error
    return submit.ask(studio, "generate", asked, asked_by=who, now=context.now())

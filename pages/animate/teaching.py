"""A sheet's frames into a dataset, each with its phase in the caption, for a LoRA of effects."""

from __future__ import annotations

from typing import Any

import streamlit as st

from pages.gallery import refusals
from studio import context
from studio.datasets import manifests
from studio.sheets import phases
from studio.web import drafts, session, ui
from studio.web.drafts import Draft
from studio.workflows import sheet_to_dataset
from studio.workflows.animation_files import Kept
from studio.workflows.sheet_to_dataset import RIGHT, HandedOn, Provenance

DONE = "animate-handed-on"  # what came of the button, told in the run after it


def show(studio: context.Studio, kept: Kept) -> None:
    """The fields, the button, and what was added."""
    saved: dict[str, Any] = {
        **{name: "" for name in ("caption", "source", "author", "licence")},
        "dataset": None,
        "phases": phases.USUAL,
        "black": False,
    }
    with st.expander("Frames into a dataset"):
        begun = drafts.begin(f"animate/dataset/{kept.asset.id}", saved)
        st.caption(
            "A style that learns from cut animations is asked for a phase each: "
            f"“{ui.plain(kept.asset.name)}, phase 3 of 8”. Frames that nothing is on, that no tag "
            "has, or that look as one before are left out."
        )
        left, right = st.columns(2)
        left.selectbox(
            "Dataset",
            manifests.names(studio.home),
            index=None,
            accept_new_options=True,
            placeholder="Choose one, or type a new name",
            **_field(begun, "dataset", "Its next version has the frames, too."),
        )
        right.number_input(
            "Phases", 1, phases.MOST, **_field(begun, "phases", "Parts of time that captions count")
        )
        left.text_input("Caption", **_field(begun, "caption", "What all frames show; its name."))
        right.text_input("Source", **_field(begun, "source", "Where they are from"))
        left.text_input("Author", **_field(begun, "author", "Who drew them"))
        right.text_input("Licence", **_field(begun, "licence", "Under which licence"))
        st.toggle("On black", **_field(begun, "black", "For effects that are added to the game."))
        st.button(
            "Add the frames",
            icon=":material/dataset:",
            on_click=_add,
            args=(kept.asset.id, begun),
            **ui.only(RIGHT, not drafts.value(begun, "dataset")),
        )
        drafts.tell(begun, "the frames for a dataset")
    done: HandedOn | None = st.session_state.pop(DONE, None)
    if done is not None:
        _tell(done)


def _field(begun: Draft, name: str, help: str) -> dict[str, Any]:
    return {**drafts.field(begun, name), **ui.only(RIGHT, help=help)}


def _add(sheet: str, begun: Draft) -> None:
    """As a callback."""
    told = {name: drafts.value(begun, name) for name in begun.saved}
    with refusals.kept():
        st.session_state[DONE] = sheet_to_dataset.hand_on(
            session.studio(),
            sheet,
            str(told["dataset"]).strip(),
            caption=str(told["caption"]),
            count=int(told["phases"]),
            on_black=bool(told["black"]),
            told=Provenance(*(str(told[name]) for name in ("source", "author", "licence"))),
            by=ui.person(),
            now=context.now(),
        )
        drafts.drop(begun)


def _tell(done: HandedOn) -> None:
    version = done.added.version
    st.success(
        f"{len(done.added.new):,} frames were added to {ui.plain(version.name)}, {done.left:,} "
        "left out. Once it is trained, ask for these, one picture each:"
    )
    st.code("\n".join(done.captions), language=None)
    for warning in done.added.warnings:
        st.caption(ui.plain(warning))
    st.page_link("pages/Datasets.py", label="See the dataset", query_params={"set": version.name})

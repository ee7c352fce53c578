"""Datasets: bring pictures in, look them through, describe them, freeze versions."""

import streamlit as st

from pages.datasets import (
    caption_proposals,
    consent,
    dataset_statistics,
    growth,
    mask_editor,
    picture_grid,
    presentation_form,
    tab_state,
    upload,
    version_comparison,
    version_history,
)
from studio import context
from studio.datasets import manifests
from studio.datasets.folder_import import import_folder
from studio.settings import CHECKOUT
from studio.web import page_frame, ui

PARTS = {
    "Pictures": picture_grid.tab,
    "Add": upload.tab,
    "Captions": caption_proposals.tab,
    "Masks": mask_editor.tab,
    "Grow": growth.tab,
    "Statistics": dataset_statistics.tab,
    "Consent": consent.tab,
    "Compare": version_comparison.tab,
    "Look": presentation_form.tab,
    "Versions": version_history.tab,
}


def gone(names: list[str]) -> None:
    """Say so when the address names a dataset that is not there; links outlive things."""
    asked = st.query_params.get("set")
    if asked and asked not in names:
        st.session_state["gone"] = asked[:80]
    if missing := st.session_state.get("gone"):
        st.warning(
            f"There is no dataset {ui.plain(missing)} any more.", icon=":material/search_off:"
        )


def chosen() -> None:
    """Another dataset: its filters and pictures are others, the tab stays."""
    st.session_state.pop("gone", None)
    st.session_state.update(tab_state.ALL)
    for key in ("version", "picture", "mask", "before", "after"):
        st.query_params.pop(key, None)


def first(studio: context.Studio) -> None:
    """The first visit: nothing is there yet."""
    st.info(
        "No dataset yet. Drop the pictures of your style below: twenty show what a style is, "
        "fifty are better. Or look around with the sample that comes with the studio.",
        icon=":material/add_photo_alternate:",
    )
    if st.button("Take the sample", icon=":material/redeem:", **ui.only("edit datasets")):
        folder = CHECKOUT / "sample" / "train"
        import_folder(studio.home, "sample", folder, now=context.now(), actor=ui.person())
        st.rerun()
    upload.tab(studio, None)


with page_frame.page("Datasets", "The pictures a style is learned from, in versions.") as studio:
    names = manifests.names(studio.home)
    gone(names)
    if not names:
        first(studio)
        st.stop()
    if (arrived := upload.arrived(studio)) in names:
        st.session_state["set"] = arrived
    st.session_state.pop("redraw", None)
    tab_state.seed("set", names[0], names)
    st.selectbox("Dataset", names, key="set", width=360, on_change=chosen)
    name = tab_state.note("set")
    upload.told(studio, name)
    tab_state.seed("tab", "Pictures", list(PARTS))
    boxes = st.tabs(list(PARTS), key="tab", on_change="rerun")
    tab_state.note("tab")
    for box, part in zip(boxes, PARTS.values(), strict=True):
        if box.open:  # what is not looked at costs nothing
            with box:
                part(studio, name)

"""Datasets: bring pictures in, look them through, describe them, freeze versions."""

import streamlit as st

from pages.datasets import (
    adding,
    comparing,
    consent,
    describing,
    growing,
    held,
    history,
    looking,
    masking,
    numbers,
    showing,
)
from studio import context
from studio.datasets import manifests
from studio.datasets.versions import import_folder
from studio.settings import CHECKOUT
from studio.web import ui

PARTS = {
    "Pictures": looking.tab,
    "Add": adding.tab,
    "Captions": describing.tab,
    "Masks": masking.tab,
    "Grow": growing.tab,
    "Statistics": numbers.tab,
    "Consent": consent.tab,
    "Compare": comparing.tab,
    "Look": showing.tab,
    "Versions": history.tab,
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
    st.session_state.update(held.ALL)
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
    adding.tab(studio, None)


with ui.page("Datasets", "The pictures a style is learned from, in versions.") as studio:
    names = manifests.names(studio.home)
    gone(names)
    if not names:
        first(studio)
        st.stop()
    if (arrived := adding.arrived(studio)) in names:
        st.session_state["set"] = arrived
    st.session_state.pop("redraw", None)
    held.seed("set", names[0], names)
    st.selectbox("Dataset", names, key="set", width=360, on_change=chosen)
    name = held.note("set")
    adding.told(studio, name)
    held.seed("tab", "Pictures", list(PARTS))
    boxes = st.tabs(list(PARTS), key="tab", on_change="rerun")
    held.note("tab", "Pictures")
    for box, part in zip(boxes, PARTS.values(), strict=True):
        if box.open:  # what is not looked at costs nothing
            with box:
                part(studio, name)

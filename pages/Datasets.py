"""Datasets: bring pictures in, look them through, describe them, freeze versions."""

import streamlit as st

from pages.datasets import dataset_choice, new_dataset, parts, upload
from studio.datasets import manifests
from studio.web import page_frame

with page_frame.page("Datasets", "The pictures a style is learned from, in versions.") as studio:
    names = manifests.names(studio.home)
    dataset_choice.gone(names)
    dataset_choice.follow(upload.arrived(studio), names)
    if not names:
        new_dataset.first(studio)
        st.stop()
    st.session_state.pop("redraw", None)
    name = dataset_choice.choose(names)
    upload.told(studio, name)
    parts.show(studio, name)

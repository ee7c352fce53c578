"""Teach a base a style: from what, how, how long it will take, and how it goes."""

import streamlit as st

from pages.train import (
    gan_training,
    run_comparison,
    sweep_progress,
    training_form,
    training_progress,
    training_queue,
)
from studio.web import addresses, page_frame, ui

SHOWN = {
    "New": training_form.form,
    training_progress.WATCH: training_progress.one,
    training_queue.QUEUE: training_queue.queued,
    "Side by side": run_comparison.several,
    sweep_progress.SWEEPS: sweep_progress.one,
    gan_training.GAN: gan_training.show,
}

with page_frame.page("Training", "Teach a base the look of your pictures.") as studio:
    first = training_progress.WATCH if "job" in st.query_params else "New"
    show = st.segmented_control(
        "Show",
        list(SHOWN),
        required=True,
        label_visibility="collapsed",
        **addresses.one_of("show", list(SHOWN), first=first),
    )
    if refused := st.session_state.pop("refused", None):
        ui.failed(refused)
    SHOWN[show](studio)

"""That the bucket takes nothing, said to everybody: nothing is lost, and it catches up."""

from __future__ import annotations

import streamlit as st

from studio import context
from studio.outbox import place
from studio.web import ui


def told(studio: context.Studio) -> None:
    """A line while it is so, by the rows that the watcher writes."""
    noted = place.noted(studio.engine)
    if noted is None or not noted.said:
        return
    st.info(
        f"The bucket in S3 takes no files since {ui.moment(noted.since)}. Work goes on: what is "
        "made stays on this machine and goes up by itself once the bucket answers.",
        icon=":material/cloud_off:",
    )
    if ui.may("see settings"):
        st.page_link("pages/Admin.py", label="What is wrong with it", icon=":material/build:")

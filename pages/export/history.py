"""What was exported: who, when, where to, and zips to have again."""

from __future__ import annotations

import streamlit as st

from studio import context
from studio.export import records
from studio.export.profiles import ZIP
from studio.web import ui
from studio.workflows import exported

MOST = 50


def show(studio: context.Studio) -> None:
    """The newest exports, the newest first."""
    found = records.newest(studio.engine, MOST)
    if not found:
        st.info("Nothing was exported yet.")
    for one in found:
        count = f"{one.files:,} file{'' if one.files == 1 else 's'}"
        who = f"by {one.by}, {ui.moment(one.at)}"
        says = f"{one.profile} revision {one.revision} to {one.destination}, {count} written {who}"
        if one.destination == exported.FETCHED:
            says = f"{count} fetched to be edited {who}"
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(ui.plain(says))
            if one.asset and one.destination == ZIP:
                st.link_button("Zip", f"/download/export/{one.asset}", icon=":material/folder_zip:")

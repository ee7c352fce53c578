"""The settings that are in force, those that were set first."""

from __future__ import annotations

import streamlit as st

from studio import context
from studio.accounts import rights
from studio.settings import TABLE, in_force
from studio.web import ui


def shown(studio: context.Studio) -> None:
    """Every setting with its value and what it is for; secrets are hidden."""
    st.header("Settings")
    if not ui.may("see settings"):
        st.caption(f"Settings are shown to {rights.who_may('see settings')}.")
        return
    st.caption("From the environment or the file .env; the studio reads them when it starts.")
    values = in_force()
    rows = [
        {
            "setting": row.name,
            "value": values[row.name],
            "is": "set" if values[row.name] != row.default else "",
            "what it is for": row.help,
        }
        for row in TABLE
    ]
    st.dataframe(sorted(rows, key=lambda row: row["is"] == ""), hide_index=True)

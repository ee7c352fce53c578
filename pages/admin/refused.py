"""What went wrong at the door and on the way out: refusals, and notices that nobody took."""

from __future__ import annotations

import streamlit as st

from studio import context, notifications
from studio.accounts import refusal_log, rights
from studio.web import ui

MANAGE = "manage people"
COLUMNS = ("at", "who", "what", "why", "role", "asked", "address")


def shown(studio: context.Studio) -> None:
    """Both, each with a line where there is none."""
    st.header("Refused lately")
    if not ui.may(MANAGE):
        st.caption(f"What was refused is shown to {rights.who_may(MANAGE)}.")
    elif found := refusal_log.newest(studio.home):
        st.dataframe([{n: one.get(n, "") for n in COLUMNS} for one in found], hide_index=True)
    else:
        st.caption("Nothing was refused.")
    st.header("Notices that could not be sent")
    late = notifications.unsent(studio.engine)
    if not late:
        st.caption("None.")
        return
    st.dataframe(
        [
            {
                "notice": n.text,
                "of": ui.moment(n.at),
                "tries": n.attempts,
                "again": ui.moment(n.due) if n.due else "given up",
                "why": n.error,
            }
            for n in late
        ],
        hide_index=True,
    )

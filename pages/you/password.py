"""Another password for oneself."""

from __future__ import annotations

import streamlit as st

from pages.you.sessions_held import this_browser
from studio import context
from studio.accounts import people, sign_in
from studio.errors import StudioError
from studio.web import session, ui

FIELDS = {"old": "Old password", "new": "New password", "again": "The new one again"}


def form() -> None:
    """The old one, and the new one twice."""
    with st.form("password"):
        for key, label in FIELDS.items():
            st.text_input(label, type="password", key=f"password-{key}", max_chars=200)
        st.form_submit_button("Change it", on_click=_change)


def _change() -> None:
    """Every other session of the person ends, and all tokens."""
    me, state, engine, now = ui.person(), st.session_state, session.studio().engine, context.now()
    try:
        if state["password-new"] != state["password-again"]:
            raise StudioError("The two new passwords differ.", "Type the same one twice.")
        if sign_in.begin_try(engine, me, now):
            raise StudioError("There were too many tries.", "Wait a minute, then try again.")
        people.change_password(
            engine,
            me,
            state["password-old"],
            state["password-new"],
            now=now,
            keep=this_browser(engine, now),
        )
        sign_in.forget_tries(engine, me)
    except StudioError as error:
        state["people-wrong"] = error
    else:
        state["people-said"] = (
            "Your password is changed; your other sessions and your tokens have ended."
        )
        for name in FIELDS:
            state[f"password-{name}"] = ""
